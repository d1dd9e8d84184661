//! Where a check stands in a report: what a reader looks at first.

use super::style::Tone;
use crate::{Agreement, CheckReport, Verdict};

/// Where a check stands in a report, what matters most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// It fails the run.
    Red,
    /// The testkit went wrong.
    Error,
    /// Its rule is broken, which is told and fails nothing.
    Told,
    /// Its rule is broken, as expected.
    Known,
    Blocked,
    Pass,
    Skipped,
}

impl Standing {
    pub(super) fn of(check: &CheckReport) -> Self {
        match &check.verdict {
            _ if check.is_red() => Self::Red,
            Verdict::Error => Self::Error,
            Verdict::Blocked { .. } => Self::Blocked,
            Verdict::Skipped { .. } => Self::Skipped,
            Verdict::Pass => Self::Pass,
            _ if check.failed_as_expected() => Self::Known,
            _ => Self::Told,
        }
    }

    /// Whether it is told at length.
    pub(super) fn is_loud(self) -> bool {
        matches!(self, Self::Red | Self::Error | Self::Told)
    }

    pub(super) fn tone(self) -> Tone {
        match self {
            Self::Red | Self::Error => Tone::Bad,
            Self::Told | Self::Known | Self::Blocked => Tone::Middling,
            Self::Pass => Tone::Good,
            Self::Skipped => Tone::Quiet,
        }
    }
}

/// How it ended, in a word or two.
pub(super) fn word(check: &CheckReport) -> &'static str {
    match (Standing::of(check), check.agreement()) {
        (_, Some(Agreement::UnexpectedPass)) => "unexpected pass",
        (Standing::Known, _) => "known",
        _ => check.verdict.word(),
    }
}

/// Why it stands there, in a sentence: what was expected, what happened, or what it is about.
pub(super) fn said(check: &CheckReport) -> String {
    if let Some(denied) = check.denied {
        let summary = if check.summary.is_empty() { &check.title } else { &check.summary };
        return format!("{} ({summary})", denied.sentence());
    }
    match &check.expectation {
        Some(expected) if check.summary.is_empty() => expected.to_string(),
        Some(expected) if Standing::of(check) == Standing::Red => {
            format!("{} ({expected})", check.summary)
        }
        Some(expected) => expected.to_string(),
        None if check.summary.is_empty() => check.title.clone(),
        None => check.summary.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::examples::run;

    #[test]
    fn a_failure_that_was_expected_is_quiet_and_a_pass_that_was_not_is_red() {
        let run = run();
        let of = |id| {
            let check = run.checks.iter().find(|check| check.id == id).unwrap();
            (Standing::of(check), word(check), said(check))
        };
        let known = String::from("expected to fail: known since May (#12)");
        assert_eq!(of("health::response"), (Standing::Known, "known", known));
        let (standing, word, said) = of("health::initially-true");
        assert_eq!((standing, word), (Standing::Red, "unexpected pass"));
        assert!(said.starts_with("unexpected pass: remove the `[[expect]]`"), "{said}");
        assert_eq!(of("create::ok").0, Standing::Told);
    }
}
