use provider_core::prelude::*;

#[derive(serde::Serialize)]
pub struct Entry {
    pub value: String,
}

#[contract("example:kv")]
pub trait KeyValue {
    fn get(&self, cx: Cx<'_, Self>, key: String) -> OpResult<Entry>;
}

fn main() {}
