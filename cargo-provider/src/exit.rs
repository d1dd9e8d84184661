//! How the command ends.

use std::process::ExitCode;

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
    /// The one that the testkit names.
    pub(crate) fn of(code: u8) -> Self {
        match code {
            0 => Self::Success,
            1 => Self::Failed,
            2 => Self::Unusable,
            3 => Self::NothingVerified,
            _ => Self::Internal,
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
