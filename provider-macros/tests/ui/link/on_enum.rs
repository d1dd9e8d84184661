use provider_core::prelude::*;

#[derive(LinkValues)]
pub enum Settings {
    Local,
    Remote { url: String },
}

fn main() {}
