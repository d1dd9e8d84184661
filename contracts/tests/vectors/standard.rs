//! The messages of the standard operations.

use provider_core::ops::{CapabilityConfiguration, HealthRequest, HealthResponse};

use crate::vector::vectors;

#[test]
fn the_standard_messages_hold_in_both_directions() {
    for vector in vectors("core") {
        // None of them has a map of several entries, whose order would be open.
        match vector.r#type.as_str() {
            "CapabilityConfiguration" => vector.holds_for::<CapabilityConfiguration>(),
            "HealthCheckRequest" => vector.holds_for::<HealthRequest>(),
            "HealthCheckResponse" => vector.holds_for::<HealthResponse>(),
            other => panic!("{}: type {other}", vector.name),
        }
    }
}
