//! `wasmcloud:httpclient`: requests of actors to HTTP servers.
//!
//! # A link
//!
//! | link value | meaning | default |
//! |---|---|---|
//! | `timeout` | how long a request may take altogether, in seconds | 30 |
//! | `max_redirects` | how many redirects of a request are followed; 0 follows none | 10 |
//! | `max_body_bytes` | the longest body of a response | 10 MiB |
//!
//! # What an actor gets instead of a response
//!
//! A status is what a server said. Where none said anything, there is an error:
//!
//! | kind | when |
//! |---|---|
//! | [`BadRequest`](ErrorKind::BadRequest) | the method, the URL, a header's name or a header's value cannot be sent; nothing was |
//! | [`Unavailable`](ErrorKind::Unavailable) | the host has no address, refuses the connection, is not who it says it is, or ends the connection before the response is whole |
//! | [`Timeout`](ErrorKind::Timeout) | the response was not whole within `timeout` |
//! | [`TooLarge`](ErrorKind::TooLarge) | the response's body is longer than `max_body_bytes` |
//! | [`Failed`](ErrorKind::Failed) | there were more redirects than `max_redirects` |

mod messages;

use provider_core::prelude::*;

pub use self::messages::{Request, Response};

/// Sends requests for actors.
#[contract("wasmcloud:httpclient")]
pub trait HttpClient {
    /// Sends a request, follows its redirects, and returns the last response. The payload is the
    /// request itself.
    ///
    /// A redirect is followed as browsers do (RFC 9110, section 15.4): 303 continues with `GET` and
    /// without a body, and so do 301 and 302 for `POST`; `HEAD` stays what it is, and everything else
    /// is repeated with its body. `authorization` and `cookie` go to no other host. A redirect is the
    /// response itself where `max_redirects` is 0, and where it does not lead to `http` or `https`.
    ///
    /// # Errors
    ///
    /// Of the kinds that the module lists. A status of 400 or more is a response.
    #[op(unary)]
    fn request(&self, cx: Cx<'_, Self>, request: Request) -> OpResult<Response>;
}
