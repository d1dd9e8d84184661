use provider_core::prelude::*;

struct Kv;

impl Kv {
    #[op]
    fn get(&self) {}
}

#[op(name = "Free")]
fn free() {}

fn main() {}
