//! What travels.

use serde::{Deserialize, Serialize};

/// A message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BrokerMessage {
    /// What it is about. Of an answer: where it was expected, a subject that the broker made up.
    pub subject: String,
    /// The subject at which an answer is expected; empty when none is.
    pub reply_to: String,
    /// What it says.
    #[serde(with = "serde_bytes")]
    pub body: Vec<u8>,
}

/// What `Publish` returns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishResponse {
    /// Whether the broker has taken the message: always, since everything else is an error.
    pub published: bool,
}
