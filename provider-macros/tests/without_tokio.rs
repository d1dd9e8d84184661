//! An asynchronous provider whose author forgot the feature, in a package of its own: in this workspace the
//! feature is on for everybody, so no test of the trybuild suite can see this.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{env, fs, path::Path, process::Command};

const MARKED: &str = r#"
#[capability_provider(contract = "test:waits")]
impl Waits {
    #[op]
    async fn work(&self, _cx: Cx<'_, Self>) -> OpResult<()> {
        Ok(())
    }
}
"#;

const CONTRACT: &str = r#"
#[contract("test:waits")]
pub trait Work {
    fn work(&self, cx: Cx<'_, Self>) -> OpResult<()>;
}

#[capability_provider]
impl WorkAsync for Waits {
    async fn work(&self, _cx: Cx<'_, Self>) -> OpResult<()> {
        Ok(())
    }
}
"#;

/// What the compiler says of a package with this provider.
fn complaint(name: &str, provider: &str) -> String {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let package = tmp.join(name);
    fs::create_dir_all(&package).unwrap();
    // The profile is the workspace's, so that what is built already is found.
    let manifest = format!(
        "[package]
        name = '{name}'
        edition = '2024'
        [lib]
        path = 'lib.rs'
        [dependencies]
        provider-core = {{ path = '{core}' }}
        [profile.dev]
        debug = 'line-tables-only'
        [workspace]",
        core = here.join("../provider-core").display(),
    );
    fs::write(package.join("Cargo.toml"), manifest).unwrap();
    let source = format!(
        "use provider_core::prelude::*;\n\n#[derive(Default)]\npub struct Waits;\n{provider}"
    );
    fs::write(package.join("lib.rs"), source).unwrap();
    fs::copy(here.join("../Cargo.lock"), package.join("Cargo.lock")).unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["check", "--offline", "--lib", "--target-dir"])
        .arg(tmp.parent().unwrap())
        .current_dir(&package)
        .output()
        .unwrap();
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn without_the_feature_the_one_error_says_what_to_write() {
    for (name, provider) in [("without-tokio-marked", MARKED), ("without-tokio-contract", CONTRACT)]
    {
        let said = complaint(name, provider);
        let dependency = r#"`provider-core = { .., features = ["tokio"] }`"#;
        assert!(said.contains("need the feature `tokio` of `provider-core`"), "{said}");
        assert!(said.contains(dependency), "{said}");
        assert!(said.contains("due to 1 previous error"), "{said}");
    }
}
