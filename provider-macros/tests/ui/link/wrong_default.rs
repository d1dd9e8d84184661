use std::net::IpAddr;

use provider_core::prelude::*;

#[derive(LinkValues)]
pub struct Settings {
    #[value(default = 65536)]
    port: u16,
    #[value(default = "localhost")]
    address: IpAddr,
    #[value(default = 0, range = 1..=64)]
    connections: u8,
    #[value(default = "80, http")]
    ports: Vec<u16>,
    #[value(default = yes)]
    tls: bool,
}

fn main() {}
