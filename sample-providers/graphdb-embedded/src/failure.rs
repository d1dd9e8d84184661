//! From the engine's errors to ours.

use graphdblite::GraphError;
use provider_core::{Error, ErrorKind};
use rusqlite::ErrorCode;

/// What the engine says, with its kind. A function instead of `From`, which both crates own.
pub(crate) fn failed(error: &GraphError) -> Error {
    let kind = match error {
        GraphError::SizeLimit { .. } => ErrorKind::TooLarge,
        // It has no code of its own.
        GraphError::Query(error) if error.message().starts_with("result set exceeded") => {
            ErrorKind::TooLarge
        }
        GraphError::Storage { source, .. } => match source.sqlite_error_code() {
            Some(ErrorCode::TooBig) => ErrorKind::TooLarge,
            // The disk, or another program that has the file.
            Some(
                ErrorCode::DiskFull
                | ErrorCode::SystemIoFailure
                | ErrorCode::ReadOnly
                | ErrorCode::CannotOpen
                | ErrorCode::PermissionDenied
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked,
            ) => ErrorKind::Unavailable,
            Some(ErrorCode::OutOfMemory) => ErrorKind::NoMemory,
            _ => ErrorKind::Failed,
        },
        // SQLite has ended the transaction by itself, as it does when the disk is full.
        GraphError::Transaction { .. } => ErrorKind::Unavailable,
        _ => ErrorKind::Failed,
    };
    Error::new(kind, error.to_string())
}
