//! Exports the provider of `wasmcloud:keyvalue`.

use faulty_contracts::{Shell, keyvalue::Keys};
use provider_contracts::keyvalue::KeyValue;

fn provider() -> Shell<Keys> {
    Shell::new(Keys::default(), provider_core::contract_of!(Keys: KeyValue))
}

provider_core::export_provider!(
    Shell<Keys>,
    provider,
    contract = "wasmcloud:keyvalue",
    ops = [
        "Get",
        "Add",
        "Set",
        "Del",
        "Clear",
        "Range",
        "Push",
        "ListItemDelete",
        "SetAdd",
        "SetRemove",
        "SetUnion",
        "SetIntersection",
        "SetQuery",
        "KeyExists"
    ]
);
