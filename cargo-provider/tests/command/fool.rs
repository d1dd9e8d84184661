//! The provider that fools testkits.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::command::workspace;

/// The provider that fools testkits, in one of its ways.
pub(crate) fn fool(folder: &Path, number: u8) -> PathBuf {
    let library = folder.join("libfool.so");
    let status = Command::new("cc")
        .args(["-shared", "-fPIC", "-pthread", "-g", "-o"])
        .arg(&library)
        .arg(format!("-DDEFECT={number}"))
        .arg("-I")
        .arg(workspace().join("provider-core/include"))
        .arg(workspace().join("sample-providers/faulty/c/fool.c"))
        .status()
        .expect("there is a compiler for C");
    assert!(status.success());
    library
}

/// It calls what is not there.
pub(crate) const CALLS_NOTHING: u8 = 26;
