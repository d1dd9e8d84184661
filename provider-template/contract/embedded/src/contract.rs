//! The contract `{{ contract }}`: what actors may ask.
//!
//! A crate of its own, when hosts or actors that are written in Rust use it as well.

use provider_core::prelude::*;

/// Greets.
#[contract("{{ contract }}")]
pub trait {{ trait_name }} {
    /// A greeting for `name`.
    ///
    /// # Errors
    ///
    /// When `name` is empty.
    fn greet(&self, cx: Cx<'_, Self>, name: String) -> OpResult<String>;

    /// How many greetings the calling actor has had.
    ///
    /// # Errors
    ///
    /// None of its own.
    #[op(idempotent)]
    fn greeted(&self, cx: Cx<'_, Self>) -> OpResult<u64>;
}
