use provider_core::prelude::*;

#[op]
#[contract("example:kv")]
pub trait KeyValue {
    fn get(&self, cx: Cx<'_, Self>, key: String) -> OpResult<()>;
}

fn main() {}
