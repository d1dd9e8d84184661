//! From the client's errors to ours.

use falkordb::FalkorDBError;
use provider_core::{Error, ErrorKind};

/// What a server says that is there and cannot work now: the words its errors begin with.
const NOT_NOW: [&str; 6] = ["LOADING", "BUSY", "MASTERDOWN", "CLUSTERDOWN", "OOM", "MISCONF"];

/// Whether the connection is of no more use.
pub(crate) fn is_lost(error: &FalkorDBError) -> bool {
    matches!(
        error,
        FalkorDBError::ConnectionDown
            | FalkorDBError::NoConnection
            | FalkorDBError::EmptyConnection
    )
}

/// The error with its kind.
pub(crate) fn failed(error: &FalkorDBError) -> Error {
    match error {
        FalkorDBError::RedisError(said) if said.contains("Query timed out") => {
            Error::new(ErrorKind::Timeout, "the query takes too long; nothing of it is there")
        }
        FalkorDBError::RedisError(said) => {
            let now = NOT_NOW.iter().any(|word| said.starts_with(word));
            let kind = if now { ErrorKind::Unavailable } else { ErrorKind::Failed };
            Error::new(kind, said.trim_start_matches("errMsg: ").to_owned())
        }
        // The client's own words recommend what actors cannot do.
        error if is_lost(error) => {
            Error::new(ErrorKind::Unavailable, "the connection to the server is lost")
        }
        FalkorDBError::InvalidConnectionInfo(why) => Error::new(ErrorKind::BadRequest, why.clone()),
        error => Error::new(ErrorKind::Failed, error.to_string()),
    }
}
