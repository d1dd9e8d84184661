use provider_core::prelude::*;

#[contract("example:kv")]
pub trait KeyValue {
    fn get(&self, Cx<'_, Self>, String) -> OpResult<()>;
}

fn main() {}
