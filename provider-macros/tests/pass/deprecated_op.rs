//! Only the author's own use of a deprecated operation is reported.

#![deny(deprecated)]

use provider_core::{abi::op_flags, prelude::*};

#[contract("example:clock")]
pub trait Clock {
    #[deprecated(since = "0.2.0", note = "use `now`")]
    fn time(&self, cx: Cx<'_, Self>) -> OpResult<u64>;
    fn now(&self, cx: Cx<'_, Self>) -> OpResult<u64>;
}

#[contract("example:sundial")]
#[deprecated = "use `Clock`"]
pub trait Sundial {
    fn shadow(&self, cx: Cx<'_, Self>) -> OpResult<u64>;
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
    fn time(&self, _cx: Cx<'_, Self>) -> OpResult<u64> {
        Ok(0)
    }

    fn now(&self, _cx: Cx<'_, Self>) -> OpResult<u64> {
        Ok(0)
    }
}

fn main() {
    let ops = <Wall as Clock>::__declared_with_contract_attribute.ops();
    let deprecated: Vec<_> = ops.iter().map(|op| op.flags() & op_flags::DEPRECATED != 0).collect();
    assert_eq!(deprecated, [true, false]);
    let client = ClockClient::new(provider_core::NullDispatcher, "MACTOR");
    let error = {
        #[expect(deprecated, reason = "the client's method is deprecated as well")]
        client.time().unwrap_err()
    };
    assert!(error.message().contains("`Time`"), "{error}");
}
