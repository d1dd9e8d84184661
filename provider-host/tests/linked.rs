//! Two providers linked into one program: their exported symbols do not clash, because they belong to
//! the library build alone, and both are called through the same table as a library.
//!
//! The program is built outside this workspace: within it, cargo would unite its features with those of
//! the library builds.

use std::{env, fs, path::Path, process::Command};

#[test]
fn two_providers_fit_into_one_program() {
    let host = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = host.parent().unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("two-linked");
    fs::create_dir_all(&folder).unwrap();
    let manifest = format!(
        r#"[package]
name = "two-linked"
edition = "2024"
publish = false

[workspace]

[[bin]]
name = "two-linked"
path = {main:?}

[dependencies]
hand-written = {{ path = {hand_written:?}, default-features = false }}
keyvalue-memory = {{ path = {memory:?}, default-features = false }}
provider-core.path = {core:?}
provider-host.path = {host:?}
"#,
        main = host.join("tests/fixtures/two_linked.rs"),
        hand_written = root.join("sample-providers/hand-written"),
        memory = root.join("sample-providers/keyvalue-memory"),
        core = root.join("provider-core"),
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    // The versions that everything else here was built with.
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["run", "--quiet", "--manifest-path"])
        .arg(folder.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(folder.join("target"))
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "keyvalue-memory\nhand-written\n");
}
