//! Authors of the edition before ours: `tests/edition_2021` as a package of its own.

use std::{env, fs, path::Path, process::Command};

#[test]
fn a_provider_of_edition_2021_builds_and_passes_its_tests() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let package = tmp.join("edition_2021");
    fs::create_dir_all(&package).unwrap();
    // The profile is the workspace's, so that what is built already is found.
    let manifest = format!(
        "[package]
        name = 'edition-2021'
        edition = '2021'
        [lib]
        path = {source:?}
        [dependencies]
        provider-core = {{ path = {core:?} }}
        [profile.dev]
        debug = 'line-tables-only'
        [workspace]",
        source = here.join("tests/edition_2021/lib.rs"),
        core = here.join("../provider-core"),
    );
    fs::write(package.join("Cargo.toml"), manifest).unwrap();
    fs::copy(here.join("../Cargo.lock"), package.join("Cargo.lock")).unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["test", "--offline", "--lib", "--target-dir"])
        .arg(tmp.parent().unwrap())
        .current_dir(&package)
        .output()
        .unwrap();
    let (said, error) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("1 passed"), "{said}{error}");
    assert!(!error.contains("warning"), "{error}");
}
