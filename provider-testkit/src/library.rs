//! Where the library of a package is, seen from its tests.

use std::{
    env, fmt, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde::Deserialize;

use crate::harness::Package;

/// The variable that names the library.
pub(crate) const LIBRARY: &str = "PROVIDER_LIB";
/// The variable that names a run of `cargo nextest`, in which every check is another process.
const NEXTEST_RUN: &str = "NEXTEST_RUN_ID";

/// Why there is no library: one line, or the compiler's errors.
#[derive(Debug)]
pub(crate) struct NotFound(String);

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The package's library: the one that [`LIBRARY`] names; else the one that cargo built beside the
/// test, which it does for a library that is an `rlib` as well; else one that cargo builds now.
pub(crate) fn find(package: &Package) -> Result<PathBuf, NotFound> {
    if let Some(path) = env::var_os(LIBRARY) {
        return Ok(PathBuf::from(path));
    }
    let manifest = Manifest::read(Path::new(package.manifest_dir))?;
    let own = env::current_exe().map_err(|error| NotFound(error.to_string()))?;
    if manifest.is_rlib() {
        let name = format!(
            "{}{}{}",
            env::consts::DLL_PREFIX,
            manifest.library_name(package.name),
            env::consts::DLL_SUFFIX
        );
        let beside = own.with_file_name(name);
        if beside.is_file() {
            return Ok(beside);
        }
    }
    let remembered = remembered(package);
    if let Some((file, run)) = &remembered
        && let Ok(text) = fs::read_to_string(file)
        && let Some(path) = text.strip_prefix(run.as_str())
    {
        return Ok(PathBuf::from(path));
    }
    let path = build(package, &own)?;
    if let Some((file, run)) = remembered {
        // It is found again without.
        let _ = fs::write(file, format!("{run}{}", path.display()));
    }
    Ok(path)
}

/// Where the answer is kept for the other processes of a run, and what it begins with.
fn remembered(package: &Package) -> Option<(PathBuf, String)> {
    let run = env::var(NEXTEST_RUN).ok()?;
    let folder = Path::new(package.scratch?);
    Some((folder.join(format!("{}.library", package.name)), format!("{run}\n")))
}

#[derive(Debug, Default, Deserialize)]
struct Manifest {
    #[serde(default)]
    lib: Lib,
}

#[derive(Debug, Default, Deserialize)]
struct Lib {
    name: Option<String>,
    #[serde(default, rename = "crate-type", alias = "crate_type")]
    crate_type: Vec<String>,
}

impl Manifest {
    fn read(folder: &Path) -> Result<Self, NotFound> {
        let path = folder.join("Cargo.toml");
        let wrong = |error: &dyn fmt::Display| {
            NotFound(format!("`{}` cannot be read: {error}", path.display()))
        };
        let text = fs::read_to_string(&path).map_err(|error| wrong(&error))?;
        toml::from_str(&text).map_err(|error| wrong(&error.message()))
    }

    fn is_rlib(&self) -> bool {
        let kinds = &self.lib.crate_type;
        let has = |wanted: &str| kinds.iter().any(|kind| kind == wanted);
        has("cdylib") && (has("rlib") || has("lib"))
    }

    fn library_name(&self, package: &str) -> String {
        match &self.lib.name {
            Some(name) => name.clone(),
            None => package.replace('-', "_"),
        }
    }
}

/// A line of cargo's report.
#[derive(Debug, Deserialize)]
struct Message {
    reason: String,
    #[serde(default)]
    manifest_path: PathBuf,
    #[serde(default)]
    filenames: Vec<PathBuf>,
}

/// Lets cargo build the library, as the test was built.
fn build(package: &Package, own: &Path) -> Result<PathBuf, NotFound> {
    let manifest = Path::new(package.manifest_dir).join("Cargo.toml");
    let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--lib", "--message-format=json-render-diagnostics"])
        .arg("--manifest-path")
        .arg(&manifest)
        .args(as_built(own))
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| NotFound(format!("cargo cannot be started: {error}")))?;
    if !output.status.success() {
        return Err(NotFound(format!("`{}` does not build", package.name)));
    }
    library_in(&String::from_utf8_lossy(&output.stdout), &manifest).ok_or_else(|| {
        NotFound(format!(
            "`{}` builds no shared library: it needs `crate-type = [\"cdylib\", \"rlib\"]`",
            package.name
        ))
    })
}

