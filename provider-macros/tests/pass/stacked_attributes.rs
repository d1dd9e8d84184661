//! The attributes of others stay where they are, above ours and below.

use provider_core::prelude::*;

#[allow(unused_variables)]
#[contract("example:stacked")]
#[cfg_attr(all(), doc = "Stacked.")]
pub trait Stacked {
    #[must_use]
    #[op(name = "First")]
    #[cfg_attr(all(), doc = "First.")]
    #[track_caller]
    fn one(&self, cx: Cx<'_, Self>, #[allow(unused)] value: u8) -> OpResult<u8>;
}

#[derive(Default)]
pub struct Pile;

impl Provider for Pile {
    type Link = ();

    fn link(&self, _config: &LinkConfig) -> Result<(), BoxError> {
        Ok(())
    }
}

#[allow(unused_mut)]
#[capability_provider(contract = "example:stacked")]
#[cfg_attr(any(), no_such_attribute)]
impl Pile {
    #[inline]
    #[op]
    #[cfg_attr(all(), cold)]
    #[allow(unused_variables)]
    fn two(
        &self,
        #[allow(unused)] cx: Cx<'_, Self>,
        #[cfg_attr(all(), allow(unused))] mut value: u8,
    ) -> OpResult<u8> {
        Ok(value)
    }
}

fn main() {}
