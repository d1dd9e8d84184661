//! A run for people: what fails at length, the rest in a line each.

use std::fmt::Write as _;

use super::{
    failure::failure,
    standing::{Standing, said, word},
    style::{Style, Tone, broken},
    text::{counted, figures, one_line, seconds},
};
use crate::{CheckReport, Identity, Run};

/// The whole run: what fails at length, the rest in a line each, then the [`summary_line`].
#[must_use]
pub fn human(run: &Run, style: Style) -> String {
    let mut text = header(&run.identity, style);
    text.push('\n');
    let width = run.checks.iter().map(|check| check.id.len()).max();
    for check in &run.checks {
        if Standing::of(check).is_loud() {
            text.push_str(&failure(check, style));
            text.push('\n');
        } else {
            line(&mut text, check, width.unwrap_or(0).min(40), style);
        }
    }
    text.push('\n');
    text.push_str(&summary_line(run, style));
    text.push('\n');
    text
}

/// What was checked, in two lines.
fn header(identity: &Identity, style: Style) -> String {
    let name = one_line(&format!("{} {}", identity.name, identity.version));
    let path = one_line(&identity.path.to_string_lossy());
    let contract = one_line(&identity.contract);
    format!(
        "{}  {contract}, {}\n{}\n",
        style.paint(Tone::Strong, &name),
        counted(identity.ops.len(), "operation"),
        style.paint(
            Tone::Quiet,
            &format!(
                "{path}  {}  {} KiB  ABI {}.{}",
                &identity.sha256[..identity.sha256.len().min(12)],
                identity.size.div_ceil(1024),
                identity.abi.0,
                identity.abi.1
            )
        ),
    )
}

/// A check in a line.
fn line(text: &mut String, check: &CheckReport, width: usize, style: Style) {
    let said = style.paint(Tone::Quiet, &one_line(&said(check)));
    let word = style.paint(Standing::of(check).tone(), &format!("{:<7}", word(check)));
    // Writing to a string does not fail.
    let _ = writeln!(text, "{word}  {:<width$}  {said}", one_line(&check.id));
    if !check.metrics.is_empty() {
        broken(text, "         ", &one_line(&figures(check)), style.width);
    }
    for note in &check.notes {
        broken(text, "         note: ", &one_line(note), style.width);
    }
}

/// One line: how many checks ended in which way.
#[must_use]
pub fn summary_line(run: &Run, style: Style) -> String {
    let tally = run.tally();
    let mut parts = Vec::new();
    for (count, word) in [
        (tally.failed, "failed"),
        (tally.unexpected, "passed unexpectedly"),
        (tally.passed, "passed"),
        (tally.expected, "failed as expected"),
        (tally.errors, "not checked: the testkit went wrong"),
        (tally.blocked, "blocked"),
        (tally.skipped, "skipped"),
        (tally.left_out, "left out"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {word}"));
        }
    }
    let (tone, word) = match run.exit_code() {
        0 => (Tone::Good, "ok"),
        3 => (Tone::Middling, "nothing verified"),
        4 => (Tone::Bad, "testkit error"),
        _ => (Tone::Bad, "failed"),
    };
    format!(
        "{}: {}, {}, in {} s",
        style.paint(tone, word),
        counted(run.checks.len(), "check"),
        parts.join(", "),
        seconds(run.duration_ms)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Level, Verdict,
        report::examples::{HOSTILE, hostile, report, run},
    };

    const PLAIN: Style = Style { color: false, width: 90 };

    #[test]
    fn a_run_for_people() {
        insta::assert_snapshot!(human(&run(), PLAIN));
    }

    #[test]
    fn colours_are_used_only_when_they_are_wanted() {
        assert!(!human(&run(), PLAIN).contains('\u{1b}'));
        let colored = human(&run(), Style { color: true, ..PLAIN });
        assert!(colored.contains("\u{1b}[1;31mFAIL\u{1b}[0m"));
    }

    #[test]
    fn nothing_that_a_provider_says_is_obeyed_by_a_terminal() {
        assert!(HOSTILE.contains(super::super::text::is_control));
        let text = human(&hostile(), PLAIN);
        let control = |c: char| c != '\n' && super::super::text::is_control(c);
        assert!(!text.contains(control), "{text:?}");
        // What it says in several lines never begins one.
        assert!(text.lines().all(|line| !line.starts_with("::")), "{text}");
    }

    #[test]
    fn exit_codes_tell_what_came_of_it() {
        let code = |verdicts: Vec<Verdict>| {
            let checks = verdicts.into_iter().map(|verdict| report("abi::format", verdict, ""));
            Run { checks: checks.collect(), ..run() }.exit_code()
        };
        let skipped = || Verdict::Skipped { reason: String::new() };
        assert_eq!(code(vec![Verdict::Pass, skipped()]), 0);
        assert_eq!(code(vec![Verdict::Pass, Verdict::Fail, Verdict::Error]), 1);
        assert_eq!(code(vec![Verdict::Pass, Verdict::Exit { code: 0 }]), 1);
        assert_eq!(code(vec![skipped()]), 3);
        assert_eq!(code(vec![]), 3);
        assert_eq!(code(vec![Verdict::Pass, Verdict::Error]), 4);
        let slow = CheckReport { level: Level::Perf, ..report("abi::format", Verdict::Fail, "") };
        let passed = report("abi::exports", Verdict::Pass, "");
        assert_eq!(Run { checks: vec![slow, passed], ..run() }.exit_code(), 0);
    }
}
