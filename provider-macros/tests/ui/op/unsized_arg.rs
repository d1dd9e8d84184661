use provider_core::prelude::*;

#[contract("example:kv")]
pub trait KeyValue {
    fn get(&self, cx: Cx<'_, Self>, key: str) -> OpResult<()>;
    fn put(&self, cx: Cx<'_, Self>, keys: [u8]) -> OpResult<()>;
}

fn main() {}
