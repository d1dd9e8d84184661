use provider_core::prelude::*;

#[contract("example:kv")]
pub trait KeyValue<T> {
    fn get(&self, cx: Cx<'_, Self>, key: String) -> OpResult<()>;
}

fn main() {}
