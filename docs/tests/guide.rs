//! The guide's steps, as a reader takes them: the package of the first provider is built and its
//! conformance run is green, and the skeleton in C is a provider that a host can call.
#![expect(dead_code, reason = "each test uses its part of the module")]
#![cfg(unix)]

mod pages;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use pages::{blocks, read, root};
use provider_core::{ErrorKind, NullDispatcher};
use provider_host::Library;

fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).expect("the folder can be made");
    folder
}

/// What a block of Rust is in a file: without the marks that hide a line.
fn visible(block: &str) -> &str {
    assert!(block.lines().all(|line| !line.starts_with("# ")), "{block}");
    block
}

#[test]
fn the_first_provider_passes_its_conformance_run() {
    let page = read("docs/src/guide/first-provider.md");
    let (rust, toml) = (blocks(&page, "rust"), blocks(&page, "toml"));
    let folder = scratch("counter");
    for (file, text) in [
        ("Cargo.toml", toml[0].replace("../capability-provider-sdk", &root().to_string_lossy())),
        ("src/lib.rs", visible(&rust[0]).to_owned()),
        ("tests/conformance.rs", visible(&rust[1]).to_owned()),
        ("provider-testkit.toml", toml[1].clone()),
    ] {
        let file = folder.join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        // A workspace of its own: the folder may lie within another one.
        let end = if file.ends_with("Cargo.toml") { "\n[workspace]\n" } else { "" };
        fs::write(file, text + end).unwrap();
    }
    // The versions that everything else here was built with.
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    // A target directory of its own: in the workspace's, cargo would build the same crates anew under
    // the names that other tests are linked with.
    let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["test", "--manifest-path"])
        .arg(folder.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(folder.join("target"))
        .env("CARGO_PROFILE_DEV_DEBUG", "none")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    for green in ["links::bind-idempotent", "ops::sample::Add", "stop::exit"] {
        assert!(told.contains(green), "{told}");
    }
    // One operation: each check is there once.
    let count = provider_testkit::checks().len();
    assert!(told.contains(&format!("{count} passed; 0 failed; 0 ignored")), "{told}");
    assert!(page.contains(&format!("{count} rows for a contract with one operation")));
}

#[test]
fn the_skeleton_in_c_is_a_provider() {
    let page = read("docs/src/guide/other-languages.md");
    let folder = scratch("nothing");
    let (source, library) = (folder.join("nothing.c"), folder.join("libnothing.so"));
    fs::write(&source, blocks(&page, "c").concat()).unwrap();
    let status = Command::new(env::var_os("CC").unwrap_or_else(|| "cc".into()))
        .args(["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fPIC", "-shared"])
        .args(["-fvisibility=hidden", "-I"])
        .arg(root().join("provider-core/include"))
        .arg(&source)
        .arg("-o")
        .arg(&library)
        .status()
        .expect("a C compiler is needed");
    assert!(status.success());
    let library = Library::open(&library).unwrap();
    assert_eq!(library.description().problems(), Vec::<String>::new());
    let provider = library.create().unwrap().configure(NullDispatcher).unwrap();
    assert!(provider.health().unwrap().healthy);
    let unknown = provider.call("MACTOR", "Nothing", b"").unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::UnknownOperation);
    provider.stop().unwrap().destroy().unwrap();
}
