//! Builds libraries of this workspace, for tests and benchmarks that load them.

use std::{
    env,
    path::PathBuf,
    process::{Command, Stdio},
};

/// Builds the libraries of `packages` and returns where they are, in that order.
pub(crate) fn build(packages: &[&str], flags: &[&str]) -> Vec<PathBuf> {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["build", "--lib", "--message-format=json-render-diagnostics"]).args(flags);
    for package in packages {
        command.args(["-p", package]);
    }
    // The same target as this program, so that sanitizers are on both sides.
    if let Some(target) = option_env!("PROVIDER_TEST_TARGET") {
        command.args(["--target", target]);
    }
    let output = command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo is there");
    assert!(output.status.success(), "cargo build failed");
    let messages: Vec<serde_json::Value> = output
        .stdout
        .split(|byte| *byte == b'\n')
        .filter_map(|line| serde_json::from_slice(line).ok())
        .collect();
    let library = |package: &&str| {
        let target = package.replace('-', "_");
        messages
            .iter()
            .filter(|message| message["target"]["name"] == target.as_str())
            .filter_map(|message| message["filenames"].as_array())
            .flatten()
            .filter_map(|file| file.as_str())
            .find(|file| file.ends_with(env::consts::DLL_SUFFIX))
            .map_or_else(|| panic!("cargo built no library of `{package}`"), PathBuf::from)
    };
    packages.iter().map(library).collect()
}
