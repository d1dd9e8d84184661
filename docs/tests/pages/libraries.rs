//! Libraries, built by whoever builds them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use faulty_defects::Made;

use super::pages::root;

/// Lets cargo build the library of a package of the workspace, and says where it is.
pub(crate) fn cargo_library(package: &str) -> PathBuf {
    cargo(&["--lib", "-p", package], &format!("lib{}.so", package.replace('-', "_")))
}

/// Lets cargo build the libraries of packages of the workspace at once, and says where they are.
pub(crate) fn cargo_libraries<const N: usize>(packages: [&str; N]) -> [PathBuf; N] {
    let mut what = vec!["--lib"];
    what.extend(packages.iter().flat_map(|package| ["-p", package]));
    let files = packages.map(|package| format!("lib{}.so", package.replace('-', "_")));
    let built = built(&what);
    files.map(|file| built.file(&file))
}

/// Lets cargo build an example of a package of the workspace that is a library, and says where it is.
pub(crate) fn cargo_example(package: &str, name: &str) -> PathBuf {
    cargo(&["--example", name, "-p", package], &format!("lib{name}.so"))
}

/// Lets cargo build a program of the workspace, and says where it is.
pub(crate) fn cargo_program(name: &str) -> PathBuf {
    cargo(&["--bin", name, "-p", name], name)
}

/// Lets cargo build something, and says where the file of that name is.
fn cargo(what: &[&str], file: &str) -> PathBuf {
    built(what).file(file)
}

/// What cargo said when it built something.
struct Built {
    messages: String,
    errors: String,
}

/// Lets cargo build something.
fn built(what: &[&str]) -> Built {
    let output = Command::new(env!("CARGO"))
        .args(["build", "--message-format=json"])
        .args(what)
        .current_dir(root())
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Built { messages: text(&output.stdout), errors: text(&output.stderr) }
}

impl Built {
    /// Where the file of that name is.
    fn file(&self, file: &str) -> PathBuf {
        let is_it =
            |path: &Path| path.file_name().is_some_and(|name| name == file) && path.is_file();
        let Some(path) = self.messages.split('"').map(Path::new).find(|path| is_it(path)) else {
            panic!("`{file}` is not built: {}", self.errors);
        };
        path.to_owned()
    }
}

/// Builds one of the faulty providers that cargo does not build.
pub(crate) fn other_library(made: Made) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("reports");
    fs::create_dir_all(&folder).unwrap();
    made.library(&folder).unwrap()
}
