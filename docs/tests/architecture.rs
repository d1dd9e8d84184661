//! The architecture page names the files with unsafe code, and no others.
#![expect(dead_code, reason = "each test uses its part of the module")]

mod pages;

use std::{collections::BTreeSet, fs, path::PathBuf};

use pages::{prose, read, root};

/// Every file of Rust in the workspace's packages.
fn sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = [
        "provider-core",
        "provider-macros",
        "contracts",
        "provider-host",
        "provider-testkit",
        "cargo-provider",
        "sample-providers",
        "docs",
    ]
    .map(|folder| root().join(folder))
    .to_vec();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the folder can be read") {
            let path = entry.expect("the folder can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found
}

/// Whether a file lifts the lint against unsafe code for itself.
fn lifts_the_lint(text: &str) -> bool {
    text.split("#![expect(").skip(1).any(|rest| rest.trim_start().starts_with("unsafe_code"))
        || text.contains("#![allow(unsafe_code")
}

#[test]
fn the_page_names_every_file_with_unsafe_code() {
    let page = prose(&read("docs/src/reference/architecture.md"));
    let section = page.split("## Where unsafe lives").nth(1).expect("the section is there");
    let named: BTreeSet<String> = section
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .filter_map(|line| line.split_once('`'))
        .map(|(file, _)| file.to_owned())
        .collect();
    let there: BTreeSet<String> = sources()
        .into_iter()
        .filter(|path| lifts_the_lint(&fs::read_to_string(path).unwrap()))
        .map(|path| {
            let path = path.strip_prefix(root()).unwrap();
            path.to_string_lossy().replace('\\', "/")
        })
        .filter(|path| path != "docs/tests/architecture.rs")
        .collect();
    assert_eq!(named, there);
}
