//! How the command ends.

use std::process::ExitCode;

use provider_testkit::{Problem, Unusable};

/// The exit codes: a public interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// All is well.
    Success = 0,
    /// A check failed, or the call did.
    Failed = 1,
    /// Wrong usage or configuration, or a library that cannot be used.
    Unusable = 2,
    /// Nothing was verified.
    NothingVerified = 3,
    /// The tool itself failed.
    Internal = 4,
    /// Interrupted by the user.
    Interrupted = 130,
}

impl Exit {
    /// The one for a file that no check can be made of. A library that the loader or we could take,
    /// had it not broken a rule, has failed a check.
    pub(crate) fn of(unusable: &Unusable) -> Self {
        match &unusable.problem {
            Problem::Load(_) | Problem::Descriptor(_) | Problem::Died(_) => Self::Failed,
            Problem::Testkit(_) => Self::Internal,
            _ => Self::Unusable,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command ended without a result: one line, and the exit code.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) message: String,
}

impl Failure {
    /// Wrong usage or configuration, or a library that cannot be used.
    pub(crate) fn unusable(message: impl Into<String>) -> Self {
        Self { exit: Exit::Unusable, message: message.into() }
    }

    /// The tool itself failed.
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self { exit: Exit::Internal, message: message.into() }
    }
}
