//! The page of the contract `wasmcloud:keyvalue` is what a library of it says. A test of its own: a
//! program can link one provider that exports itself, and the tables of defects belong to another one.
#![expect(dead_code, reason = "each test uses its part of the module")]

mod pages;

use std::fmt::Write as _;

use pages::{hold, prose, read, with_part};
use provider_host::Library;

const KEYVALUE: &str = "docs/src/reference/contracts-keyvalue.md";

#[test]
fn the_page_of_the_contract_has_the_words_of_the_library() {
    let library = Library::linked(&keyvalue_memory::ENTRY).expect("it is a provider");
    let mut text = String::new();
    for op in &library.description().ops {
        let idempotent = if op.is_idempotent() { " *May be sent again.*" } else { "" };
        let _ = write!(text, "### {}\n\n{}{idempotent}\n\n", op.name, op.doc.trim());
    }
    hold(KEYVALUE, &with_part(&read(KEYVALUE), "keyvalue-ops", &text));
}

#[test]
fn the_contracts_table_has_every_operation() {
    let library = Library::linked(&keyvalue_memory::ENTRY).expect("it is a provider");
    let page = prose(&read(KEYVALUE));
    let rows: Vec<&str> = page
        .split("## What holds")
        .next()
        .into_iter()
        .flat_map(str::lines)
        .filter_map(|line| line.strip_prefix("| `"))
        .filter_map(|line| line.split_once('`'))
        .map(|(name, _)| name)
        .collect();
    let ops: Vec<&str> = library.description().ops.iter().map(|op| op.name.as_str()).collect();
    assert_eq!(rows, ops);
}
