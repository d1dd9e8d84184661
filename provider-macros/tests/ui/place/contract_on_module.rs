use provider_core::prelude::*;

#[contract("example:kv")]
mod kv {
    pub fn get() {}
}

fn main() {}
