//! `crate = ..` says where `provider_core` is.

mod kernel {
    pub use provider_core::*;
}

use kernel::prelude::*;

#[contract("example:clock", crate = crate::kernel)]
pub trait Clock {
    fn now(&self, cx: Cx<'_, Self>, zone: String) -> OpResult<u64>;
}

#[derive(Default)]
pub struct Wall;

impl Provider for Wall {
    type Link = ();

    fn link(&self, _config: &LinkConfig) -> Result<(), BoxError> {
        Ok(())
    }
}

#[capability_provider(crate = self::kernel)]
impl Clock for Wall {
    fn now(&self, _cx: Cx<'_, Self>, _zone: String) -> OpResult<u64> {
        Ok(0)
    }
}

fn main() {}
