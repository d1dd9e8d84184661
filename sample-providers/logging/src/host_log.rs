//! Records for the host's log.

use log::{Record, kv::ToValue};
use provider_contracts::logging::Level;
use provider_core::abi::log_limit;

use crate::line::Line;

/// Tells the host's log. What is longer than a record may be goes there in several ones, whose fields
/// `part` and `parts` say how they belong together.
pub(crate) fn write(line: &Line<'_>) {
    let level = match line.level() {
        Level::Error => log::Level::Error,
        Level::Warn => log::Level::Warn,
        Level::Info => log::Level::Info,
        Level::Debug => log::Level::Debug,
        Level::Trace => log::Level::Trace,
    };
    if level > log::max_level() {
        return;
    }
    let actor = line.actor.unwrap_or_default();
    let parts = parts(line.text, log_limit::MESSAGE);
    let count = parts.len();
    for (index, text) in parts.into_iter().enumerate() {
        let part = index + 1;
        let fields =
            [("actor", actor.to_value()), ("part", part.to_value()), ("parts", count.to_value())];
        let fields = if count == 1 { &fields[..1] } else { &fields };
        log::logger().log(
            &Record::builder()
                .level(level)
                .target(line.target)
                .args(format_args!("{text}"))
                .key_values(&fields)
                .build(),
        );
    }
}

/// A text in parts of at most `limit` bytes, none of which begins in the middle of a character.
fn parts(text: &str, limit: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while rest.len() > limit {
        let (part, more) = rest.split_at(rest.floor_char_boundary(limit));
        parts.push(part);
        rest = more;
    }
    parts.push(rest);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_short_and_make_the_text_again() {
        assert_eq!(parts("", 4), [""]);
        assert_eq!(parts("abcd", 4), ["abcd"]);
        assert_eq!(parts("abc\u{fc}\u{fc}de", 4), ["abc", "\u{fc}\u{fc}", "de"]);
    }
}
