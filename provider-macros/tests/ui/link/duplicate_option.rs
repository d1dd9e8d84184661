use provider_core::prelude::*;

#[derive(LinkValues)]
pub struct Settings {
    #[value(default = 80, default = 81)]
    port: u16,
    #[value(secret)]
    #[value(name = "KEY")]
    token: String,
}

fn main() {}
