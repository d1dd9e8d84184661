//! The contract `{{ contract }}`: what actors may ask.
//!
//! A crate of its own, when hosts or actors that are written in Rust use it as well.

use provider_core::prelude::*;

/// What the contract is for.
#[contract("{{ contract }}")]
pub trait {{ trait_name }} {
    /// What the operation does, and what its reply says.
    ///
    /// # Errors
    ///
    /// When it fails.
    fn example(&self, cx: Cx<'_, Self>, argument: String) -> OpResult<String>;
}
