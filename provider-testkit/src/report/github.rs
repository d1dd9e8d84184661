//! For GitHub's runners: annotations, and a summary of the job.

use std::fmt::Write as _;

use super::{
    Document,
    standing::{Standing, said, word},
    text::{many_lines, one_line, seconds},
};
use crate::{CheckReport, Location, payload::shortened};

/// How many annotations of a kind a runner shows of one step.
const MOST: usize = 10;
/// How many rows the summary's table has.
const ROWS: usize = 500;
/// How much of a text a cell of the table shows, in bytes.
const CELL: usize = 300;

/// A command of the runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Error,
    Warning,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }

    /// What fails the run is an error, what is only told a warning.
    fn of(check: &CheckReport) -> Option<Self> {
        match Standing::of(check) {
            Standing::Red | Standing::Error => Some(Self::Error),
            Standing::Told => Some(Self::Warning),
            _ => None,
        }
    }
}

/// The run, or the refusal, as annotations: a line for each check that failed, at most ten of a kind,
/// the last of which counts those that are left out.
///
/// `place` finds the file of a panic, as the compiler names it, in the folder that the runner knows.
#[must_use]
pub fn annotations<'a>(
    document: impl Into<Document<'a>>,
    place: impl Fn(&str) -> Option<String>,
) -> String {
    let document = document.into();
    let mut text = String::new();
    for kind in [Kind::Error, Kind::Warning] {
        let checks: Vec<&CheckReport> =
            document.checks().iter().filter(|check| Kind::of(check) == Some(kind)).collect();
        let shown = if checks.len() > MOST { MOST - 1 } else { checks.len() };
        let (shown, rest) = checks.split_at(shown);
        for check in shown {
            annotation(&mut text, kind, check, &place);
        }
        if !rest.is_empty() {
            let ids: Vec<&str> = rest.iter().map(|check| check.id.as_str()).collect();
            let message = format!("and {} more: {}", rest.len(), ids.join(", "));
            command(&mut text, kind, &[("title", "more checks")], &message);
        }
    }
    text
}

fn annotation(
    text: &mut String,
    kind: Kind,
    check: &CheckReport,
    place: &impl Fn(&str) -> Option<String>,
) {
    let mut properties = Vec::new();
    let known = places(check).find_map(|location| Some((location, place(&location.file)?)));
    if let Some((location, file)) = known {
        properties.extend([("file", file), ("line", location.line.to_string())]);
        if location.col > 0 {
            properties.push(("col", location.col.to_string()));
        }
    }
    properties.push(("title", check.id.clone()));
    let properties: Vec<(&str, &str)> =
        properties.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut message = format!("{} [{}] {}", word(check), check.level, said(check));
    if let Some(likely) = &check.likely {
        let _ = write!(message, "\nlikely: {likely}");
    }
    if !check.again.is_empty() {
        let _ = write!(message, "\nagain: {}", check.again);
    }
    command(text, kind, &properties, &message);
}

/// Where it went wrong, the best guess first: the panic, the crash and what called it, the threads of
/// one that hangs.
fn places(check: &CheckReport) -> impl Iterator<Item = &Location> {
    let panic = check.panic.iter().map(|panic| &panic.location);
    let crash = check.crash.iter().flat_map(|crash| crash.place.iter().chain(&crash.callers));
    let threads = check.threads.iter().filter_map(|thread| thread.place.as_ref());
    panic.chain(crash.chain(threads).filter_map(|place| place.location.as_ref()))
}

/// Appends a command of the runner.
fn command(text: &mut String, kind: Kind, properties: &[(&str, &str)], message: &str) {
    let properties: Vec<String> = properties
        .iter()
        .map(|(name, value)| format!("{name}={}", property(&one_line(value))))
        .collect();
    // Writing to a string does not fail.
    let _ = writeln!(
        text,
        "::{} {}::{}",
        kind.name(),
        properties.join(","),
        data(&many_lines(&shortened(message, 4000)))
    );
}

/// What follows a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// The summary of the job: Markdown with a table, what failed first.
#[must_use]
pub fn summary<'a>(document: impl Into<Document<'a>>) -> String {
    let document = document.into();
    let mut text = format!("### {}\n\n", cell(&document.name()));
    let _ = write!(text, "{}\n\n", cell(&document.summary()));
    if let Some(identity) = document.identity() {
        let _ = write!(
            text,
            "{}, ABI {}.{}, `{}`\n\n",
            cell(&identity.contract),
            identity.abi.0,
            identity.abi.1,
            identity.sha256
        );
    }
    text.push_str("| | check | level | seconds | |\n|---|---|---|---:|---|\n");
    let mut checks: Vec<&CheckReport> = document.checks().iter().collect();
    checks.sort_by_key(|check| Standing::of(check));
    for check in checks.iter().take(ROWS) {
        let _ = writeln!(
            text,
            "| {} {} | {} | {} | {} | {} |",
            sign(check),
            word(check),
            cell(&check.id),
            check.level,
            seconds(check.duration_ms),
            cell(&said(check))
        );
    }
    if let Some(more) = checks.len().checked_sub(ROWS + 1) {
        let _ = writeln!(text, "\nand {} more", more + 1);
    }
    text.push('\n');
    text
}

