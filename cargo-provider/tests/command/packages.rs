//! Packages that are built first.

use std::{fs, path::Path};

use tempfile::TempDir;

use crate::command::{Ran, finish, program, run};

/// A package with `manifest` and an empty library.
fn package(folder: &Path, manifest: &str) {
    fs::create_dir_all(folder.join("src")).expect("the folder is made");
    fs::write(folder.join("Cargo.toml"), manifest).expect("the file is written");
    fs::write(folder.join("src/lib.rs"), "").expect("the file is written");
}

fn check_in(folder: &Path, arguments: &[&str]) -> Ran {
    let mut command = program();
    command.env("CARGO_TARGET_DIR", folder.join("target")).current_dir(folder);
    finish(command.arg("check").args(arguments))
}

#[test]
fn the_key_value_store_in_memory_keeps_the_rules() {
    let arguments = ["check", "-p", "keyvalue-memory", "--dev", "--format", "json"];
    let report = run(arguments).ended_with(0).json();
    assert_eq!(report["identity"]["name"], "keyvalue-memory");
    assert!(!report["checks"].as_array().unwrap().is_empty());
}

#[test]
fn what_one_process_stores_in_a_file_another_one_reads() {
    let folder = TempDir::new().unwrap();
    let link = format!("PATH={}", folder.path().join("data").display());
    let call = |op: &str, request: &str| {
        let package = ["call", "-p", "keyvalue-embedded", "--dev", "--link", &link];
        run(package.iter().copied().chain([op, request])).ended_with(0).json()
    };
    let set = r#"{"key": "k", "value": "stored", "expires": 0}"#;
    assert_eq!(call("Set", set)["value"], "stored");
    let got = call("Get", r#"{"key": "k"}"#);
    assert_eq!(got.to_string(), r#"{"value":"stored","exists":true}"#);
}

#[test]
fn a_package_that_is_not_there_is_refused_with_the_nearest_name() {
    let ran = run(["check", "-p", "keyvalue-memroy"]).ended_with(2);
    assert!(ran.line().ends_with("did you mean `keyvalue-memory`?"), "{ran:?}");
}

#[test]
fn a_package_without_a_library_to_load_is_told_what_to_write() {
    let folder = TempDir::new().unwrap();
    package(folder.path(), "[package]\nname = \"plain\"\nedition = \"2024\"\n[workspace]\n");
    for arguments in [&[][..], &["-p", "plain"]] {
        let ran = check_in(folder.path(), arguments).ended_with(2);
        assert!(ran.line().contains("crate-type = [\"cdylib\""), "{ran:?}");
    }
}

#[test]
fn a_folder_without_a_package_is_named() {
    let folder = TempDir::new().unwrap();
    let ran = check_in(folder.path(), &[]).ended_with(2);
    assert!(ran.line().contains("Cargo.toml"), "{ran:?}");
}

#[test]
fn a_workspace_folder_asks_for_a_package() {
    let ran = run(["check"]).ended_with(2);
    assert!(ran.line().contains("`-p`"), "{ran:?}");
    assert!(ran.line().contains("keyvalue-memory"), "{ran:?}");
}

#[test]
fn a_package_that_does_not_build_says_why() {
    let folder = TempDir::new().unwrap();
    package(
        folder.path(),
        "[package]\nname = \"broken\"\nedition = \"2024\"\n[lib]\ncrate-type = [\"cdylib\"]\n[workspace]\n",
    );
    fs::write(folder.path().join("src/lib.rs"), "fn f() -> u8 {}").unwrap();
    let ran = check_in(folder.path(), &[]).ended_with(2);
    assert!(ran.err.contains("mismatched types"), "{}", ran.err);
    let last = ran.err.lines().last().unwrap();
    assert!(last.starts_with("error: package `broken` does not build"), "{last}");
    assert_eq!(ran.out, "");
}

#[test]
fn a_library_that_is_no_provider_and_a_wrong_configuration_are_refused() {
    let folder = TempDir::new().unwrap();
    package(
        folder.path(),
        "[package]\nname = \"empty\"\nedition = \"2024\"\n[lib]\ncrate-type = [\"cdylib\"]\n[workspace]\n",
    );
    let ran = check_in(folder.path(), &["--dev"]).ended_with(2);
    let last = ran.err.lines().last().unwrap();
    assert!(last.contains("__capability_provider_"), "{last}");
    fs::write(folder.path().join("provider-testkit.toml"), "[timeouts]\nscal = 2\n").unwrap();
    let ran = check_in(folder.path(), &["--dev"]).ended_with(2);
    let last = ran.err.lines().last().unwrap();
    assert!(last.contains("provider-testkit.toml") && last.contains("`scale`"), "{last}");
}
