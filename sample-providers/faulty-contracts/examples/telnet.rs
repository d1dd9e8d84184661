//! Exports the provider of `wasmcloud:telnet`.

use faulty_contracts::telnet::Telnet;
use faulty_contracts::{Shell, telnet::Terminals};

fn provider() -> Shell<Terminals> {
    Shell::new(Terminals::default(), provider_core::contract_of!(Terminals: Telnet))
}

provider_core::export_provider!(
    Shell<Terminals>,
    provider,
    contract = "wasmcloud:telnet",
    ops = ["SendText"]
);
