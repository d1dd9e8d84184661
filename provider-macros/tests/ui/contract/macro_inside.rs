use provider_core::prelude::*;

macro_rules! operations {
    () => {};
}

#[contract("example:kv")]
pub trait KeyValue {
    operations!();
}

fn main() {}
