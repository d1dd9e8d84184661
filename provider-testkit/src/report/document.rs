//! What a report is written of: a run, or the reason why there is none.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::{
    CheckReport, Identity, Problem, Run, SCHEMA_VERSION, Tally, Unusable, Verdict, check::split,
    classify::Subject,
};

/// Why no check could be made of a file, as reports tell it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Refusal {
    /// The version of this shape, [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The version of this crate.
    pub kit_version: String,
    /// The operating system and the architecture of this machine, for example `linux x86_64`.
    pub host: String,
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it: one line.
    pub unusable: String,
    /// The exit code of the program that stopped because of it.
    pub exit_code: u8,
    /// The check whose rule it breaks, with what is known of the process if one was started.
    pub check: CheckReport,
}

impl Refusal {
    /// What reports tell of `unusable`.
    #[must_use]
    pub fn new(unusable: &Unusable) -> Self {
        let reason = unusable.problem.to_string();
        let verdict = match &unusable.problem {
            Problem::Testkit(_) | Problem::Options(_) => Verdict::Error,
            _ => Verdict::Fail,
        };
        let Some((check, _)) = split(unusable.check()) else {
            unreachable!("what is wrong with a file is a check's to find");
        };
        let mut check = Subject::of(check, check.id, String::new()).report(verdict, reason.clone());
        if let Problem::Died(died) = &unusable.problem {
            check = CheckReport {
                id: check.id,
                level: check.level,
                title: check.title,
                rule: check.rule,
                summary: reason.clone(),
                ..CheckReport::clone(died)
            };
        }
        Self {
            schema_version: SCHEMA_VERSION,
            kit_version: env!("CARGO_PKG_VERSION").to_owned(),
            host: crate::kit::host(),
            path: unusable.path.clone(),
            unusable: reason,
            exit_code: unusable.exit_code(),
            check,
        }
    }
}

/// What a report is written of.
#[derive(Debug, Clone, Copy)]
pub enum Document<'a> {
    /// The checks were made.
    Run(&'a Run),
    /// The file is none that can be checked.
    Refusal(&'a Refusal),
}

impl<'a> From<&'a Run> for Document<'a> {
    fn from(run: &'a Run) -> Self {
        Self::Run(run)
    }
}

impl<'a> From<&'a Refusal> for Document<'a> {
    fn from(refusal: &'a Refusal) -> Self {
        Self::Refusal(refusal)
    }
}

impl<'a> Document<'a> {
    pub(super) fn checks(self) -> &'a [CheckReport] {
        match self {
            Self::Run(run) => &run.checks,
            Self::Refusal(refusal) => std::slice::from_ref(&refusal.check),
        }
    }

    pub(super) fn identity(self) -> Option<&'a Identity> {
        match self {
            Self::Run(run) => Some(&run.identity),
            Self::Refusal(_) => None,
        }
    }

    pub(super) fn path(self) -> &'a Path {
        match self {
            Self::Run(run) => &run.identity.path,
            Self::Refusal(refusal) => &refusal.path,
        }
    }

    /// What is checked, in a few words.
    pub(super) fn name(self) -> String {
        match self {
            Self::Run(run) => format!("{} {}", run.identity.name, run.identity.version),
            Self::Refusal(refusal) => refusal.path.file_name().map_or_else(
                || refusal.path.to_string_lossy().into_owned(),
                |name| name.to_string_lossy().into_owned(),
            ),
        }
    }

    pub(super) fn kit_version(self) -> &'a str {
        match self {
            Self::Run(run) => &run.kit_version,
            Self::Refusal(refusal) => &refusal.kit_version,
        }
    }

    pub(super) fn host(self) -> &'a str {
        match self {
            Self::Run(run) => &run.host,
            Self::Refusal(refusal) => &refusal.host,
        }
    }

    pub(super) fn duration_ms(self) -> u64 {
        match self {
            Self::Run(run) => run.duration_ms,
            Self::Refusal(_) => 0,
        }
    }

    pub(super) fn exit_code(self) -> u8 {
        match self {
            Self::Run(run) => run.exit_code(),
            Self::Refusal(refusal) => refusal.exit_code,
        }
    }

    pub(super) fn tally(self) -> Tally {
        match self {
            Self::Run(run) => run.tally(),
            Self::Refusal(refusal) if refusal.check.verdict == Verdict::Error => {
                Tally { errors: 1, ..Tally::default() }
            }
            Self::Refusal(_) => Tally { failed: 1, ..Tally::default() },
        }
    }

    /// One line: how it ended.
    pub(super) fn summary(self) -> String {
        match self {
            Self::Run(run) => super::summary_line(run, super::Style { color: false, width: 100 }),
            Self::Refusal(refusal) => format!("unusable: {}", refusal.unusable),
        }
    }
}
