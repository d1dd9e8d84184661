use provider_core::prelude::*;

#[contract("example:kv")]
pub trait KeyValue {
    fn get(&self, cx: Cx, key: String) -> OpResult<()>;
}

fn main() {}
