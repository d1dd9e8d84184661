//! `cargo generate`, held against `cargo provider new`.
#![expect(clippy::unwrap_used, reason = "in a test, where it fails is the message")]

use std::{
    path::Path,
    process::{Command, Stdio},
};

use tempfile::TempDir;

use crate::{
    command::workspace,
    package::{files, new_in},
};

/// `cargo generate` with its answers given.
fn generate(folder: &Path, name: &str, values: &[(&str, &str)]) {
    let mut command = Command::new("cargo-generate");
    command
        .args(["generate", "--silent", "--vcs", "none", "--no-workspace", "--name", name, "--path"])
        .arg(workspace().join("provider-template"))
        .arg("--destination")
        .arg(folder)
        .args(values.iter().flat_map(|(key, value)| ["-d".into(), format!("{key}={value}")]))
        .env("USER", "somebody")
        .env("CARGO_HOME", folder)
        .stdin(Stdio::null());
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{values:?}: {told}");
}

pub(crate) fn cargo_generate_makes_the_same_from_the_same_template() {
    // The last id is one whose trait needs another name.
    let contracts = ["keyvalue", "wasmcloud:keyvalue", "acme.com:image-thumbnails", "acme:error"];
    let sdks = ["https://example.org/sdk", "https://example.org/sdk.git#v1"];
    let (ours, theirs) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let mut count = 0;
    for contract in contracts {
        let forms = ["sync", "async"].into_iter();
        for (form, content) in forms.flat_map(|form| [(form, "embedded"), (form, "empty")]) {
            for sdk in [None].into_iter().chain(sdks.map(Some)) {
                count += 1;
                let name = format!("new-{count}");
                let mut arguments = vec![name.as_str(), "--contract", contract];
                arguments.extend((content == "empty").then_some("--empty"));
                arguments.extend((form == "async").then_some("--async"));
                arguments.extend(sdk.map(|sdk| ["--sdk", sdk]).into_iter().flatten());
                new_in(ours.path(), &arguments).ended_with(0);
                let made = files(&ours.path().join(&name));
                // A path is what `new` found it to be.
                let (_, path) = made["Cargo.toml"]
                    .split_once("provider-core = { path = \"")
                    .unwrap_or_default();
                let path = path.split_once("/provider-core\"").unwrap_or_default().0;
                let values = [
                    ("contract", contract),
                    ("form", form),
                    ("content", content),
                    ("sdk", sdk.unwrap_or(path)),
                ];
                generate(theirs.path(), &name, &values);
                assert_eq!(files(&theirs.path().join(&name)), made, "{arguments:?}");
            }
        }
    }
    assert_eq!(count, 48);
}
