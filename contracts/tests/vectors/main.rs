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
mod vector;

use std::collections::BTreeMap;

use crate::vector::{File, VECTORS};

/// Contracts whose rows nothing here stands behind yet, with how many rows they have.
const NOT_YET: [(&str, usize); 1] = [("wasmcloud:telnet", 3)];

#[test]
fn every_row_belongs_to_a_contract_that_is_checked_or_is_named_as_not_yet() {
    let file: File = serde_json::from_str(VECTORS).unwrap();
    let mut rows = BTreeMap::new();
    for vector in &file.vectors {
        *rows.entry(vector.contract.as_str()).or_insert(0) += 1;
    }
    assert_eq!(rows.remove("core"), Some(5));
    assert_eq!(rows.remove("wasmcloud:keyvalue"), Some(20));
    assert_eq!(rows.remove("wasmcloud:httpclient"), Some(1));
    assert_eq!(rows.remove("wasmcloud:httpserver"), Some(4));
    assert_eq!(rows.remove("wasmcloud:graphdb"), Some(4));
    assert_eq!(rows.remove("wasmcloud:blobstore"), Some(10));
    assert_eq!(rows.remove("wasmcloud:messaging"), Some(3));
    assert_eq!(rows.into_iter().collect::<Vec<_>>(), NOT_YET);
}