fn sign(check: &CheckReport) -> char {
    match Standing::of(check) {
        Standing::Red | Standing::Error => '\u{274c}',
        Standing::Told | Standing::Known => '\u{26a0}',
        Standing::Pass => '\u{2705}',
        Standing::Blocked | Standing::Skipped => '\u{23ed}',
    }
}

/// The text in one line in which nothing is Markdown, HTML or the end of a cell.
fn cell(text: &str) -> String {
    let mut cell = String::new();
    for c in one_line(&shortened(text, CELL)).chars() {
        match c {
            '&' => cell.push_str("&amp;"),
            '<' => cell.push_str("&lt;"),
            '>' => cell.push_str("&gt;"),
            // An address or a name would become a link.
            '@' => cell.push_str("&#64;"),
            ':' => cell.push_str("&#58;"),
            c if c.is_ascii_punctuation() && !"/.,-()".contains(c) => {
                cell.push('\\');
                cell.push(c);
            }
            c => cell.push(c),
        }
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Crash, Level, Place, Run, Verdict,
        report::examples::{HOSTILE, hostile, refusal, report, run},
    };

    #[test]
    fn a_run_as_annotations() {
        insta::assert_snapshot!(annotations(&run(), |file| Some(format!("my provider/{file}"))));
    }

    #[test]
    fn a_run_as_the_summary_of_a_job() {
        insta::assert_snapshot!(summary(&run()));
        assert!(summary(&refusal()).contains("abi&#58;&#58;format"));
    }

    #[test]
    fn a_crash_is_told_at_the_place_that_the_runner_knows() {
        let place = |file: &str| Place {
            module: "libx.so".into(),
            offset: 0,
            function: None,
            location: Some(Location { file: file.into(), line: 7, col: 0 }),
        };
        let crash = Crash {
            signal: "SIGSEGV".into(),
            address: 0,
            pc: 0,
            place: Some(place("/rustc/core.rs")),
            unloaded: false,
            callers: vec![place("src/lib.rs")],
        };
        let check = CheckReport { crash: Some(crash), ..report("abi::format", Verdict::Fail, "x") };
        let ours = |file: &str| (file == "src/lib.rs").then(|| file.to_owned());
        let text = annotations(&Run { checks: vec![check], ..run() }, ours);
        assert!(text.starts_with("::error file=src/lib.rs,line=7,title="), "{text}");
    }

    #[test]
    fn a_place_that_is_nowhere_to_be_found_is_not_named() {
        let text = annotations(&run(), |_| None);
        assert!(!text.contains("file="), "{text}");
        assert!(text.contains("::error title=stop%3A%3Aclean::hang [must] `stop` did"), "{text}");
    }

    #[test]
    fn nothing_that_a_provider_says_is_a_command() {
        let text = annotations(&hostile(), |file| Some(file.to_owned()));
        let told = hostile().checks.iter().filter(|check| Standing::of(check).is_loud()).count();
        assert_eq!(text.lines().count(), told, "{text}");
        for line in text.lines() {
            assert!(
                line.starts_with("::error file=") || line.starts_with("::warning file="),
                "{line}"
            );
            let (properties, _) = line[2..].split_once("::").unwrap();
            assert_eq!(properties.matches(',').count(), 2, "{properties}");
            assert!(!line.contains(['\u{1b}', '\r', '\u{0}']), "{line:?}");
        }
    }

    #[test]
    fn nothing_that_a_provider_says_is_markdown() {
        let text = summary(&hostile());
        assert!(!text.contains("<script>") && !text.contains("\n::"), "{text}");
        let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| ")).collect();
        assert_eq!(rows.len(), hostile().checks.len() + 1);
        for row in rows {
            assert_eq!(row.replace("\\|", "").matches('|').count(), 6, "{row}");
        }
        assert!(!cell(HOSTILE).contains(['\n', '<']));
    }

    #[test]
    fn of_many_failures_ten_are_lines_and_the_last_one_counts_the_rest() {
        let with = |level| CheckReport { level, ..report("abi::format", Verdict::Fail, "x") };
        let checks = [vec![with(Level::Must); 25], vec![with(Level::Perf); 10]].concat();
        let text = annotations(&Run { checks, ..run() }, |_| None);
        let of = |kind: &str| text.lines().filter(|line| line.starts_with(kind)).count();
        assert_eq!((of("::error "), of("::warning ")), (10, 10));
        assert!(text.contains("::error title=more checks::and 16 more: abi::format, "), "{text}");
    }
}
