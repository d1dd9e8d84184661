use provider_core::prelude::*;

#[derive(serde::Deserialize)]
pub struct Entry {
    pub value: String,
}

#[contract("example:kv")]
pub trait KeyValue {
    fn put(&self, cx: Cx<'_, Self>, entry: Entry) -> OpResult<()>;
}

fn main() {}
