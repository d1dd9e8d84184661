//! From the stores' errors to ours.

use std::io;

use provider_core::{Error, ErrorKind};

/// What the system says of files, with its kind.
pub(crate) fn io(error: io::Error) -> Error {
    let kind = match error.kind() {
        // The disk, not the request.
        io::ErrorKind::StorageFull
        | io::ErrorKind::QuotaExceeded
        | io::ErrorKind::ReadOnlyFilesystem
        | io::ErrorKind::StaleNetworkFileHandle => ErrorKind::Unavailable,
        io::ErrorKind::TimedOut => ErrorKind::Timeout,
        _ => ErrorKind::Failed,
    };
    Error::with_source(kind, error)
}

/// What a store says, with its kind.
pub(crate) fn store(error: &opendal::Error) -> Error {
    let text = said(error);
    let kind = match error.kind() {
        _ if text.contains("timeout") || text.contains("timed out") => ErrorKind::Timeout,
        opendal::ErrorKind::PermissionDenied => ErrorKind::Denied,
        opendal::ErrorKind::ConfigInvalid => ErrorKind::BadRequest,
        opendal::ErrorKind::RateLimited => ErrorKind::Unavailable,
        _ if error.is_temporary() || error.is_persistent() => ErrorKind::Unavailable,
        _ => ErrorKind::Failed,
    };
    Error::new(kind, text)
}

/// The error in one line, without the request's headers, which `Display` would have.
fn said(error: &opendal::Error) -> String {
    let mut text = format!("{}: {}", error.kind(), error.message());
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        source = inner.source();
    }
    text
}
