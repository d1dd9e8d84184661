use provider_core::prelude::*;

#[contract("example:kv")]
pub trait KeyValue {
    type Key;
    const LIMIT: usize;
    fn get(&self, cx: Cx<'_, Self>, key: String) -> OpResult<()>;
}

fn main() {}
