use provider_core::prelude::*;

#[contract("example:kv")]
pub trait KeyValue {
    fn get(&self, cx: Cx<'_, Self>, key: String) -> OpResult<()>;
}

pub fn boxed(_: Box<dyn KeyValue>) {}

fn main() {}
