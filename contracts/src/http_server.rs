//! `wasmcloud:httpserver`: HTTP requests from outside, which actors answer.
//!
//! A server that listens for an actor, and has each request answered by it with
//! [`HandleRequest`](HttpHandler::handle_request). Actors call nothing.
//!
//! # A link
//!
//! `BindActor` succeeds when the sockets listen, and fails with the reason when they cannot.
//!
//! | link value | meaning | default |
//! |---|---|---|
//! | `PORT` | listens on this port of 127.0.0.1 | |
//! | `BIND` | listens on these addresses: `IP:PORT` or `PORT`, with commas between them | `127.0.0.1:8080` |
//! | `TIMEOUT_MS` | how long the actor may take, in milliseconds | 2000 |
//! | `MAX_BODY_BYTES` | the longest body of a request | 10 MiB |
//! | `CORS_ALLOWED_ORIGINS` | the origins whose pages may read the replies, with commas between them; `*` is any | none |
//! | `CORS_ALLOWED_METHODS` | the methods that such pages may use; `*` is any | those that need no leave |
//! | `CORS_ALLOWED_HEADERS` | the headers that such pages may send; `*` is any | those that need no leave |
//!
//! `RemoveActor` lets the requests in flight end. When it returns the ports are free and the
//! connections closed.
//!
//! # What the client gets instead of a reply
//!
//! | status | when |
//! |---|---|
//! | 413 | the body is longer than `MAX_BODY_BYTES` |
//! | 502 | the actor returned an error, or a reply that cannot be decoded or sent |
//! | 504 | the actor took longer than `TIMEOUT_MS` |
//!
//! The client is told no reason; the host's log is.

mod messages;

use provider_core::prelude::*;

pub use self::messages::{Request, Response};

/// A server of HTTP. Actors call nothing: it calls them.
#[contract("wasmcloud:httpserver", calls = HttpHandler)]
pub trait HttpServer {}

/// What the actors of `wasmcloud:httpserver` answer.
#[contract("wasmcloud:httpserver")]
pub trait HttpHandler {
    /// Answers a request. The payload is the request itself.
    ///
    /// A reply whose status is none (100 to 199 are none for a whole reply) or whose headers cannot
    /// be sent is as bad as no reply: the client gets a 502.
    ///
    /// # Errors
    ///
    /// The actor's own. The client gets a 502 and does not see them.
    #[op(unary)]
    fn handle_request(&self, cx: Cx<'_, Self>, request: Request) -> OpResult<Response>;
}
