use std::time::Duration;

use provider_core::prelude::*;

#[derive(LinkValues)]
pub struct Settings {
    #[value(default = 30)]
    timeout: Duration,
}

fn main() {}
