//! The provider in this process.

use graphdb_embedded::EmbeddedGraphDb;
use provider_contracts::graphdb::{GraphDb, GraphDbClient, Scalar};
use provider_core::{
    Adapter, DirectCalls, Dispatcher, Error, codec, contract_of,
    ops::{CapabilityConfiguration, OP_REMOVE_ACTOR, SYSTEM_ACTOR},
};

pub(crate) type Provider = DirectCalls<Adapter<EmbeddedGraphDb>>;
pub(crate) type Graphs = GraphDbClient<Provider>;

pub(crate) fn provider() -> Provider {
    DirectCalls(Adapter::new(EmbeddedGraphDb::default(), contract_of!(EmbeddedGraphDb: GraphDb)))
}

pub(crate) fn link(
    provider: &Provider,
    actor: &str,
    values: &[(&str, &str)],
) -> Result<Graphs, Error> {
    provider.bind(actor, values.iter().copied())?;
    Ok(GraphDbClient::new(provider.clone(), actor))
}

/// Runs a query in the graph `g`, and returns its one value.
pub(crate) fn one(graphs: &Graphs, query: &str) -> Result<Scalar, Error> {
    let columns = graphs.query_graph("g".into(), query.into())?.result_set.columns;
    Ok(columns.into_iter().next().unwrap().scalars.unwrap().remove(0))
}

/// Runs a query in the graph `g`.
pub(crate) fn run(graphs: &Graphs, query: &str) -> Result<(), Error> {
    graphs.query_graph("g".into(), query.into()).map(drop)
}

pub(crate) fn unlink(provider: &Provider, actor: &str) {
    let configuration =
        CapabilityConfiguration { module: actor.into(), values: std::collections::HashMap::new() };
    let payload = codec::encode(&configuration).unwrap();
    provider.dispatch(SYSTEM_ACTOR, OP_REMOVE_ACTOR, &payload).unwrap();
}
