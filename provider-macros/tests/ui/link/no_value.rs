use std::{net::TcpStream, time::Instant};

use provider_core::prelude::*;

#[derive(LinkValues)]
pub struct Settings {
    url: String,
    since: Instant,
    streams: Option<Vec<TcpStream>>,
}

fn main() {}
