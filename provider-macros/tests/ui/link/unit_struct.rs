use provider_core::prelude::*;

#[derive(LinkValues)]
pub struct Settings;

fn main() {}
