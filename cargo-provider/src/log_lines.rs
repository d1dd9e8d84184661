//! What a provider says, one line each, beside the results.

use std::fmt::Write as _;

use provider_host::LogLevel;
use provider_testkit::LogLine;

use crate::{color::When, output::Output, output::one_line};

/// How much of an actor's public key is shown.
const ACTOR: usize = 9;

/// Up to which level records are shown when `-v` was given so often.
pub(crate) fn level(verbose: u8) -> LogLevel {
    match verbose {
        0 => LogLevel::Off,
        1 => LogLevel::Info,
        2 => LogLevel::Debug,
        _ => LogLevel::Trace,
    }
}

/// Shows a record.
pub(crate) fn show(line: &LogLine, output: &mut Output) {
    let color = When::Auto.wanted(output.messages_to_terminal());
    output.beside(&told(line, color));
}

fn told(line: &LogLine, color: bool) -> String {
    let LogLine { at_ms, level, target, message, actor, fields, .. } = line;
    let paint = |code: &str, text: &str| {
        if color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    };
    let code = match level.as_str() {
        "error" => "1;31",
        "warn" => "33",
        "info" => "32",
        _ => "2",
    };
    let time = format!("{:>4}.{:03}s", at_ms / 1000, at_ms % 1000);
    let mut said = format!(" {}", one_line(target));
    // Writing to a string does not fail, here and below.
    if let Some(actor) = actor {
        let _ = write!(said, " {}", one_line(&short(actor)));
    }
    let _ = write!(said, ": {}", one_line(message));
    let mut more = String::new();
    for (key, value) in fields {
        let _ = write!(more, " {}={}", one_line(key), one_line(value));
    }
    let level = paint(code, &format!("{level:<5}"));
    let more = if more.is_empty() { more } else { paint("2", &more) };
    format!("{} {level}{said}{more}\n", paint("2", &time))
}

fn short(actor: &str) -> String {
    let mut shown: String = actor.chars().take(ACTOR).collect();
    if shown.len() < actor.len() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_one_line_without_control_characters_but_its_colours() {
        let line = LogLine {
            at_ms: 12_034,
            level: "warn".into(),
            target: "db::pool".into(),
            message: "slow\n\x1b[31m".into(),
            actor: Some("MTESTACTORTEST".into()),
            op: Some("Get".into()),
            fields: vec![("ms".into(), "70\n".into())],
        };
        assert_eq!(
            told(&line, false),
            "  12.034s warn  db::pool MTESTACTO…: slow\\n\\u{1b}[31m ms=70\\n\n"
        );
        let painted = told(&line, true);
        assert!(painted.contains("\x1b[33mwarn \x1b[0m db::pool"), "{painted}");
        assert_eq!(painted.lines().count(), 1);
    }
}
