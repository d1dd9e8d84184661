//! From the client's and the server's errors to ours.

use provider_core::{Error, ErrorKind};
use redis::{RedisError, ServerError};

/// What the server answered instead of a reply.
pub(crate) fn refused(error: &ServerError) -> Error {
    let message = match error.details() {
        Some(details) => format!("{} {details}", error.code()),
        None => error.code().into(),
    };
    Error::new(kind_of(error.code()), message)
}

/// The kind of an error with this code.
fn kind_of(code: &str) -> ErrorKind {
    match code {
        // The server is there and cannot do it now: it has no memory, no disk or no replicas left, was
        // made a replica itself, reads its data, or runs somebody's endless script.
        "OOM" | "MISCONF" | "NOREPLICAS" | "READONLY" | "MASTERDOWN" | "LOADING" | "BUSY"
        | "TRYAGAIN" | "CLUSTERDOWN" => ErrorKind::Unavailable,
        // What the link says of itself is wrong.
        "WRONGPASS" | "NOAUTH" => ErrorKind::BadRequest,
        _ => ErrorKind::Failed,
    }
}

/// Why a connection could not be made, or why a request got no answer on it.
pub(crate) fn broken(error: RedisError) -> Error {
    let error = match ServerError::try_from(error) {
        Ok(error) => return refused(&error),
        Err(error) => error,
    };
    let kind = match error.kind() {
        redis::ErrorKind::AuthenticationFailed => ErrorKind::BadRequest,
        redis::ErrorKind::Io if error.is_timeout() => ErrorKind::Timeout,
        redis::ErrorKind::Io => ErrorKind::Unavailable,
        _ => ErrorKind::Failed,
    };
    Error::with_source(kind, error)
}

#[cfg(test)]
mod tests {
    use std::io;

    use redis::{Value, parse_redis_value};

    use super::*;

    fn said(line: &str) -> Error {
        match parse_redis_value(line.as_bytes()).unwrap() {
            Value::ServerError(error) => refused(&error),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_the_server_cannot_do_now_is_unavailable_and_the_rest_failed() {
        let error = said("-OOM command not allowed when used memory > 'maxmemory'.\r\n");
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert_eq!(error.message(), "OOM command not allowed when used memory > 'maxmemory'.");
        for line in ["-READONLY r\r\n", "-LOADING l\r\n", "-NOREPLICAS n\r\n", "-MISCONF m\r\n"] {
            assert_eq!(said(line).kind(), ErrorKind::Unavailable, "{line}");
        }
        assert_eq!(said("-WRONGPASS invalid\r\n").kind(), ErrorKind::BadRequest);
        assert_eq!(said("-NOPERM no\r\n").kind(), ErrorKind::Failed);
        assert_eq!(said("-ERR syntax error\r\n").kind(), ErrorKind::Failed);
    }

    #[test]
    fn a_connection_that_breaks_is_unavailable_and_one_that_is_slow_timed_out() {
        let kind = |kind: io::ErrorKind| broken(io::Error::from(kind).into()).kind();
        assert_eq!(kind(io::ErrorKind::ConnectionRefused), ErrorKind::Unavailable);
        assert_eq!(kind(io::ErrorKind::UnexpectedEof), ErrorKind::Unavailable);
        assert_eq!(kind(io::ErrorKind::TimedOut), ErrorKind::Timeout);
    }
}
