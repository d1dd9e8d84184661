//! The standard operations and their messages: what every provider answers.
//!
//! Names and bytes are those of the crates published in 2021 (`wasmcloud-actor-core` 0.2).

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// The actor whose name the host uses for its own calls.
pub const SYSTEM_ACTOR: &str = "system";
/// Links an actor: [`CapabilityConfiguration`] in, no bytes out. Idempotent.
pub const OP_BIND_ACTOR: &str = "BindActor";
/// Takes an actor's link away: [`CapabilityConfiguration`] in, no bytes out. Idempotent.
pub const OP_REMOVE_ACTOR: &str = "RemoveActor";
/// Asks how the provider is: [`HealthRequest`] in, [`HealthResponse`] out.
pub const OP_HEALTH_REQUEST: &str = "HealthRequest";
/// The standard operations. No operation of a contract may have one of these names.
pub const STANDARD_OPS: [&str; 3] = [OP_BIND_ACTOR, OP_REMOVE_ACTOR, OP_HEALTH_REQUEST];

/// What `BindActor` and `RemoveActor` carry: an actor and the values of its link.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapabilityConfiguration {
    /// Public key of the actor.
    pub module: String,
    /// The values of the link.
    pub values: HashMap<String, String>,
}

/// What `HealthRequest` carries. An empty payload is accepted as well.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthRequest {
    /// Without a meaning: the format knew no empty message.
    #[serde(default)]
    pub placeholder: bool,
}

/// How a provider is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthResponse {
    /// Whether it can do its work. A provider that says no is stopped and removed.
    pub healthy: bool,
    /// Why not, or anything that a person should know; empty when there is nothing to say.
    pub message: String,
}

impl HealthResponse {
    /// All is well.
    #[must_use]
    pub fn healthy() -> Self {
        Self { healthy: true, message: String::new() }
    }

    /// The provider cannot do its work, because of `message`.
    #[must_use]
    pub fn unhealthy(message: impl Into<String>) -> Self {
        Self { healthy: false, message: message.into() }
    }
}
