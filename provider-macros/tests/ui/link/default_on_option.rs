use provider_core::prelude::*;

#[derive(LinkValues)]
pub struct Settings {
    #[value(default = 80)]
    port: Option<u16>,
}

fn main() {}
