//! One check that did not pass, for people: a screen at most.

use std::fmt::Write as _;

use super::{
    standing::{Standing, word},
    style::{Style, Tone, broken},
    text::{counted, figures, one_line},
};
use crate::{CheckReport, Crash, Step, payload::shortened};

/// How many calls before the one in question are shown.
const EARLIER: usize = 3;
/// How many lines of standard error are shown.
const STDERR: usize = 5;
/// How many callers of what crashed are shown.
const CALLERS: usize = 3;
/// How many threads are shown.
const THREADS: usize = 3;
/// How many notes are shown.
const NOTES: usize = 3;
/// How many records are shown.
const LOG: usize = 5;
/// How much of a line of standard error is shown, in bytes.
const LINE: usize = 300;
/// How much of a sentence is shown, and of a call, in bytes.
const SENTENCE: usize = 500;
/// How much of an earlier call is shown, and of what came of it.
const EARLIER_CALL: usize = 120;
const CALL: usize = 400;

/// One check that did not pass, at length.
#[must_use]
pub fn failure(report: &CheckReport, style: Style) -> String {
    let mut text = String::new();
    let standing = Standing::of(report);
    let word = if standing == Standing::Known { report.verdict.word() } else { word(report) };
    let word = style.paint(standing.tone(), &word.to_uppercase());
    let id = style.paint(Tone::Strong, &one_line(&report.id));
    // Writing to a string does not fail, here and below.
    let _ = writeln!(text, "{word} {id}  [{}]  {}", report.level, report.title);
    let mut say = |label: &str, said: &str| {
        if !said.is_empty() {
            broken(&mut text, label, &one_line(&shortened(said, SENTENCE)), style.width);
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
    for (index, call) in report.sequence.iter().enumerate() {
        say(if index == 0 { "  calls:  " } else { "          " }, call);
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
    if let Some(crash) = &report.crash {
        crashed(&mut say, crash);
    }
    threads(&mut say, report);
    say("  figures: ", &figures(report));
    for note in report.notes.iter().take(NOTES) {
        say("  note:   ", note);
    }
    if let Some(more) = report.notes.len().checked_sub(NOTES + 1) {
        say("  note:   ", &format!("and {} more", more + 1));
    }
    stderr(&mut text, &report.stderr_tail);
    if !report.again.is_empty() {
        // A command stays as it is: it is there to be copied.
        let _ = writeln!(text, "  again:  {}", one_line(&report.again));
        let _ = writeln!(text, "  more:   cargo provider explain {}", one_line(&report.id));
    }
    text
}

/// The call in question and those before it.
fn calls(say: &mut impl FnMut(&str, &str), report: &CheckReport) {
    let Some((last, earlier)) = report.steps.split_last() else {
        return;
    };
    // A whole sequence says more than the last calls of it.
    let shown = if report.sequence.len() > 1 { 0 } else { EARLIER };
    for step in &earlier[earlier.len().saturating_sub(shown)..] {
        let outcome = step.outcome.as_deref().unwrap_or("did not return");
        let call = shortened(&called(step), EARLIER_CALL);
        say("  before: ", &format!("{call} = {}", shortened(outcome, EARLIER_CALL)));
    }
    for line in &report.log[report.log.len().saturating_sub(LOG)..] {
        say("  log:    ", &line.to_string());
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
    format!("{}({})", step.call, shortened(&step.args, CALL))
}

/// Where the processor stopped.
fn crashed(say: &mut impl FnMut(&str, &str), crash: &Crash) {
    let place = match &crash.place {
        Some(place) => place.to_string(),
        None if crash.unloaded => {
            format!("{:#x}, where the library was before it was unloaded", crash.pc)
        }
        None => format!("{:#x}, where no code is", crash.pc),
    };
    say("  at:     ", &place);
    for caller in crash.callers.iter().take(CALLERS) {
        say("  from:   ", &caller.to_string());
    }
}

/// What the first threads do, and how many more there are.
fn threads(say: &mut impl FnMut(&str, &str), report: &CheckReport) {
    for thread in report.threads.iter().take(THREADS) {
        let place = match (thread.syscall.as_str(), thread.wchan.as_str()) {
            ("", wchan) => wchan.to_owned(),
            (syscall, "") => syscall.to_owned(),
            (syscall, wchan) => format!("{syscall} ({wchan})"),
        };
        let state = format!("{:<15} {}  {place}", thread.comm, thread.state);
        match &thread.place {
            Some(at) => say("  thread: ", &format!("{} at {at}", state.trim_end())),
            None => say("  thread: ", &state),
        }
    }
    if let Some(more) = report.threads.len().checked_sub(THREADS + 1) {
        say("  thread: ", &format!("and {} more", more + 1));
    }
}

/// Lines of standard error, as they are: from the panic on if there is one, else the last ones.
fn stderr(text: &mut String, tail: &str) {
    let lines: Vec<&str> = tail.lines().collect();
    let panicked = lines.iter().position(|line| line.contains("panicked at"));
    let first = panicked.unwrap_or(lines.len()).min(lines.len().saturating_sub(STDERR));
    let (before, rest) = lines.split_at(first);
    let (shown, after) = rest.split_at(rest.len().min(STDERR));
    let before = gap(before, "before");
    let after = gap(after, "more");
    let shown = shown.iter().map(|line| shortened(line, LINE));
    for (index, line) in before.into_iter().chain(shown).chain(after).enumerate() {
        let label = if index == 0 { "  stderr: " } else { "          " };
        // Writing to a string does not fail.
        let _ = writeln!(text, "{label}{}", one_line(&line));
    }
}

/// How many lines are left out, if any.
fn gap(lines: &[&str], place: &str) -> Option<String> {
    (!lines.is_empty()).then(|| format!(".. {} {place}", counted(lines.len(), "line")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::examples::{failed, hung};

    const WIDE: Style = Style { color: false, width: 100 };

    #[test]
    fn of_standard_error_the_lines_of_the_panic_are_shown() {
        let tail = |lines: &[&str]| {
            let report = CheckReport { stderr_tail: lines.join("\n"), ..failed() };
            let text = failure(&report, WIDE);
            let (_, text) = text.split_once("  stderr: ").unwrap();
            let (text, _) = text.split_once("  again:").unwrap();
            text.lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>()
        };
        let panic = ["a", "b", "thread 'x' panicked at y", "boom", "0: f", "1: g", "2: h", "3: i"];
        let shown =
            [".. 2 lines before", panic[2], "boom", "0: f", "1: g", "2: h", ".. 1 line more"];
        assert_eq!(tail(&panic), shown);
        assert_eq!(tail(&["1", "2", "3", "4", "5", "6"])[..2], [".. 1 line before", "2"]);
        assert_eq!(tail(&["1", "2"]), ["1", "2"]);
    }

    #[test]
    fn a_failure_is_a_screen_at_most_however_much_there_is_to_tell() {
        let long = "word ".repeat(1000);
        let thread = hung().threads.remove(0);
        let report = CheckReport {
            threads: vec![thread; 40],
            notes: vec![long.clone(); 50],
            stderr_tail: "a line\n".repeat(30),
            summary: long.clone(),
            expected: Some(long.clone()),
            got: Some(long.clone()),
            likely: Some(long),
            ..failed()
        };
        let text = failure(&report, WIDE);
        assert!(text.lines().count() < 70, "{text}");
        assert!(text.contains("thread: and 37 more"), "{text}");
        assert!(text.contains("note:   and 47 more"), "{text}");
        assert!(text.contains("stderr: .. 25 lines before"), "{text}");
        let sequence = vec![String::from("1. one"), String::from("2. two")];
        let text = failure(&CheckReport { sequence, ..failed() }, WIDE);
        assert!(text.contains("  calls:  1. one\n          2. two\n"), "{text}");
        assert!(!text.contains("before: "), "{text}");
        assert!(failure(&failed(), WIDE).lines().count() <= 24);
    }
}
