//! A provider that behaves well, unless the environment variable `FAULTY_DEFECT` names one of
//! [`defects`]: then it breaks one rule, and keeps all others as far as anybody can who breaks that
//! one.
//!
//! It is what a testkit is tested with: each defect names the checks that must find it. Its contract
//! is its own, `example:faulty`: `Echo {text}` returns `{text}`, `Nest {value}` returns `{depth}`, how
//! deep arrays and maps are nested in any value; `Relay {text}` calls `Relayed {text}` of the actor
//! that called it, and returns what that one answers.

mod crossing;
mod ending;
mod links;
mod nesting;
mod opened;
mod operations;
mod outside;
mod provider;
mod service;

use provider_core::ProviderEntry;

pub use faulty_defects::{Defect, Kind, Made, VARIABLE, defects, fools};

pub use self::{
    operations::{Depth, OP_ECHO, OP_NEST, OP_RELAY, OP_RELAYED, Text},
    provider::Faulty,
};

/// For hosts that link this provider in.
pub const ENTRY: ProviderEntry = provider_core::provider_entry!(
    Faulty as Service,
    Faulty::from_environment,
    contract = "example:faulty",
    ops = [OP_ECHO, OP_NEST, OP_RELAY]
);

#[cfg(feature = "export")]
provider_core::export_provider!(
    Faulty as Service,
    Faulty::from_environment,
    contract = "example:faulty",
    ops = [OP_ECHO, OP_NEST, OP_RELAY]
);
