use provider_core::prelude::*;

#[contract("example:kv")]
pub trait KeyValue {}

fn main() {}
