//! Exports the provider of `wasmcloud:logging`.

use faulty_contracts::logging::Logging;
use faulty_contracts::{Shell, logging::Log};

fn provider() -> Shell<Log> {
    Shell::new(Log::default(), provider_core::contract_of!(Log: Logging))
}

provider_core::export_provider!(
    Shell<Log>,
    provider,
    contract = "wasmcloud:logging",
    ops = ["WriteLog"]
);
