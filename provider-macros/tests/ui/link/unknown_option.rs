use provider_core::prelude::*;

#[derive(LinkValues)]
#[value(rename_all = "lowercase")]
pub struct Settings {
    #[value(defalt = 80)]
    port: u16,
}

fn main() {}
