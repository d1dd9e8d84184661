//! The `wasmcloud:*` contracts: for each a trait with its operations, the messages that travel, and
//! the meaning that implementations share.
//!
//! Names and bytes are those of the interface crates published in 2021, so that the actors of that
//! time work unchanged; `vectors/golden-vectors.json` holds bytes that those crates made. Where the
//! documentation of 2021 was vague or its providers disagreed, one meaning is pinned here, in the
//! documentation of each operation.
//!
//! A provider implements the trait; hosts, tests and actors call it through the client beside it:
//!
//! ```
//! use provider_contracts::keyvalue::KeyValueClient;
//! use provider_core::NullDispatcher;
//!
//! let keys = KeyValueClient::new(NullDispatcher, "MACTOR");
//! // Nobody is there to answer.
//! keys.get("greeting".into()).unwrap_err();
//! ```
//!
//! The crate needs nothing that only a provider has, and compiles for `wasm32-unknown-unknown`.

pub mod blobstore;
pub mod graphdb;
pub mod http_client;
pub mod http_server;
pub mod keyvalue;
pub mod logging;
pub mod messaging;
pub mod telnet;
