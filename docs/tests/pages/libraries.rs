//! Libraries, built by whoever builds them.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

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

/// Builds one of the faulty providers in C.
pub(crate) fn c_library(source: &str, defect: u8) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("reports");
    fs::create_dir_all(&folder).unwrap();
    let library = folder.join(format!("lib{}-{defect}.so", source.trim_end_matches(".c")));
    let status = Command::new(env::var_os("CC").unwrap_or_else(|| "cc".into()))
        .args(["-shared", "-fPIC", "-pthread", "-o"])
        .arg(&library)
        .arg(format!("-DDEFECT={defect}"))
        .arg("-I")
        .arg(root().join("provider-core/include"))
        .arg(root().join("sample-providers/faulty/c").join(source))
        .status()
        .unwrap();
    assert!(status.success(), "`{source}` does not compile");
    library
}
