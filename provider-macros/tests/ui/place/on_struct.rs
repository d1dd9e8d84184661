use provider_core::prelude::*;

#[capability_provider(contract = "example:kv")]
pub struct Kv;

#[capability_provider]
fn function() {}

#[capability_provider]
trait Trait {}

#[capability_provider]
mod module {}

fn main() {}
