//! What we emit is clean under every lint group that an author may deny. `tests/lints.rs` has clippy
//! read this file too.

#![deny(
    missing_docs,
    warnings,
    unused,
    nonstandard_style,
    rust_2018_idioms,
    missing_debug_implementations,
    unreachable_pub,
    unused_lifetimes,
    unused_qualifications,
    clippy::all,
    clippy::pedantic
)]

use provider_core::prelude::*;

/// Tells the time.
#[contract("example:clock", version = "0.2")]
pub trait Clock {
    /// The time.
    ///
    /// # Errors
    ///
    /// Never.
    #[op(idempotent)]
    fn now(&self, cx: Cx<'_, Self>) -> OpResult<u64>;

    /// The time in a zone.
    ///
    /// # Errors
    ///
    /// When there is no such zone.
    #[deprecated = "zones are gone"]
    #[op(alias = "TimeIn")]
    fn now_in(&self, cx: Cx<'_, Self>, zone: String, _summer: Option<bool>) -> OpResult<u64>;

    /// Sets the clock.
    ///
    /// # Errors
    ///
    /// When there is no such time.
    #[op(unary)]
    fn set(&self, cx: Cx<'_, Self>, time: &str) -> Result<(), Error>;
}

/// The clock on the wall.
#[derive(Debug, Default)]
pub struct Wall;

impl Provider for Wall {
    type Link = ();

    fn link(&self, _config: &LinkConfig) -> Result<(), BoxError> {
        Ok(())
    }
}

#[capability_provider]
impl Clock for Wall {
    fn now(&self, _cx: Cx<'_, Self>) -> OpResult<u64> {
        Ok(0)
    }

    fn now_in(&self, _cx: Cx<'_, Self>, zone: String, _summer: Option<bool>) -> OpResult<u64> {
        Ok(zone.parse()?)
    }

    fn set(&self, _cx: Cx<'_, Self>, time: &str) -> Result<(), Error> {
        Err(Error::new(ErrorKind::BadRequest, time))
    }
}

mod inside {
    use provider_core::prelude::*;

    #[allow(dead_code, reason = "nobody but the compiler reads it")]
    #[contract("example:private")]
    trait Private {
        fn run(&self, cx: Cx<'_, Self>) -> OpResult<()>;
    }

    impl Private for super::Wall {
        fn run(&self, _cx: Cx<'_, Self>) -> OpResult<()> {
            Ok(())
        }
    }
}

#[allow(dead_code, reason = "in a binary of its own")]
fn main() {}
