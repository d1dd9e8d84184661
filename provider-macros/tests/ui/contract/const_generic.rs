use provider_core::prelude::*;

#[contract("example:kv")]
pub trait KeyValue<const N: usize> {
    fn get(&self, cx: Cx<'_, Self>) -> OpResult<()>;
}

fn main() {}
