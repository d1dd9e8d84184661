//! Exports the provider of `wasmcloud:messaging`, with an operation under another name than the contract's.

use faulty_contracts::messaging::Messaging;
use faulty_contracts::{Shell, messaging::Broker};

fn provider() -> Shell<Broker> {
    Shell::new(Broker::default(), provider_core::contract_of!(Broker: Messaging))
}

provider_core::export_provider!(
    Shell<Broker>,
    provider,
    contract = "wasmcloud:messaging",
    ops = ["PublishMessage", "Request"]
);
