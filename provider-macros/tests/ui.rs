//! What the compiler tells authors who get something wrong, and that it tells nothing to those who
//! get it right.
//!
//! `TRYBUILD=overwrite cargo test -p provider-macros --test ui` writes the expected messages anew.
//! Review them like code: they are what authors read. `tests/messages.rs` holds them to their style.

#![expect(dead_code, reason = "each test uses its part of the module")]

mod mistakes;

use std::{fs, process::Command};

use mistakes::{Words, listed};

#[test]
fn pass() {
    trybuild::TestCases::new().pass("tests/pass/*.rs");
}

#[test]
fn ui_ours() {
    let cases = trybuild::TestCases::new();
    for mistake in listed().iter().filter(|mistake| mistake.words == Words::Ours) {
        cases.compile_fail(mistake.source());
    }
}

/// The words of rustc change with it, so they are compared with one version.
#[test]
fn ui_rustc() {
    let pinned = fs::read_to_string("../rust-toolchain.toml").unwrap();
    let pinned = pinned.split('"').nth(1).unwrap();
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output().unwrap();
    let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
    if !version.contains(pinned) {
        skipped(&format!(
            "rustc's own words are compared with {pinned} only, and this is {version}"
        ));
        return;
    }
    let cases = trybuild::TestCases::new();
    for mistake in listed().iter().filter(|mistake| mistake.words != Words::Ours) {
        cases.compile_fail(mistake.source());
    }
}

#[expect(clippy::print_stdout, reason = "why a test does nothing")]
fn skipped(why: &str) {
    println!("skipped: {why}");
}
