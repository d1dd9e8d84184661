use provider_core::prelude::*;

#[contract("example:kv")]
pub trait KeyValue {
    fn get(&self, cx: Cx<'_, Self>, key: Box<dyn ToString>) -> OpResult<()>;
    fn put(&self, cx: Cx<'_, Self>, key: &dyn ToString) -> OpResult<()>;
}

fn main() {}
