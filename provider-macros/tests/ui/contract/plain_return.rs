use provider_core::prelude::*;

pub struct Reply;

#[contract("example:kv")]
pub trait KeyValue {
    fn get(&self, cx: Cx<'_, Self>) -> Reply;
}

fn main() {}
