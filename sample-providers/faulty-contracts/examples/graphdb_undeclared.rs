//! Exports the provider of `wasmcloud:graphdb` that declares one of its operations.

use faulty_contracts::graphdb_undeclared::Graphs;
use faulty_contracts::{Shell, graphdb_undeclared::Empty};

fn provider() -> Shell<Empty> {
    Shell::new(Empty, provider_core::contract_of!(Empty: Graphs))
}

provider_core::export_provider!(
    Shell<Empty>,
    provider,
    contract = "wasmcloud:graphdb",
    ops = ["QueryGraph"]
);
