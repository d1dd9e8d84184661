//! Exports the provider of `wasmcloud:httpclient`.

use faulty_contracts::{Shell, http_client::Plain};
use provider_contracts::http_client::HttpClient;

fn provider() -> Shell<Plain> {
    Shell::new(Plain, provider_core::contract_of!(Plain: HttpClient))
}

provider_core::export_provider!(
    Shell<Plain>,
    provider,
    contract = "wasmcloud:httpclient",
    ops = ["Request"]
);
