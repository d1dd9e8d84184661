//! What travels.

use serde::{Deserialize, Serialize};

/// What `Echo` and `Shout` take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// What is to be said.
    pub text: String,
}

/// What `Echo` and `Shout` return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// What was said.
    pub text: String,
}
