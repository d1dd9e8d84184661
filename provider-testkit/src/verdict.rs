//! What came of it: the vocabulary that every front end and every report shares.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Agreement, Expected, ExpectedOutcome, Identity, Level, LogLine};

/// The version of the shape of [`Run`] in JSON. Members are only ever added to it.
pub const SCHEMA_VERSION: u32 = 1;

/// How a check ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Verdict {
    /// The provider keeps the rule.
    Pass,
    /// The provider breaks the rule.
    Fail,
    /// The provider panicked, in a call or in a thread of its own.
    Panic,
    /// The provider ended the process by a signal.
    Crash {
        /// Name of the signal, for example `SIGSEGV`.
        signal: String,
    },
    /// The provider did not return in time.
    Hang {
        /// What its threads did.
        hang: Hang,
    },
    /// The provider ended the process by exiting.
    Exit {
        /// The exit code.
        code: i32,
    },
    /// Every call was right, and then the process did not end well: exit handlers, destructors of
    /// statics or of thread-local values.
    CrashAfterVerdict,
    /// It was not run, because the provider breaks a rule that this one builds on.
    Blocked {
        /// The check of that rule.
        by: String,
    },
    /// It does not apply, or cannot be decided.
    Skipped {
        /// Why.
        reason: String,
    },
    /// The testkit itself went wrong. Nothing is known about the provider.
    Error,
}

/// What the threads of a provider that hangs did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Hang {
    /// All of them slept.
    Deadlock,
    /// One was running.
    Spin,
}

impl Verdict {
    /// The words of those that mean a broken rule.
    pub const FAILURES: [&str; 6] =
        ["fail", "panic", "crash", "hang", "exit", "crash after verdict"];

    /// Whether the provider breaks the rule.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        !matches!(self, Self::Pass | Self::Blocked { .. } | Self::Skipped { .. } | Self::Error)
    }

    /// The word that reports use, for example `crash`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Panic => "panic",
            Self::Crash { .. } => "crash",
            Self::Hang { .. } => "hang",
            Self::Exit { .. } => "exit",
            Self::CrashAfterVerdict => "crash after verdict",
            Self::Blocked { .. } => "blocked",
            Self::Skipped { .. } => "skipped",
            Self::Error => "error",
        }
    }
}

/// One call of the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Step {
    /// Counts the calls of a check, from 1.
    pub seq: u32,
    /// The function, for example `handle_call`.
    pub call: String,
    /// Its arguments, payloads as JSON where they decode.
    pub args: String,
    /// Which of how many calls of the same kind it is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub nth: Option<(u32, u32)>,
    /// What it returned; nothing when it did not return.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub outcome: Option<String>,
}

/// A place in a source file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Location {
    /// The file, as the compiler names it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1; 0 when it is not known.
    pub col: u32,
}

/// A panic, as the provider's standard error tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Panic {
    /// Where it panicked.
    #[serde(flatten)]
    pub location: Location,
    /// The name of the thread.
    pub thread: String,
    /// What it said; empty when that is not known.
    pub message: String,
}

/// A place in a library or a program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Place {
    /// The name of its file.
    pub module: String,
    /// Where in it, as its tables count.
    pub offset: u64,
    /// The function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// The line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{:#x}", self.module, self.offset)?;
        let line = self.location.as_ref().map(|at| format!("{}:{}", at.file, at.line));
        match (&self.function, line) {
            (Some(function), Some(line)) => write!(f, " ({function}, {line})"),
            (Some(one), None) => write!(f, " ({one})"),
            (None, Some(one)) => write!(f, " ({one})"),
            (None, None) => Ok(()),
        }
    }
}

/// What the processor stopped at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Crash {
    /// Name of the signal, for example `SIGSEGV`. The process may have ended with another one.
    pub signal: String,
    /// What it is about: for `SIGSEGV` the memory that cannot be used so.
    pub address: u64,
    /// The instruction.
    pub pc: u64,
    /// Where that is; nothing when no file lies there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Whether that is where the library was before it was unloaded.
    pub unloaded: bool,
    /// Places in the library that the stack returns to, the innermost one first, when the instruction
    /// is none of the library's. What was left by earlier calls may be among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub callers: Vec<Place>,
}

/// A thread of a provider that hangs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ThreadState {
    /// Its name.
    pub comm: String,
    /// Its state, for example `S (sleeping)`.
    pub state: String,
    /// Where in the kernel it waits; empty when that is not known.
    pub wchan: String,
    /// The system call it is in; empty when there is none or it is not known.
    pub syscall: String,
    /// Where in the library it is, or was called from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// A figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Metric {
    /// What it says, for example `p99`.
    pub name: String,
    /// How much.
    pub value: f64,
    /// Of what, for example `µs`.
    pub unit: String,
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = match self.value.abs() {
            value if value >= 100.0 || value.fract() == 0.0 => 0,
            value if value >= 1.0 => 1,
            _ => 3,
        };
        write!(f, "{} {:.digits$}", self.name, self.value)?;
        if self.unit.is_empty() { Ok(()) } else { write!(f, " {}", self.unit) }
    }
}

