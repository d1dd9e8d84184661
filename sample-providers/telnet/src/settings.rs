//! What an actor is linked with.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use provider_core::prelude::*;

/// What an actor is linked with.
#[derive(Debug, Clone, LinkValues)]
pub struct Settings {
    /// The port. 0 is refused: nobody would know where to connect to.
    #[value(default = 3000, range = 1..=65535)]
    pub port: u16,
    /// The address that is listened on, an IP address: this machine's own without it. `0.0.0.0` is every
    /// address of the machine.
    pub address: Option<IpAddr>,
    /// The text that every session begins with. A line feed in it is sent as the end of a line.
    pub motd: Option<String>,
    /// How many sessions there may be at once. Whoever comes then waits until one ends.
    #[value(default = 1000, range = 1..=100_000)]
    pub max_sessions: usize,
    /// The longest line in bytes. A client that sends more without the end of a line is cut off.
    #[value(default = 65_536, range = 1..=16_777_216)]
    pub max_line_bytes: usize,
    /// How many bytes may wait for a client that does not read. A text that would be more is refused.
    #[value(default = 1_048_576, range = 1..=268_435_456)]
    pub max_unread_bytes: usize,
    /// How long a session may last in which nobody types.
    #[value(default = "1h")]
    pub idle_timeout: Duration,
    /// How long a client may take to read what it is sent, and the actor to answer.
    #[value(default = "30s")]
    pub timeout: Duration,
}

impl Settings {
    /// Where it listens.
    pub(crate) fn socket(&self) -> SocketAddr {
        (self.address.unwrap_or(Ipv4Addr::LOCALHOST.into()), self.port).into()
    }

    /// What a session begins with.
    pub(crate) fn greeting(&self) -> Vec<u8> {
        let Some(text) = self.motd.as_deref().filter(|text| !text.is_empty()) else {
            return Vec::new();
        };
        let mut greeting = text.replace("\r\n", "\n").replace('\n', "\r\n");
        if !greeting.ends_with('\n') {
            greeting.push_str("\r\n");
        }
        greeting.into_bytes()
    }
}
