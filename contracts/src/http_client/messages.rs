//! What travels.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A request of an actor.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The method, sent as it is written: `GET` is not `get`.
    pub method: String,
    /// An absolute URL that begins with `http://` or `https://`.
    pub url: String,
    /// The headers by their names, in any case.
    ///
    /// A value that is not UTF-8 is written as in a [response](Response::header). What belongs to the
    /// connection and not to the request (`connection`, `content-length`, `transfer-encoding` and the
    /// like) is the provider's, and is not sent as it is given here.
    pub headers: BTreeMap<String, String>,
    /// The body. Every method carries it, unless it is empty.
    #[serde(with = "serde_bytes")]
    pub body: Vec<u8>,
}

/// The response of a server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    /// The status: 200, for example.
    pub status_code: u32,
    /// The status in words, as the server has them. HTTP/2 has none: then they are the usual ones of
    /// the status, empty if it has none.
    pub status: String,
    /// The headers by their names, which are in lower case.
    ///
    /// The values of a header that came more than once are joined with `, `; those of `set-cookie`
    /// are a line each. A value that is not UTF-8 is there in base64 (RFC 4648, section 4, with
    /// padding) after `base64:`.
    pub header: BTreeMap<String, String>,
    /// The body, without any transfer coding. A `content-encoding` is left as it is.
    #[serde(with = "serde_bytes")]
    pub body: Vec<u8>,
}

impl Request {
    /// A request without headers and body.
    #[must_use]
    pub fn new(method: impl Into<String>, url: impl Into<String>) -> Self {
        Self { method: method.into(), url: url.into(), ..Self::default() }
    }
}
