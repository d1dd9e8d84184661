//! A provider of the edition before ours, where `gen` is still a name. `tests/edition.rs` builds it.

use provider_core::{__private::DeclaresContract, prelude::*};

#[contract("example:clock")]
pub trait Clock {
    fn now(&self, cx: Cx<'_, Self>, zone: &str, gen: u8) -> OpResult<u64>;
}

#[derive(Default)]
pub struct Wall;

impl Provider for Wall {
    type Link = ();

    fn link(&self, _config: &LinkConfig) -> Result<(), BoxError> {
        Ok(())
    }
}

#[capability_provider(contract = "example:clock")]
impl Wall {
    #[op]
    fn now(&self, _cx: Cx<'_, Self>, zone: &str, gen: u8) -> OpResult<u64> {
        Ok(u64::from(gen) + zone.parse::<u64>()?)
    }
}

#[test]
fn the_names_of_the_edition_are_kept() {
    assert_eq!(Wall::CONTRACT.ops()[0].args(), ["zone", "gen"]);
}
