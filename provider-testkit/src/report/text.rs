//! Text that came from a provider, made fit to be shown.

use crate::CheckReport;

/// Whether a terminal might obey `c` instead of showing it: C0 and C1 controls, and the marks that
/// reorder text; and what XML has no form for.
#[must_use]
pub fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{fffe}' | '\u{ffff}')
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text in one line, with escapes for what is none to be shown.
pub(super) fn one_line(text: &str) -> String {
    escaped(text, is_control)
}

/// The text in as many lines as it has, with escapes for what is none to be shown.
pub(super) fn many_lines(text: &str) -> String {
    escaped(text, |c| is_control(c) && !matches!(c, '\n' | '\t'))
}

fn escaped(text: &str, needs_escape: impl Fn(char) -> bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if needs_escape(c) {
            escaped.extend(c.escape_default());
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// So many things, in words: `1 check`, `2 checks`.
pub(super) fn counted(count: usize, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}

/// Seconds, with one digit behind the point.
pub(super) fn seconds(milliseconds: u64) -> String {
    format!("{:.1}", std::time::Duration::from_millis(milliseconds).as_secs_f64())
}
/// What was measured, in a line.
pub(super) fn figures(report: &CheckReport) -> String {
    let figures: Vec<String> = report.metrics.iter().map(ToString::to_string).collect();
    figures.join(", ")
}
