//! Where the loader looks for what a library needs: not among what cargo has built.
//!
//! Cargo adds its own folders and the compiler's to the path for the programs that it runs, `cargo
//! run` and `cargo test`. A library that is found there, and nowhere else, is missing for every host.

use std::{
    env,
    ffi::{OsStr, OsString},
    path::Path,
};

/// The variable that the loader reads.
pub(crate) const VARIABLE: &str = "LD_LIBRARY_PATH";

/// The folders of `path` that a user named; nothing when none is left.
pub(crate) fn of_the_user(path: &OsStr) -> Option<OsString> {
    let folders: Vec<_> = env::split_paths(path)
        .filter(|folder| !is_compilers(folder) && !is_targets(folder))
        .collect();
    if folders.is_empty() {
        return None;
    }
    // They came out of such a path.
    env::join_paths(folders).ok()
}

/// Whether the compiler keeps its own libraries there.
fn is_compilers(folder: &Path) -> bool {
    folder.join("rustlib").is_dir()
        || folder.ancestors().any(|above| above.file_name() == Some(OsStr::new("rustlib")))
}

/// Whether it belongs to a folder that cargo builds in.
fn is_targets(folder: &Path) -> bool {
    folder.ancestors().any(|above| above.join(".rustc_info.json").is_file())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_cargo_adds_is_taken_away_and_what_a_user_adds_stays() {
        let folder = tempfile::tempdir().unwrap();
        let make = |path: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(&path).unwrap();
            path
        };
        let (deps, own) = (make("target/debug/deps"), make("own/lib"));
        fs::write(folder.path().join("target/.rustc_info.json"), "{}").unwrap();
        let target_lib = make("toolchain/lib/rustlib/x/lib");
        let lib = folder.path().join("toolchain/lib");
        let join = |folders: &[&Path]| env::join_paths(folders).unwrap();
        let path = join(&[&deps, &own, &lib, &target_lib]);
        assert_eq!(of_the_user(&path), Some(join(&[&own])));
        assert_eq!(of_the_user(&join(&[&deps])), None);
    }
}
