//! What the interface crates of 2021 wrote is what this crate writes and reads, byte for byte.
#![expect(clippy::unwrap_used, reason = "in a test, where it fails is the message")]

mod blobstore;
mod graphdb;
mod http_client;
mod http_server;
mod keyvalue;
mod logging;
mod messaging;
mod standard;
mod telnet;
mod vector;

use std::collections::BTreeMap;

use crate::vector::{File, VECTORS};

/// How many rows each contract has: a file of this test stands behind them.
const ROWS: [(&str, usize); 8] = [
    ("core", 5),
    ("wasmcloud:blobstore", 10),
    ("wasmcloud:graphdb", 4),
    ("wasmcloud:httpclient", 1),
    ("wasmcloud:httpserver", 4),
    ("wasmcloud:keyvalue", 20),
    ("wasmcloud:messaging", 3),
    ("wasmcloud:telnet", 3),
];

#[test]
fn every_row_belongs_to_a_contract_that_is_checked() {
    let file: File = serde_json::from_str(VECTORS).unwrap();
    let mut rows = BTreeMap::new();
    for vector in &file.vectors {
        *rows.entry(vector.contract.as_str()).or_insert(0) += 1;
    }
    assert_eq!(rows.into_iter().collect::<Vec<_>>(), ROWS);
}
