//! The exported functions are ours to answer for: an author may forbid unsafe code.

#![forbid(unsafe_code)]

use provider_core::prelude::*;

#[contract("example:clock")]
pub trait Clock {
    fn now(&self, cx: Cx<'_, Self>) -> OpResult<u64>;
}

#[derive(Default)]
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
}

fn main() {}
