use provider_core::prelude::*;

#[contract("example:kv")]
pub trait KeyValue {
    fn get(&self, link: &Self::Link, key: String) -> OpResult<()>;
}

fn main() {}
