//! From the database's errors to ours.

use provider_core::{Error, ErrorKind};

/// What the database says, with its kind. A function instead of `From`, which both crates own.
pub(crate) fn failed(error: impl Into<redb::Error>) -> Error {
    let error = error.into();
    let kind = match &error {
        redb::Error::ValueTooLarge(_) => ErrorKind::TooLarge,
        // The disk, another process, or a file that must be opened again after the disk failed.
        redb::Error::Io(_)
        | redb::Error::PreviousIo
        | redb::Error::DatabaseAlreadyOpen
        | redb::Error::DatabaseClosed => ErrorKind::Unavailable,
        _ => ErrorKind::Failed,
    };
    Error::with_source(kind, error)
}
