//! For people.

use std::{fmt::Write as _, time::Duration};

use crate::{Agreement, CheckReport, Identity, Run, Step, Verdict, payload::shortened};

/// How many calls before the one in question are shown.
const EARLIER: usize = 3;
/// How much of a line of standard error is shown, in bytes.
const LONG: usize = 300;
/// The narrowest that lines are broken.
const NARROW: usize = 40;

/// How a report looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether to use colours.
    pub color: bool,
    /// Where long lines break, in columns.
    pub width: usize,
}

/// What a colour stands for.
#[derive(Clone, Copy)]
enum Tone {
    Good,
    Bad,
    Middling,
    Quiet,
    Strong,
}

impl Style {
    fn paint(self, tone: Tone, text: &str) -> String {
        if !self.color {
            return text.to_owned();
        }
        let code = match tone {
            Tone::Good => "32",
            Tone::Bad => "1;31",
            Tone::Middling => "33",
            Tone::Quiet => "2",
            Tone::Strong => "1",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

/// The whole run: what fails at length, the rest in a line each, then the [`summary_line`].
#[must_use]
pub fn human(run: &Run, style: Style) -> String {
    let mut text = header(&run.identity, style);
    text.push('\n');
    let width = run.checks.iter().map(|check| check.id.len()).max();
    for check in &run.checks {
        let broken = check.verdict.is_failure() && !check.failed_as_expected();
        if broken || check.is_red() || check.verdict == Verdict::Error {
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
    let ops = identity.ops.len();
    let plural = if ops == 1 { "" } else { "s" };
    let name = clean(&format!("{} {}", identity.name, identity.version));
    let path = clean(&identity.path.to_string_lossy());
    let contract = clean(&identity.contract);
    format!(
        "{}  {contract}, {ops} operation{plural}\n{}\n",
        style.paint(Tone::Strong, &name),
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
    let (tone, word) = match &check.verdict {
        Verdict::Pass => (Tone::Good, "pass"),
        Verdict::Blocked { .. } => (Tone::Middling, "blocked"),
        Verdict::Skipped { .. } => (Tone::Quiet, "skipped"),
        _ => (Tone::Middling, "known"),
    };
    let expected = check.expectation.as_ref().map(ToString::to_string);
    let said = match &expected {
        Some(expected) => expected,
        None if check.summary.is_empty() => &check.title,
        None => &check.summary,
    };
    let said = style.paint(Tone::Quiet, &clean(said));
    let word = style.paint(tone, &format!("{word:<7}"));
    // Writing to a string does not fail, here and below.
    let _ = writeln!(text, "{word}  {:<width$}  {said}", clean(&check.id));
    for note in &check.notes {
        broken(text, "         note: ", &clean(note), style.width);
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
    let seconds = Duration::from_millis(run.duration_ms).as_secs_f64();
    format!(
        "{}: {} check{}, {}, in {seconds:.1} s",
        style.paint(tone, word),
        run.checks.len(),
        if run.checks.len() == 1 { "" } else { "s" },
        parts.join(", ")
    )
}

/// One check that did not pass, at length.
#[must_use]
pub fn failure(report: &CheckReport, style: Style) -> String {
    let mut text = String::new();
    let word = match report.agreement() {
        Some(Agreement::UnexpectedPass) => String::from("UNEXPECTED PASS"),
        _ => report.verdict.word().to_uppercase(),
    };
    let word = style.paint(if report.is_red() { Tone::Bad } else { Tone::Middling }, &word);
    let id = style.paint(Tone::Strong, &clean(&report.id));
    let _ = writeln!(text, "{word} {id}  [{}]  {}", report.level, report.title);
    let mut say = |label: &str, said: &str| {
        if !said.is_empty() {
            broken(&mut text, label, &clean(said), style.width);
        }
    };
    say("  ", &report.summary);
    if let Some(expected) = &report.expectation {
        say("  ", &expected.to_string());
    }
    if let Some(denied) = report.denied {
        say("  ", denied.sentence());
    }
    if !report.rule.is_empty() {
        say("  rule:   ", &format!("\"{}\"", report.rule));
    }
    calls(&mut say, report);
    for (label, said) in [
        ("        expected ", &report.expected),
        ("        got      ", &report.got),
        ("  likely: ", &report.likely),
    ] {
        say(label, said.as_deref().unwrap_or_default());
    }
    if let Some(panic) = &report.panic {
        let place = &panic.location;
        let place = format!("{}:{}:{}", place.file, place.line, place.col);
        say("  panic:  ", &format!("{place} {}", panic.message));
    }
    for thread in &report.threads {
        let place = match (thread.syscall.as_str(), thread.wchan.as_str()) {
            ("", wchan) => wchan.to_owned(),
            (syscall, "") => syscall.to_owned(),
            (syscall, wchan) => format!("{syscall} ({wchan})"),
        };
        say("  thread: ", &format!("{:<15} {}  {place}", thread.comm, thread.state));
    }
    for note in &report.notes {
        say("  note:   ", note);
    }
    // Lines of others stay as they are, and commands: they are there to be copied.
    for (index, line) in report.stderr_tail.lines().enumerate() {
        let label = if index == 0 { "  stderr: " } else { "          " };
        let _ = writeln!(text, "{label}{}", shortened(&clean(line), LONG));
    }
    if !report.again.is_empty() {
        let _ = writeln!(text, "  again:  {}", clean(&report.again));
        let _ = writeln!(text, "  more:   cargo provider explain {}", clean(&report.id));
    }
    text
}

/// The call in question and those before it.
fn calls(say: &mut impl FnMut(&str, &str), report: &CheckReport) {
    let Some((last, earlier)) = report.steps.split_last() else {
        return;
    };
    for step in &earlier[earlier.len().saturating_sub(EARLIER)..] {
        let outcome = step.outcome.as_deref().unwrap_or("did not return");
        say("  before: ", &format!("{} = {outcome}", called(step)));
    }
    let number = match last.nth {
        Some((nth, total)) => format!("call {nth} of {total}"),
        None => format!("call {}", last.seq),
    };
    say(&format!("  {number}  "), &called(last));
    match &last.outcome {
        None => say("        got      ", "no return"),
        Some(outcome) if report.got.is_none() => say("        got      ", outcome),
        Some(_) => {}
    }
}

fn called(step: &Step) -> String {
    format!("{}({})", step.call, step.args)
}

/// Appends `said` behind `label`, broken at words where a line would be too long.
fn broken(text: &mut String, label: &str, said: &str, width: usize) {
    let indent = label.chars().count().min(17);
    let width = width.max(NARROW);
    let mut column = label.chars().count();
    text.push_str(label);
    for (index, word) in said.split_whitespace().enumerate() {
        let length = word.chars().count();
        if index > 0 && column + 1 + length > width {
            text.push('\n');
            text.push_str(&" ".repeat(indent));
            column = indent;
        } else if index > 0 {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += length;
    }
    text.push('\n');
}

/// What came from a provider, without what a terminal would obey.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Hang, Level, Location, Panic, ThreadState, check, classify::Subject, kit};

    const PLAIN: Style = Style { color: false, width: 90 };

    fn report(id: &str, verdict: Verdict, summary: &str) -> CheckReport {
        let (check, _) = check::split(id).unwrap();
        Subject::of(check, id, format!("cargo provider check x.so {id}")).report(verdict, summary)
    }

    fn step(seq: u32, call: &str, args: &str, outcome: Option<&str>) -> Step {
        Step {
            seq,
            call: call.into(),
            args: args.into(),
            nth: None,
            outcome: outcome.map(str::to_owned),
        }
    }

    fn failed() -> CheckReport {
        let args = r#""system", "BindActor", {"module":"MTESTKITA…","values":{"PORT":"***"}}"#;
        let taken = "Err(failed: \"Address already in use (os error 98)\")";
        let mut last = step(5, "handle_call", args, Some(taken));
        last.nth = Some((2, 10));
        CheckReport {
            steps: vec![
                step(3, "configure_dispatch", "", Some("Ok")),
                step(4, "handle_call", args, Some("Ok(no bytes)")),
                last,
            ],
            calls: 5,
            expected: Some("Ok, without bytes".into()),
            got: Some(taken.into()),
            likely: Some("the link is opened again without looking up the actor first".into()),
            stderr_tail: "a line\nand \u{1b}[31manother".into(),
            ..report(
                "links::bind-idempotent",
                Verdict::Fail,
                "`BindActor` failed: Address already in use (os error 98)",
            )
        }
    }

    fn hung() -> CheckReport {
        CheckReport {
            steps: vec![step(9, "stop", "", None)],
            threads: vec![ThreadState {
                comm: "worker".into(),
                state: "S (sleeping)".into(),
                wchan: "futex_wait_queue".into(),
                syscall: "futex".into(),
            }],
            panic: Some(Panic {
                location: Location { file: "src/lib.rs".into(), line: 41, col: 5 },
                thread: "worker".into(),
                message: "boom".into(),
            }),
            ..report(
                "stop::clean",
                Verdict::Hang { hang: Hang::Deadlock },
                "`stop` did not return within 10 s: all of its threads sleep, the first one in `futex`",
            )
        }
    }

    fn run() -> Run {
        let noted = CheckReport {
            notes: vec!["made by a compiler whose name is so long that it does not fit into a line of ninety columns".into()],
            ..report("abi::toolchain", Verdict::Pass, "")
        };
        Run {
            schema_version: crate::SCHEMA_VERSION,
            kit_version: "0.0.0".into(),
            identity: kit::tests::identity(Vec::new()),
            host: "linux x86_64".into(),
            duration_ms: 1234,
            checks: vec![
                report("abi::format", Verdict::Pass, ""),
                noted,
                failed(),
                report(
                    "links::isolation",
                    Verdict::Blocked { by: "links::remove".into() },
                    "not checked, because `links::remove` fails",
                ),
                report(
                    "ops::sample::Get",
                    Verdict::Skipped { reason: "no request is known".into() },
                    "no request is known",
                ),
                hung(),
                report("stop::exit", Verdict::Error, "a process cannot be started"),
            ],
        }
    }

    #[test]
    fn a_run_for_people() {
        insta::assert_snapshot!(human(&run(), PLAIN));
    }

    #[test]
    fn a_run_for_programs() {
        insta::assert_snapshot!(crate::report::json(&run()));
    }

    #[test]
    fn colours_are_used_only_when_they_are_wanted() {
        assert!(!human(&run(), PLAIN).contains('\u{1b}'));
        let colored = human(&run(), Style { color: true, ..PLAIN });
        assert!(colored.contains("\u{1b}[1;31mFAIL\u{1b}[0m"));
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
