//! Exports the provider of `wasmcloud:messaging`.

use faulty_contracts::messaging::Messaging;
use faulty_contracts::{Shell, messaging::Broker};

fn provider() -> Shell<Broker> {
    Shell::new(Broker::default(), provider_core::contract_of!(Broker: Messaging))
}

provider_core::export_provider!(
    Shell<Broker>,
    provider,
    contract = "wasmcloud:messaging",
    ops = ["Publish", "Request"]
);
