//! Making a package, and reading it.

use std::{collections::BTreeMap, fs, path::Path};

use crate::command::{Ran, finish, program};

/// `cargo provider new` in a folder.
pub(crate) fn new_in(folder: &Path, arguments: &[&str]) -> Ran {
    finish(program().current_dir(folder).arg("new").args(arguments))
}

/// Every file under a folder, with what it contains.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, String> {
    fn read(folder: &Path, base: &Path, files: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(folder).expect("it can be read") {
            let path = entry.expect("it can be read").path();
            if path.is_dir() {
                read(&path, base, files);
            } else {
                let name = path
                    .strip_prefix(base)
                    .expect("it can be read")
                    .to_str()
                    .expect("it can be read")
                    .to_owned();
                files.insert(name, fs::read_to_string(&path).expect("it can be read"));
            }
        }
    }
    let mut found = BTreeMap::new();
    read(folder, folder, &mut found);
    found
}
