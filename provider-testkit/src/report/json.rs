//! For programs.

use crate::Run;

/// The run as one JSON document, ending with a newline.
#[must_use]
pub fn json(run: &Run) -> String {
    let mut text = serde_json::to_string_pretty(run).unwrap_or_default();
    text.push('\n');
    text
}
