use provider_core::prelude::*;

#[contract(id = "example:kv")]
pub trait KeyValue {
    fn get(&self, cx: Cx<'_, Self>) -> OpResult<()>;
}

fn main() {}
