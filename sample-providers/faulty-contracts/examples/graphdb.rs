//! Exports the provider of `wasmcloud:graphdb`.

use faulty_contracts::graphdb::Graphs;
use faulty_contracts::{Shell, graphdb::Empty};

fn provider() -> Shell<Empty> {
    Shell::new(Empty, provider_core::contract_of!(Empty: Graphs))
}

provider_core::export_provider!(
    Shell<Empty>,
    provider,
    contract = "wasmcloud:graphdb",
    ops = ["QueryGraph"]
);
