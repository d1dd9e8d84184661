//! Not public API. Used by generated code.

pub use core;

#[cfg(feature = "export")]
pub use crate::export::{Package, describe as describe_contract, describe_by_hand, op_by_hand};
#[cfg(feature = "export")]
use crate::{Adapter, CapabilityProvider, Contract, HandWritten, Provider, abi, export};

/// Makes a provider that serves `contract`.
#[cfg(feature = "export")]
pub fn create_with_contract<P: Provider>(
    construct: impl FnOnce() -> P,
    contract: &'static Contract<P>,
) -> *mut abi::Provider {
    export::create(|| Adapter::new(construct(), contract))
}

/// Makes a provider that implements the specification's trait by hand.
#[cfg(feature = "export")]
pub fn create_by_hand<P: CapabilityProvider + 'static>(
    construct: impl FnOnce() -> P,
) -> *mut abi::Provider {
    export::create(|| HandWritten::new(construct()))
}
