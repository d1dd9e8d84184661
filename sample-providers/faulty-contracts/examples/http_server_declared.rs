//! Exports the provider of `wasmcloud:httpserver`, with an operation that actors answer among those that they call.

use faulty_contracts::{
    Shell,
    http_server::{CONTRACT, Server},
};

fn provider() -> Shell<Server> {
    Shell::new(Server, &CONTRACT)
}

provider_core::export_provider!(
    Shell<Server>,
    provider,
    contract = "wasmcloud:httpserver",
    ops = ["HandleRequest"]
);
