//! A condition on an operation is a condition on all that we make of it.

use provider_core::{__private::DeclaresContract, prelude::*};

#[contract("example:conditions")]
pub trait Conditions {
    #[cfg(all())]
    fn there(&self, cx: Cx<'_, Self>) -> OpResult<()>;
    #[cfg(any())]
    fn missing(&self, cx: Cx<'_, Self>, value: NoSuchType) -> OpResult<()>;
}

#[cfg(any())]
#[contract("example:absent")]
pub trait Absent {}

#[contract("example:absent")]
#[cfg(any())]
pub trait AlsoAbsent {
    fn missing(&self, cx: Cx<'_, Self>) -> OpResult<()>;
}

#[derive(Default)]
pub struct Provided;

impl Provider for Provided {
    type Link = ();

    fn link(&self, _config: &LinkConfig) -> Result<(), BoxError> {
        Ok(())
    }
}

impl Conditions for Provided {
    fn there(&self, _cx: Cx<'_, Self>) -> OpResult<()> {
        Ok(())
    }
}

#[capability_provider]
#[cfg(any())]
impl AlsoAbsent for NoSuchType {}

#[capability_provider(contract = "example:conditions")]
impl Provided {
    #[op]
    #[cfg(all())]
    fn either(&self, _cx: Cx<'_, Self>) -> OpResult<u8> {
        Ok(1)
    }

    #[op]
    #[cfg(any())]
    fn either(&self, _cx: Cx<'_, Self>) -> OpResult<NoSuchType> {
        Ok(2)
    }
}

fn main() {
    let names = |ops: &[provider_core::OpEntry]| {
        ops.iter().map(|op| op.name()).collect::<Vec<_>>()
    };
    assert_eq!(names(Provided::CONTRACT.ops()), ["Either"]);
    assert_eq!(
        names(<Provided as Conditions>::__declared_with_contract_attribute.ops()),
        ["There"]
    );
}
