use provider_core::prelude::*;

#[derive(LinkValues)]
pub struct Settings {
    url: String,
    #[value(name = "URL")]
    server: Option<String>,
    #[value(name = "")]
    nothing: Option<String>,
}

fn main() {}
