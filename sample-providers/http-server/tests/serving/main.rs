//! What clients and actors see of the provider.
#![expect(clippy::unwrap_used, reason = "in a test, where it fails is the message")]

mod client;
mod cors;
mod faults;
mod host;
mod http2;
mod limits;
mod links;
mod log;
mod meaning;
mod removal;
mod tls;
