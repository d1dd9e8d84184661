use provider_core::prelude::*;

#[derive(LinkValues)]
pub struct Settings<'a, T: 'a> {
    url: &'a T,
}

fn main() {}
