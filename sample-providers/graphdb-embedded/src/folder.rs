//! A folder with a file for each graph.

use std::{
    fmt::Write,
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

use provider_core::{Error, ErrorKind};

/// The file that says that a process has the folder.
const LOCK: &str = ".graphdb-embedded.lock";

/// A folder that is this process's while it is held.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// Held for its lock, which ends with it.
    _lock: File,
}

impl Folder {
    /// Makes the folder if it is missing; its parent must be there. Where it really is.
    pub(crate) fn make(path: &Path) -> Result<PathBuf, Error> {
        if path.as_os_str().is_empty() {
            let message = "link value `PATH` is empty, a folder is expected";
            return Err(Error::new(ErrorKind::BadRequest, message));
        }
        match fs::create_dir(path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(unusable(path, error)),
        }
        path.canonicalize().map_err(|error| unusable(path, error))
    }

    /// Takes the folder, unless somebody has it.
    pub(crate) fn lock(path: &Path) -> Result<Option<Self>, Error> {
        let file =
            OpenOptions::new().create(true).truncate(false).write(true).open(path.join(LOCK));
        let lock = file.map_err(|error| unusable(path, error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(Self { path: path.to_owned(), _lock: lock })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(unusable(path, error)),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The file of a graph.
    pub(crate) fn file(&self, graph: &str) -> PathBuf {
        self.path.join(file_name(graph))
    }

    /// What is wrong with it.
    pub(crate) fn trouble(&self) -> Option<String> {
        let error = fs::metadata(self.path.join(LOCK)).err()?;
        Some(unusable(&self.path, error).message().to_owned())
    }
}

fn unusable(path: &Path, error: io::Error) -> Error {
    Error::with_source(ErrorKind::Unavailable, error).context(format_args!("`{}`", path.display()))
}

/// The name of a graph's file: names that differ have files that differ, also where capitals do not
/// count. The longest name makes 200 bytes of it.
fn file_name(graph: &str) -> String {
    let mut name = String::from("g-");
    for byte in graph.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => name.push(char::from(byte)),
            _ => {
                let _ = write!(name, "%{byte:02x}");
            }
        }
    }
    name.push_str(".graph");
    name
}

#[cfg(test)]
mod tests {
    use provider_contracts::graphdb::MAX_NAME_BYTES;

    use super::*;

    #[test]
    fn a_name_makes_a_file_of_its_own_in_the_folder() {
        assert_eq!(file_name("motogp-2_0"), "g-motogp-2_0.graph");
        assert_eq!(file_name("A/../é"), "g-%41%2f%2e%2e%2f%c3%a9.graph");
        assert_eq!(file_name(&"A".repeat(MAX_NAME_BYTES)).len(), 200);
    }
}
