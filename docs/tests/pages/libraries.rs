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
    let output = Command::new(env!("CARGO"))
        .args(["build", "--message-format=json"])
        .args(what)
        .current_dir(root())
        .output()
        .unwrap();
    let messages = String::from_utf8_lossy(&output.stdout);
    let is_it = |path: &Path| path.file_name().is_some_and(|name| name == file) && path.is_file();
    let Some(path) = messages.split('"').map(Path::new).find(|path| is_it(path)) else {
        panic!("`{file}` is not built: {}", String::from_utf8_lossy(&output.stderr));
    };
    path.to_owned()
}

/// Builds one of the faulty providers that cargo does not build.
pub(crate) fn other_library(made: Made) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("reports");
    fs::create_dir_all(&folder).unwrap();
    made.library(&folder).unwrap()
}
