use provider_core::prelude::*;

#[contract("example:kv")]
pub trait KeyValue {
    #[op(name = 'G')]
    fn get(&self, cx: Cx<'_, Self>) -> OpResult<()>;
    #[op(name = b"Put")]
    fn put(&self, cx: Cx<'_, Self>) -> OpResult<()>;
    #[op(name = concat!("D", "el"))]
    fn del(&self, cx: Cx<'_, Self>) -> OpResult<()>;
}

fn main() {}
