use provider_core::prelude::*;

const MAX: u8 = 64;

#[derive(LinkValues)]
pub struct Settings {
    #[value(range = 1..=3)]
    name: String,
    #[value(range = 8)]
    size: u8,
    #[value(range = 1..=MAX)]
    connections: u8,
    #[value(range = 9..=1)]
    level: i32,
}

fn main() {}
