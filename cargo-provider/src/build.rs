//! Finding the library: a path, or a package that cargo builds.

use std::{
    env,
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use provider_testkit::nearest;
use serde_json::Value;

use crate::{cli::Package, exit::Failure};

/// A library that is there.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) library: PathBuf,
    /// The package that it was built from, if it was built.
    pub(crate) package: Option<Built>,
}

/// A package, and where it is.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
}

/// The library at `path`, or the one that `package` makes.
pub(crate) fn find(path: Option<&Path>, package: &Package) -> Result<Found, Failure> {
    match path {
        Some(path) if package.package.is_some() || package.dev => Err(Failure::unusable(format!(
            "`{}` is a library: `-p` and `--dev` are for packages that are still to be built",
            path.display()
        ))),
        Some(path) => existing(path),
        None => build(package),
    }
}

/// Takes the path of a library away from the front of `operands`, if there is one.
pub(crate) fn take_library(operands: &mut Vec<OsString>) -> Option<PathBuf> {
    let first = operands.first()?;
    is_path(first).then(|| PathBuf::from(operands.remove(0)))
}

/// Whether an argument that could also be a name is a path.
pub(crate) fn is_path(argument: &OsStr) -> bool {
    let path = Path::new(argument);
    let has_separator = argument.to_string_lossy().contains(std::path::is_separator);
    let is_library = path
        .extension()
        .is_some_and(|extension| ["so", "dylib", "dll"].iter().any(|known| extension == *known));
    has_separator || is_library || path.is_file()
}

/// What is wrong with a library is for the testkit to say; it can name only what is UTF-8.
fn existing(path: &Path) -> Result<Found, Failure> {
    if path.to_str().is_none() {
        return Err(Failure::unusable(format!(
            "the path `{}` is not UTF-8, no report could name it",
            path.display()
        )));
    }
    Ok(Found { library: path.to_owned(), package: None })
}

fn build(wanted: &Package) -> Result<Found, Failure> {
    let packages = workspace()?;
    let package = match &wanted.package {
        Some(name) => named(&packages, name)?,
        None => here(&packages)?,
    };
    if !package.makes_library {
        return Err(Failure::unusable(format!(
            "package `{}` makes no library that can be loaded: write `crate-type = [\"cdylib\", \
             \"rlib\"]` under `[lib]` in `{}`",
            package.name,
            package.manifest.display()
        )));
    }
    let library = run_build(package, wanted.dev)?;
    Ok(Found {
        library,
        package: Some(Built {
            name: package.name.clone(),
            folder: package.manifest.parent().map(Path::to_owned).unwrap_or_default(),
        }),
    })
}

/// A package of the workspace.
struct Member {
    name: String,
    id: String,
    manifest: PathBuf,
    /// It has a library target of crate type `cdylib`.
    makes_library: bool,
}

pub(crate) fn cargo() -> Command {
    // Set when cargo started us.
    Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")))
}

/// What a short command of cargo answers.
fn ask(arguments: &[&str]) -> Result<Vec<u8>, Failure> {
    let output = cargo()
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Failure::unusable(format!("cannot run cargo: {error}")))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.trim().trim_start_matches("error: ");
    Err(Failure::unusable(format!(
        "there is no package to build: {}",
        if said.is_empty() { "cargo says no more" } else { said }
    )))
}

fn workspace() -> Result<Vec<Member>, Failure> {
    let answer = ask(&["metadata", "--no-deps", "--format-version", "1"])?;
    let metadata: Value = serde_json::from_slice(&answer).map_err(|error| {
        Failure::internal(format!("`cargo metadata` answered no JSON: {error}"))
    })?;
    Ok(list(&metadata, "packages")
        .filter_map(|package| {
            Some(Member {
                name: package.get("name")?.as_str()?.to_owned(),
                id: package.get("id")?.as_str()?.to_owned(),
                manifest: package.get("manifest_path")?.as_str()?.into(),
                makes_library: list(package, "targets").any(is_cdylib),
            })
        })
        .collect())
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

/// Whether a target is a library for others to load; examples can be one too.
fn is_cdylib(target: &Value) -> bool {
    list(target, "kind").any(|kind| kind == "cdylib")
}

fn named<'a>(packages: &'a [Member], name: &str) -> Result<&'a Member, Failure> {
    packages.iter().find(|package| package.name == name).ok_or_else(|| {
        let names = packages.iter().map(|package| package.name.as_str());
        let hint = nearest(name, names)
            .map_or_else(String::new, |near| format!(": did you mean `{near}`?"));
        Failure::unusable(format!("the workspace has no package `{name}`{hint}"))
    })
}