/// What one check found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CheckReport {
    /// The check's id, with the operation's name for one of a family.
    pub id: String,
    /// How binding its rule is.
    pub level: Level,
    /// What it checks, in a few words.
    pub title: String,
    /// How it ended.
    pub verdict: Verdict,
    /// One line that says why; empty for a pass.
    pub summary: String,
    /// The rule, as the specification or the ABI has it.
    pub rule: String,
    /// The last calls of the provider, the one in question last.
    pub steps: Vec<Step>,
    /// How many calls there were.
    pub calls: u32,
    /// What was expected.
    pub expected: Option<String>,
    /// What came instead.
    pub got: Option<String>,
    /// The likely cause.
    pub likely: Option<String>,
    /// The provider's first panic.
    pub panic: Option<Panic>,
    /// The signal that ended the process.
    pub signal: Option<String>,
    /// What the processor stopped at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crash: Option<Crash>,
    /// What the threads did when it hung.
    pub threads: Vec<ThreadState>,
    /// What is worth knowing and breaks no rule that binds.
    pub notes: Vec<String>,
    /// What the provider said last with `log`, `tracing` or `cp.log/1`, when it broke the rule.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub log: Vec<LogLine>,
    /// The shortest sequence of calls that fails, where chance found one: a line for each call.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sequence: Vec<String>,
    /// What was measured.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub metrics: Vec<Metric>,
    /// The end of what the provider wrote to standard error.
    pub stderr_tail: String,
    /// How long it took.
    pub duration_ms: u64,
    /// The command that repeats it.
    pub again: String,
    /// What was expected of it, if something was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expectation: Option<Expected>,
    /// What it was, and was not to be: [`Deny`](crate::Deny).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denied: Option<Deny>,
}

/// What else is not to be: kinds of checks that are red only where somebody wants that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Deny {
    /// A check that was not made, because it does not apply or is left out.
    Skip,
    /// A check that was not made, because another one fails.
    Blocked,
    /// A failure that was expected.
    Expected,
}

impl Deny {
    /// What is wrong with a check that is red because of it.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Skip => "denied: a check that is not made verifies nothing",
            Self::Blocked => "denied: a check that is blocked verifies nothing",
            Self::Expected => "denied: a failure is one, expected or not",
        }
    }
}

impl CheckReport {
    /// Whether it makes the run a failed one: a broken rule that was not expected, an expected
    /// failure that is none, or what is [denied](Deny).
    ///
    /// A broken rule of level [`Perf`](Level::Perf) is told and is not red.
    #[must_use]
    pub fn is_red(&self) -> bool {
        let expected = self.agreement();
        let broken = self.verdict.is_failure() && self.level != Level::Perf;
        self.denied.is_some()
            || broken && expected != Some(Agreement::AsExpected)
            || expected == Some(Agreement::UnexpectedPass)
    }

    /// How it agrees with what was expected of it, if something was.
    #[must_use]
    pub fn agreement(&self) -> Option<Agreement> {
        self.expectation.as_ref().map(|expected| expected.agreement)
    }

    /// Whether it broke its rule as expected.
    #[must_use]
    pub fn failed_as_expected(&self) -> bool {
        self.verdict.is_failure() && self.agreement() == Some(Agreement::AsExpected)
    }

    /// Whether it was not made because it is not to be.
    #[must_use]
    pub fn is_left_out(&self) -> bool {
        matches!(self.verdict, Verdict::Skipped { .. })
            && self.expectation.as_ref().is_some_and(|expected| {
                expected.expectation.outcome == ExpectedOutcome::Skip
                    && expected.agreement == Agreement::AsExpected
            })
    }

    /// Makes it red if it is one of `deny`.
    pub(crate) fn denied(mut self, deny: &[Deny]) -> Self {
        let kind = match &self.verdict {
            Verdict::Skipped { .. } => Some(Deny::Skip),
            Verdict::Blocked { .. } => Some(Deny::Blocked),
            _ if self.failed_as_expected() => Some(Deny::Expected),
            _ => None,
        };
        self.denied = kind.filter(|kind| deny.contains(kind));
        self
    }
}

/// What all checks found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Run {
    /// The version of this shape, [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The version of this crate.
    pub kit_version: String,
    /// The provider that was checked.
    pub identity: Identity,
    /// The operating system and the architecture of this machine, for example `linux x86_64`.
    pub host: String,
    /// How long it took.
    pub duration_ms: u64,
    /// The checks, in the order of the catalogue.
    pub checks: Vec<CheckReport>,
}

/// How many checks ended in which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Tally {
    /// Rules that are kept.
    pub passed: usize,
    /// Rules that are broken.
    pub failed: usize,
    /// Checks that were not run because of a broken rule.
    pub blocked: usize,
    /// Checks that do not apply.
    pub skipped: usize,
    /// Checks that the testkit could not make.
    pub errors: usize,
    /// Rules that are broken, as expected.
    #[serde(default)]
    pub expected: usize,
    /// Rules that are kept, and were expected to be broken.
    #[serde(default)]
    pub unexpected: usize,
    /// Checks that are not to be made.
    #[serde(default)]
    pub left_out: usize,
}

impl Run {
    /// How many checks ended in which way.
    #[must_use]
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for check in &self.checks {
            *match &check.verdict {
                _ if check.failed_as_expected() => &mut tally.expected,
                _ if check.is_left_out() => &mut tally.left_out,
                Verdict::Pass if check.is_red() => &mut tally.unexpected,
                Verdict::Pass => &mut tally.passed,
                Verdict::Blocked { .. } => &mut tally.blocked,
                Verdict::Skipped { .. } => &mut tally.skipped,
                Verdict::Error => &mut tally.errors,
                _ => &mut tally.failed,
            } += 1;
        }
        tally
    }

    /// The exit code of a program that made this run: 0 all is well, 1 a check is
    /// [red](CheckReport::is_red), 3 nothing was verified, 4 the testkit went wrong.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        let tally = self.tally();
        if self.checks.iter().any(CheckReport::is_red) {
            1
        } else if tally.errors > 0 {
            4
        } else if tally.passed == 0 {
            3
        } else {
            0
        }
    }
}
