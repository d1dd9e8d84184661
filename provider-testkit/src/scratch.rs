//! Folders for the files of checks.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, Permissions},
    io::ErrorKind,
    mem::ManuallyDrop,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use crate::{check::Environment, protocol::Job};

/// The name of the folder for temporary files, beside the one that a check is made in.
pub(crate) const TEMPORARY: &str = "tmp";

/// The folders that there are now.
static SCRATCHES: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Removes the files of the checks that run now.
///
/// For a program that is about to exit in the middle of a run, because it was interrupted: the
/// processes of the checks end with it, their files would not.
pub fn abandon() {
    // It stays locked: who makes a folder from now on waits for the end.
    let scratches = ManuallyDrop::new(scratches());
    for path in scratches.iter() {
        let _ = fs::remove_dir_all(path);
    }
}

fn scratches() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    SCRATCHES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A folder of its own for a check's files, gone when it is dropped.
#[derive(Debug)]
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new(name: &str) -> std::io::Result<Self> {
        let name = format!("provider-testkit-{}-{name}", std::process::id());
        let mut path = std::env::temp_dir().join(&name);
        let mut scratches = scratches();
        // In a container processes have the same numbers again and again: one that was killed may have
        // left a folder of this name.
        while let Err(error) = fs::create_dir(&path) {
            if error.kind() != ErrorKind::AlreadyExists {
                return Err(error);
            }
            path = std::env::temp_dir().join(format!("{name}-{:016x}", fastrand::u64(..)));
        }
        scratches.insert(path.clone());
        drop(scratches);
        let scratch = Self(path);
        fs::create_dir(scratch.folder())?;
        fs::create_dir(scratch.temporary())?;
        Ok(scratch)
    }

    /// It stays.
    pub(crate) fn keep(self) -> PathBuf {
        let path = self.0.clone();
        scratches().remove(&path);
        // Its end would remove the folder.
        let _ = ManuallyDrop::new(self);
        path
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Where files may stay for as long as the check lasts.
    pub(crate) fn folder(&self) -> PathBuf {
        work_in(&self.0)
    }

    /// Where files are not meant to stay.
    pub(crate) fn temporary(&self) -> PathBuf {
        self.0.join(TEMPORARY)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if fs::remove_dir_all(&self.0).is_err() {
            unlock(&self.0);
            let _ = fs::remove_dir_all(&self.0);
        }
        scratches().remove(&self.0);
    }
}

/// Where a check is made within its folder.
pub(crate) fn work_in(folder: &Path) -> PathBuf {
    folder.join("work")
}

/// Makes the folders in `folder` ones that can be emptied, whatever a provider did to them.
fn unlock(folder: &Path) {
    let _ = fs::set_permissions(folder, Permissions::from_mode(0o700));
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())) {
        unlock(&entry.path());
    }
}

/// A fresh folder.
pub(crate) fn fresh(name: &str) -> std::io::Result<Scratch> {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(64).collect();
    Scratch::new(&format!("{count}-{name}"))
}

/// A fresh folder, and the job in it.
pub(crate) fn with_folder(job: Job, name: &str) -> std::io::Result<(Job, Scratch)> {
    let scratch = fresh(name)?;
    Ok((in_folder(job, scratch.folder()), scratch))
}

/// The job with `{dir}` in its link values replaced by `folder`, which it is done in.
pub(crate) fn in_folder(mut job: Job, folder: PathBuf) -> Job {
    for value in job.links.values_mut() {
        *value = value.replace("{dir}", &folder.to_string_lossy());
    }
    job.folder = Some(folder);
    job
}

/// Variables that lead a provider's files to `scratch` and not to the user's own, with `env` behind
/// them.
pub(crate) fn secluded(
    environment: Environment,
    scratch: &Scratch,
    env: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    const FOLDERS: [&str; 5] =
        ["HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"];
    let folder = scratch.folder().to_string_lossy().into_owned();
    let mut all = BTreeMap::new();
    if environment != Environment::Bare {
        all.extend(FOLDERS.map(|name| (String::from(name), folder.clone())));
        all.insert("TMPDIR".into(), scratch.temporary().to_string_lossy().into_owned());
    }
    if let Environment::With(more) = environment {
        all.extend(more.iter().map(|(name, value)| (String::from(*name), String::from(*value))));
    }
    all.extend(env.clone());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_somebody_left_behind_is_in_nobodys_way() {
        let [first, second] = [(); 2].map(|()| Scratch::new("left-behind").unwrap());
        assert_ne!(first.path(), second.path());
        assert!(first.folder().is_dir() && second.folder().is_dir());
    }
}
