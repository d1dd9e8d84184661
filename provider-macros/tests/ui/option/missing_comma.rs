use provider_core::prelude::*;

#[contract("example:kv" version = "0.2")]
pub trait KeyValue {
    fn get(&self, cx: Cx<'_, Self>) -> OpResult<()>;
}

fn main() {}
