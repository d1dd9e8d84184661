//! Exports the provider of `wasmcloud:httpserver`.

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
    ops = []
);
