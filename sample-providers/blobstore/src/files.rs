//! A store in a folder.
//!
//! A container is a folder in the root, an object a file in it; both have their ids as names, written so that
//! each is one name. Uploads are received in the folder [`UPLOADS`], and the file that is complete becomes
//! the object by a rename: there is no moment at which a part of an object can be seen.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, ErrorKind},
    os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use rustix::fs::{Access, OFlags, access, statvfs};

use crate::{
    names::{self, Name, Slash},
    store::Removal,
};

/// The folder of uploads that are not complete. No container is written so.
const UPLOADS: &str = ".uploads";
/// How long a name in a folder may be; file systems allow 255 bytes.
const PIECE: usize = 200;
/// How often a rename is tried: others may remove an empty folder on the way.
const TRIES: usize = 10;

/// What becomes of `/` in ids.
pub(crate) const SLASH: Slash = Slash::Escaped;

/// A folder with containers.
#[derive(Debug)]
pub(crate) struct Files {
    root: PathBuf,
}

impl Files {
    /// Opens the root, which is made if it is not there.
    pub(crate) fn open(root: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&root)?;
        let files = Self { root };
        match DirBuilder::new().mode(0o700).create(files.uploads()) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        files.check()?;
        Ok(files)
    }

    /// Where uploads are received.
    pub(crate) fn uploads(&self) -> PathBuf {
        self.root.join(UPLOADS)
    }

    /// Whether objects can be read and written.
    pub(crate) fn check(&self) -> io::Result<()> {
        access(&self.root, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK)?;
        let system = statvfs(&self.root)?;
        if system.f_bavail == 0 && system.f_blocks > 0 {
            return Err(ErrorKind::StorageFull.into());
        }
        Ok(())
    }

    pub(crate) fn create_container(&self, container: &Name) -> io::Result<()> {
        match fs::create_dir(self.folder(container)) {
            Ok(()) => sync(&self.root),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn has_container(&self, container: &Name) -> io::Result<bool> {
        match fs::symlink_metadata(self.folder(container)) {
            Ok(found) => Ok(found.is_dir()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn remove_container(&self, container: &Name) -> io::Result<Removal> {
        match fs::remove_dir(self.folder(container)) {
            Ok(()) => sync(&self.root).map(|()| Removal::Done),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Removal::Missing),
            Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty => Ok(Removal::NotEmpty),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn remove_object(&self, container: &Name, object: &Name) -> io::Result<Removal> {
        let folder = self.folder(container);
        let path = file(&folder, object);
        match fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Removal::Missing),
            Err(error) => return Err(error),
        }
        let mut last = &*folder;
        for inner in path.ancestors().skip(1).take_while(|inner| *inner != folder) {
            // Others may be in it.
            if fs::remove_dir(inner).is_err() {
                last = inner;
                break;
            }
        }
        sync(last).map(|()| Removal::Done)
    }

    /// The ids and lengths of a container's objects, in no order.
    pub(crate) fn list(&self, container: &Name) -> io::Result<Vec<(String, u64)>> {
        let mut objects = Vec::new();
        collect(&self.folder(container), "", &mut objects)?;
        Ok(objects)
    }

    /// An object's file.
    pub(crate) fn object(&self, container: &Name, object: &Name) -> io::Result<Option<File>> {
        // Nothing that was put here leads elsewhere.
        let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits();
        let flags = i32::try_from(flags).unwrap_or_default();
        let path = file(&self.folder(container), object);
        match OpenOptions::new().read(true).custom_flags(flags).open(path) {
            Ok(file) => Ok(file.metadata()?.is_file().then_some(file)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes the whole file `part`, which is at `path`, the object. Returns whether there was a container
    /// for it; then it is durable.
    pub(crate) fn keep(
        &self,
        (container, object): (&Name, &Name),
        part: &File,
        path: &Path,
    ) -> io::Result<bool> {
        part.sync_all()?;
        let folder = self.folder(container);
        let target = file(&folder, object);
        for _ in 0..TRIES {
            if !self.has_container(container)? {
                return Ok(false);
            }
            match made(&folder, &target).and_then(|()| fs::rename(path, &target)) {
                Ok(()) => {
                    for folder in target.ancestors().skip(1).take_while(|at| *at != self.root) {
                        sync(folder)?;
                    }
                    return Ok(true);
                }
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::new(ErrorKind::ResourceBusy, "its folder is removed again and again"))
    }

    fn folder(&self, container: &Name) -> PathBuf {
        self.root.join(container.as_str())
    }
}

/// What is at `offset` of an object's file, `length` bytes of it.
pub(crate) fn read(file: &File, offset: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    file.read_exact_at(&mut bytes, offset)?;
    Ok(bytes)
}

/// An object's file in its container's folder. A long name is several: a folder for each piece but the last,
/// which ends with `%`, as no name of an object does, and `+` before each piece but the first, lest it
/// be `..`.
fn file(folder: &Path, object: &Name) -> PathBuf {
    let mut path = folder.to_owned();
    let mut rest = object.as_str();
    let mut mark = "";
    while rest.len() > PIECE {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(PIECE));
        path.push(format!("{mark}{piece}%"));
        (rest, mark) = (after, "+");
    }
    path.push(format!("{mark}{rest}"));
    path
}

/// Makes the folders between a container's and the object's file.
fn made(folder: &Path, file: &Path) -> io::Result<()> {
    let inner = file.ancestors().skip(1).take_while(|at| *at != folder).collect::<Vec<_>>();
    for folder in inner.into_iter().rev() {
        match fs::create_dir(folder) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

fn collect(folder: &Path, before: &str, objects: &mut Vec<(String, u64)>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        // What has other names is not ours.
        let Ok(name) = entry.file_name().into_string() else { continue };
        let piece = if before.is_empty() { Some(&*name) } else { name.strip_prefix('+') };
        let Some(piece) = piece else { continue };
        let kind = entry.file_type()?;
        if kind.is_dir() {
            if let Some(piece) = piece.strip_suffix('%') {
                collect(&entry.path(), &format!("{before}{piece}"), objects)?;
            }
        } else if kind.is_file()
            && let Some(id) = names::id(&format!("{before}{piece}"), SLASH)
        {
            match entry.metadata() {
                Ok(found) => objects.push((id, found.len())),
                // It was removed meanwhile.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

/// Makes durable which names a folder has.
fn sync(folder: &Path) -> io::Result<()> {
    match File::open(folder) {
        // It was removed meanwhile, and with it what was to be durable.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        folder => folder?.sync_all(),
    }
}
