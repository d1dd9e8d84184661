//! What travels.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A request as the client sent it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// The method, in capitals as a rule.
    pub method: String,
    /// The path, as it came: `%20` is not decoded.
    pub path: String,
    /// What follows the first `?`, as it came; empty without one.
    pub query_string: String,
    /// The headers by their names, which are in lower case.
    ///
    /// The values of a header that came more than once are joined with `, `; those of `cookie`, which
    /// HTTP/2 may cut, with `; ` (RFC 9113, section 8.2.3). A value that is not UTF-8 is there in base64 after
    /// `base64:`.
    pub header: BTreeMap<String, String>,
    /// The body, without any transfer coding.
    #[serde(with = "serde_bytes")]
    pub body: Vec<u8>,
}

/// The reply that the client gets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    /// The status, from 200 to 599.
    pub status_code: u32,
    /// Its words. HTTP/2 has none, and empty ones are the usual ones.
    pub status: String,
    /// The headers by their names, in any case.
    ///
    /// `set-cookie` may have several lines, each of which is sent as a header of its own. What belongs
    /// to the connection and not to the reply (`connection`, `transfer-encoding` and the like) is the
    /// server's and is not sent.
    pub header: BTreeMap<String, String>,
    /// The body.
    #[serde(with = "serde_bytes")]
    pub body: Vec<u8>,
}

impl Response {
    /// A reply with this status and body.
    #[must_use]
    pub fn new(status_code: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status_code: status_code.into(), body: body.into(), ..Self::default() }
    }
}