fn library_in(messages: &str, manifest: &Path) -> Option<PathBuf> {
    let manifest = fs::canonicalize(manifest).unwrap_or_else(|_| manifest.to_owned());
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Message>(line).ok())
        .filter(|message| message.reason == "compiler-artifact")
        .filter(|message| message.manifest_path == manifest)
        .flat_map(|message| message.filenames)
        .find(|file| file.to_string_lossy().ends_with(env::consts::DLL_SUFFIX))
}

/// The arguments with which cargo builds as it built `own`: `../[TARGET/]PROFILE/deps/test-0123`.
fn as_built(own: &Path) -> Vec<String> {
    let mut folders = own.ancestors().skip(2);
    let mut name = || {
        let folder = folders.next()?.file_name()?;
        Some(folder.to_string_lossy().into_owned())
    };
    let mut arguments = Vec::new();
    match name().as_deref() {
        None | Some("debug") => {}
        Some("release") => arguments.push(String::from("--release")),
        Some(profile) => arguments.extend(["--profile".to_owned(), profile.to_owned()]),
    }
    if let Some(target) = name()
        && target.starts_with(env::consts::ARCH)
        && target.matches('-').count() >= 2
    {
        arguments.extend(["--target".to_owned(), target]);
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_profile_and_the_target_are_read_from_the_tests_own_place() {
        let arch = env::consts::ARCH;
        for (own, expected) in [
            ("/t/debug/deps/c-1".to_owned(), vec![]),
            ("/t/release/deps/c-1".to_owned(), vec!["--release".to_owned()]),
            (
                format!("/t/{arch}-unknown-linux-gnu/small/deps/c-1"),
                vec![
                    "--profile".into(),
                    "small".into(),
                    "--target".into(),
                    format!("{arch}-unknown-linux-gnu"),
                ],
            ),
        ] {
            assert_eq!(as_built(Path::new(&own)), expected, "{own}");
        }
    }

    #[test]
    fn the_library_is_the_packages_own_and_shared() {
        let suffix = env::consts::DLL_SUFFIX;
        let line = |manifest: &str, file: &str| {
            serde_json::json!({
                "reason": "compiler-artifact", "manifest_path": manifest, "filenames": [file]
            })
            .to_string()
        };
        let messages = [
            String::from("not a message"),
            line("/other/Cargo.toml", &format!("/t/libother{suffix}")),
            line("/own/Cargo.toml", "/t/libown.rlib"),
            line("/own/Cargo.toml", &format!("/t/libown{suffix}")),
        ]
        .join("\n");
        assert_eq!(
            library_in(&messages, Path::new("/own/Cargo.toml")),
            Some(PathBuf::from(format!("/t/libown{suffix}")))
        );
        assert_eq!(library_in("", Path::new("/own/Cargo.toml")), None);
    }

    #[test]
    fn only_a_library_of_both_kinds_is_built_with_the_tests() {
        let manifest = |text: &str| toml::from_str::<Manifest>(text).unwrap();
        assert!(manifest("[lib]\ncrate-type = [\"cdylib\", \"rlib\"]").is_rlib());
        assert!(!manifest("[lib]\ncrate-type = [\"cdylib\"]").is_rlib());
        assert_eq!(manifest("").library_name("a-b"), "a_b");
        assert_eq!(manifest("[lib]\nname = \"c\"").library_name("a-b"), "c");
    }
}
