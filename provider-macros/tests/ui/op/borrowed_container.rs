use provider_core::prelude::*;

#[contract("example:kv")]
pub trait KeyValue {
    fn get(&self, cx: Cx<'_, Self>, key: &String) -> OpResult<()>;
    fn put(&self, cx: Cx<'_, Self>, keys: &Vec<String>) -> OpResult<()>;
    fn del(&self, cx: Cx<'_, Self>, keys: &[String]) -> OpResult<()>;
}

fn main() {}
