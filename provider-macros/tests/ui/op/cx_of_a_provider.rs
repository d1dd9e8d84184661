use provider_core::prelude::*;

#[derive(Default)]
pub struct Kv;

#[contract("example:kv")]
pub trait KeyValue {
    fn get(&self, cx: Cx<'_, Kv>, key: String) -> OpResult<()>;
}

fn main() {}
