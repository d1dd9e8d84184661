//! What the tests share: libraries, built by whoever builds them.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use faulty_defects::Made;

/// The workspace's folder.
pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A folder for what the tests build.
pub(crate) fn scratch() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("testkit");
    fs::create_dir_all(&folder).expect("the target folder can be written to");
    folder
}

/// Lets cargo build the library of a package of the workspace.
pub(crate) fn cargo_library(package: &str) -> Result<PathBuf, String> {
    let output = Command::new(env!("CARGO"))
        .args(["build", "--lib", "--message-format=json", "-p", package])
        .current_dir(workspace())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| error.to_string())?;
    let library = format!(
        "{}{}{}",
        env::consts::DLL_PREFIX,
        package.replace('-', "_"),
        env::consts::DLL_SUFFIX
    );
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter_map(|message| message["filenames"].as_array().cloned())
        .flatten()
        .filter_map(|file| file.as_str().map(PathBuf::from))
        .find(|file| file.file_name().is_some_and(|name| *name == *library))
        .ok_or_else(|| format!("`{package}` builds no `{library}`"))
}

/// Lets cargo build the examples of a package that are libraries: each with its name.
#[allow(dead_code, reason = "each test uses its part of the module")]
pub(crate) fn cargo_examples(package: &str) -> Result<BTreeMap<String, PathBuf>, String> {
    let output = Command::new(env!("CARGO"))
        .args(["build", "--examples", "--message-format=json", "-p", package])
        .current_dir(workspace())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| error.to_string())?;
    let built = String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| message["target"]["kind"][0] == "example")
        .filter_map(|message| {
            let name = message["target"]["name"].as_str()?.to_owned();
            let files = message["filenames"].as_array()?;
            let mut files = files.iter().filter_map(|file| file.as_str());
            let file = files.find(|file| file.ends_with(env::consts::DLL_SUFFIX))?;
            Some((name, PathBuf::from(file)))
        })
        .collect();
    if output.status.success() { Ok(built) } else { Err(format!("`{package}` does not build")) }
}

/// Builds one of the faulty providers in C.
pub(crate) fn c_library(source: &'static str, number: u8) -> Result<PathBuf, String> {
    let library = Made::C { source, number }.library(&scratch())?;
    library.ok_or_else(|| String::from("cargo builds it"))
}
