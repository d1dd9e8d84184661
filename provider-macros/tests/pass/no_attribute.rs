//! `#[capability_provider]` is optional: any number of types may implement a contract, and
//! `export_provider!` exports one of them.

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

impl Clock for Wall {
    fn now(&self, _cx: Cx<'_, Self>) -> OpResult<u64> {
        Ok(0)
    }
}

#[derive(Default)]
pub struct Tower;

impl Provider for Tower {
    type Link = ();

    fn link(&self, _config: &LinkConfig) -> Result<(), BoxError> {
        Ok(())
    }
}

impl Clock for Tower {
    fn now(&self, _cx: Cx<'_, Self>) -> OpResult<u64> {
        Ok(1)
    }
}

provider_core::export_provider!(Tower: Clock);

fn main() {}
