//! For programs: one document, or a line for each thing that happens.

use serde::Serialize;

use super::{Document, Refusal};
use crate::{CheckReport, Identity, Run, SCHEMA_VERSION, Tally, kit};

/// What all checks found, with what follows from it.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Report"))]
pub(super) struct Whole<'a> {
    #[serde(flatten)]
    run: &'a Run,
    /// How many checks ended in which way.
    tally: Tally,
    /// The exit code of the program that made this run: 0 all is well, 1 a rule is broken, 3 nothing
    /// was verified, 4 the testkit went wrong.
    exit_code: u8,
}

/// The run, or the refusal, as one JSON document that ends with a newline.
#[must_use]
pub fn json<'a>(document: impl Into<Document<'a>>) -> String {
    let text = match document.into() {
        Document::Run(run) => serde_json::to_string_pretty(&Whole {
            run,
            tally: run.tally(),
            exit_code: run.exit_code(),
        }),
        Document::Refusal(refusal) => serde_json::to_string_pretty(refusal),
    };
    let mut text = text.unwrap_or_default();
    text.push('\n');
    text
}

/// One thing that happens during a run: one JSON document a line.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event<'a> {
    /// The first line: the checks are about to begin.
    RunStarted {
        /// The version of this shape, [`SCHEMA_VERSION`].
        schema_version: u32,
        /// The version of the testkit.
        kit_version: &'a str,
        /// The operating system and the architecture of this machine.
        host: String,
        /// The provider that is checked.
        identity: &'a Identity,
        /// The checks that were selected.
        checks: &'a [String],
    },
    /// A check begins. Several run at the same time.
    CheckStarted {
        /// Its id.
        id: &'a str,
    },
    /// A check ended. One that nobody selected ends without a beginning when it fails and others are
    /// blocked by it.
    CheckFinished {
        /// All of what it found.
        check: &'a CheckReport,
    },
    /// The last line.
    RunFinished {
        /// How many checks ended in which way.
        tally: Tally,
        /// The exit code of the program.
        exit_code: u8,
        /// How long it took.
        duration_ms: u64,
    },
    /// The only line when the file is none that can be checked.
    Unusable {
        /// Why.
        #[serde(flatten)]
        refusal: &'a Refusal,
    },
}

impl<'a> Event<'a> {
    /// The checks `checks` of the provider `identity` are about to begin.
    #[must_use]
    pub fn run_started(identity: &'a Identity, checks: &'a [String]) -> Self {
        Self::RunStarted {
            schema_version: SCHEMA_VERSION,
            kit_version: env!("CARGO_PKG_VERSION"),
            host: kit::host(),
            identity,
            checks,
        }
    }

    /// The last line of `document`.
    #[must_use]
    pub fn last(document: impl Into<Document<'a>>) -> Self {
        match document.into() {
            Document::Run(run) => Self::RunFinished {
                tally: run.tally(),
                exit_code: run.exit_code(),
                duration_ms: run.duration_ms,
            },
            Document::Refusal(refusal) => Self::Unusable { refusal },
        }
    }

    /// One line of JSON, with its newline.
    #[must_use]
    pub fn line(&self) -> String {
        let mut line = serde_json::to_string(self).unwrap_or_default();
        line.push('\n');
        line
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::report::examples::{refusal, run};

    #[test]
    fn a_run_for_programs() {
        insta::assert_snapshot!(json(&run()));
    }

    #[test]
    fn a_refusal_for_programs() {
        insta::assert_snapshot!(json(&refusal()));
    }

    #[test]
    fn a_report_can_be_read_back() {
        let run = run();
        let back: Run = serde_json::from_str(&json(&run)).unwrap();
        assert_eq!(back, run);
        let refusal = refusal();
        let back: Refusal = serde_json::from_str(&json(&refusal)).unwrap();
        assert_eq!(back, refusal);
    }

    #[test]
    fn what_happens_is_a_line_each() {
        let run = run();
        let ids: Vec<String> = run.checks.iter().map(|check| check.id.clone()).collect();
        let mut lines = vec![Event::run_started(&run.identity, &ids).line()];
        lines.extend(ids.iter().map(|id| Event::CheckStarted { id }.line()));
        lines.extend(run.checks.iter().map(|check| Event::CheckFinished { check }.line()));
        lines.push(Event::last(&run).line());
        lines.push(Event::last(&refusal()).line());
        let mut events = Vec::new();
        for line in lines {
            assert_eq!(line.matches('\n').count(), 1, "{line}");
            let event: Value = serde_json::from_str(&line).unwrap();
            events.push(event["event"].as_str().unwrap().to_owned());
        }
        events.dedup();
        assert_eq!(
            events,
            ["run_started", "check_started", "check_finished", "run_finished", "unusable"]
        );
    }
}
