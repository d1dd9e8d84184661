//! Exports the provider of `wasmcloud:graphdb`.

use faulty_contracts::graphdb::Graphs;
use provider_contracts::graphdb::GraphDb;
use provider_core::Adapter;

fn provider() -> Adapter<Graphs> {
    Adapter::new(Graphs, provider_core::contract_of!(Graphs: GraphDb))
}

provider_core::export_provider!(
    Adapter<Graphs>,
    provider,
    contract = "wasmcloud:graphdb",
    ops = ["QueryGraph", "DeleteGraph"]
);
