use std::time::Instant;

use provider_core::prelude::*;

#[contract("example:kv")]
pub trait KeyValue {
    fn get(&self, cx: Cx<'_, Self>) -> OpResult<Instant>;
    fn put(&self, cx: Cx<'_, Self>, since: Instant) -> OpResult<()>;
}

fn main() {}