/// The package whose manifest is the nearest one upwards.
fn here(packages: &[Member]) -> Result<&Member, Failure> {
    let answer = ask(&["locate-project", "--message-format", "plain"])?;
    let answer = String::from_utf8_lossy(&answer);
    let manifest = Path::new(answer.trim_end());
    packages.iter().find(|package| package.manifest == manifest).ok_or_else(|| {
        let names: Vec<&str> = packages
            .iter()
            .filter(|package| package.makes_library)
            .map(|package| package.name.as_str())
            .collect();
        let hint = match names.as_slice() {
            [] => String::from("no package of the workspace makes a library"),
            names => format!("choose one with `-p`: {}", names.join(", ")),
        };
        Failure::unusable(format!("this directory is no package: {hint}"))
    })
}

/// Builds a package and returns what cargo names as its library.
fn run_build(package: &Member, dev: bool) -> Result<PathBuf, Failure> {
    let mut command = cargo();
    command.args(["build", "--lib", "--package", &package.id]);
    if !dev {
        command.arg("--release");
    }
    let output = command
        .arg("--message-format=json-render-diagnostics")
        .stdin(Stdio::null())
        // What the compiler says goes to the user as it comes.
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| Failure::unusable(format!("cannot run cargo: {error}")))?;
    if !output.status.success() {
        let message = format!("package `{}` does not build: {}", package.name, output.status);
        return Err(Failure::unusable(message));
    }
    library_of(&output.stdout, &package.id).ok_or_else(|| {
        let name = &package.name;
        Failure::unusable(format!("cargo built no library of package `{name}`"))
    })
}

/// The library among the messages of a build, one JSON document a line.
fn library_of(messages: &[u8], package: &str) -> Option<PathBuf> {
    messages
        .split(|byte| *byte == b'\n')
        .filter_map(|line| serde_json::from_slice::<Value>(line).ok())
        .filter(|message| {
            message["reason"] == "compiler-artifact"
                && message["package_id"] == package
                && is_cdylib(&message["target"])
        })
        .find_map(|message| {
            list(&message, "filenames")
                .filter_map(Value::as_str)
                .map(PathBuf::from)
                .find(|file| file.extension() == Some(OsStr::new(env::consts::DLL_EXTENSION)))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_a_separator_or_the_extension_of_a_library_or_is_there() {
        for path in ["./a", "a/b", "liba.so", "a.dylib", "a.dll", "/nowhere", "Cargo.toml"] {
            assert!(is_path(path.as_ref()), "{path}");
        }
        for id in ["links::bind", "links::*", "Get", "", "src"] {
            assert!(!is_path(id.as_ref()), "{id}");
        }
    }

    #[test]
    fn the_library_is_the_one_that_cargo_names_for_the_package() {
        let file = |name: &str| format!("{name}.{}", env::consts::DLL_EXTENSION);
        let artifact = |package: &str, kind: &str, file: &str| {
            format!(
                "{{\"reason\":\"compiler-artifact\",\"package_id\":\"{package}\",\
                 \"target\":{{\"kind\":[\"{kind}\"]}},\"filenames\":[\"/t/x.rlib\",\"{file}\"]}}\n"
            )
        };
        let messages = [
            artifact("dependency", "cdylib", &file("/t/wrong")),
            artifact("mine", "bin", &file("/t/bin")),
            String::from("not json\n{\"reason\":\"build-finished\"}\n"),
            artifact("mine", "cdylib", &file("/t/right")),
        ]
        .concat();
        assert_eq!(library_of(messages.as_bytes(), "mine"), Some(file("/t/right").into()));
        assert_eq!(library_of(messages.as_bytes(), "other"), None);
    }
}
