use provider_core::prelude::*;

struct Kv;

#[contract("example:kv")]
impl Kv {}

#[contract("example:kv")]
enum Other {}

fn main() {}
