//! The graphs through their operations, with a server.
#![expect(clippy::unwrap_used, reason = "in a test, where it fails is the message")]

use std::process::ExitCode;

use graphdb_falkordb::FalkorGraphDb;
use provider_contracts::graphdb::{GraphDbAsync, GraphDbClient, Scalar, scenario::pinned};
use provider_core::{AsyncAdapter, DirectCalls, Error, contract_of};
use test_servers::{Program, Server};

fn main() -> ExitCode {
    test_servers::main(&["falkordb.so"], &[("every_pinned_rule_holds", every_pinned_rule_holds)])
}

type Provider = DirectCalls<AsyncAdapter<FalkorGraphDb>>;
type Graphs = GraphDbClient<Provider>;

fn provider() -> Provider {
    let contract = contract_of!(FalkorGraphDb: GraphDbAsync);
    DirectCalls(AsyncAdapter::new(FalkorGraphDb::default(), contract))
}

fn link(provider: &Provider, server: &Server, values: &[(&str, &str)]) -> Result<Graphs, Error> {
    let url = server.url();
    let values = values.iter().copied().chain([("URL", url.as_str())]);
    provider.bind("MACTOR", values)?;
    Ok(GraphDbClient::new(provider.clone(), "MACTOR"))
}

fn every_pinned_rule_holds() {
    let server = Server::start(Program::Falkordb).unwrap();
    let graphs = link(&provider(), &server, &[]).unwrap();
    for scenario in pinned() {
        scenario.run(&graphs, "t").unwrap_or_else(|failure| panic!("{failure}"));
    }
}
