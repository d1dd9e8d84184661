//! The page of each contract has the words of a library of it, as `cargo provider contract --markdown` prints
//! them.
#![expect(clippy::unwrap_used, reason = "a test")]
#![expect(dead_code, reason = "each test uses its part of the module")]
#![cfg(target_os = "linux")]

#[path = "pages/libraries.rs"]
mod libraries;
mod pages;

use std::{path::Path, process::Command};

use pages::{hold, prose, read, with_part};

/// The contracts, each with the provider whose library is asked.
const CONTRACTS: [(&str, &str); 8] = [
    ("blobstore", "blobstore"),
    ("graphdb", "graphdb-embedded"),
    ("httpclient", "http-client"),
    ("httpserver", "http-server"),
    ("keyvalue", "keyvalue-memory"),
    ("logging", "logging"),
    ("messaging", "messaging-local"),
    ("telnet", "telnet"),
];

/// Those whose pages say more than the library: what it says is a part of them.
const MORE: [&str; 2] = ["httpserver", "keyvalue"];

#[test]
fn the_page_of_each_contract_has_the_words_of_a_library() {
    let program = libraries::cargo_program("cargo-provider");
    let built = libraries::cargo_libraries(CONTRACTS.map(|(_, package)| package));
    for ((name, package), library) in CONTRACTS.into_iter().zip(built) {
        let path = format!("docs/src/reference/contracts-{name}.md");
        let printed = printed(&program, &library);
        let (title, rest) = printed.split_once("\n\n").unwrap();
        assert_eq!(title, format!("# The contract `wasmcloud:{name}`"));
        if MORE.contains(&name) {
            let at = rest.find("## Operations\n").unwrap();
            let part = format!("{}\n", &rest[at..]);
            hold(&path, &with_part(&read(&path), "contract", &part));
            every_operation_is_in_the_table(&path, &rest[at..]);
        } else {
            let whence = whence(package);
            hold(&path, &format!("{title}\n\n{whence}\n\n{rest}"));
        }
    }
}

/// What the command prints of a library.
fn printed(program: &Path, library: &Path) -> String {
    let output = Command::new(program)
        .args(["provider", "contract", "--markdown"])
        .arg(library)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// What a page says of where its words are from.
fn whence(package: &str) -> String {
    format!(
        "<!-- generated: all of it -->\n\nThis is what a library says of itself, as `cargo provider contract -p \
         {package} --markdown` prints it. The\nlink values, and whether calls wait for each other, are those of \
         `{package}`;\n[other providers](../providers/index.md) have their own. All else holds for every \
         provider, and is\n[checked](checks.md)."
    )
}

/// The table of what travels has a row for each operation that the library has.
fn every_operation_is_in_the_table(path: &str, operations: &str) {
    let page = prose(&read(path));
    let (table, _) = page.split_once("## What holds").unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `"));
    let rows: Vec<&str> = rows.filter_map(|row| Some(row.split_once('`')?.0)).collect();
    let operations = prose(operations);
    let named: Vec<&str> =
        operations.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    assert_eq!(rows, named, "{path}");
}
