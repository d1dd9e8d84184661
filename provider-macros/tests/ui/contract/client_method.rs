use provider_core::prelude::*;

#[contract("example:kv")]
pub trait KeyValue {
    fn new(&self, cx: Cx<'_, Self>) -> OpResult<()>;
    fn to(&self, cx: Cx<'_, Self>) -> OpResult<()>;
    fn get(&self, cx: Cx<'_, Self>) -> OpResult<&str>;
    fn put(&self, cx: Cx<'_, Self>, other: <Self as Provider>::Link) -> OpResult<()>;
}

fn main() {}
