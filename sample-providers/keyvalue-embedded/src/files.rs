//! The open files: one database for all links of a file, however they call it.

use std::{
    collections::HashMap,
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use parking_lot::{Mutex, MutexGuard};
use provider_core::{Error, ErrorKind};
use redb::{Builder, Database, DatabaseError};

use crate::{failure::failed, format, store::Store};

/// How much of a file is kept in memory.
const CACHE: usize = 64 * 1024 * 1024;
/// How often a file that another process has is tried again.
const RETRY: Duration = Duration::from_millis(20);

/// The open files, by their real paths.
pub(crate) struct Files {
    slots: Mutex<HashMap<PathBuf, Arc<Slot>>>,
    patience: Duration,
}

/// A file's place. Its lock is held while the file is opened or closed, so that nobody finds it in
/// between; links of other files do not wait for it.
#[derive(Default)]
struct Slot(Mutex<Option<Opened>>);

struct Opened {
    store: Arc<Store>,
    /// How many links use it.
    links: usize,
}

impl Slot {
    fn lock(&self) -> MutexGuard<'_, Option<Opened>> {
        // What is inside is replaced as a whole.
        self.0.lock()
    }
}

impl Files {
    /// No open files. Opening one waits for `patience` while another process has it.
    pub(crate) fn new(patience: Duration) -> Self {
        Self { slots: Mutex::default(), patience }
    }

    /// Opens the file, or joins those who have opened it.
    pub(crate) fn open(self: &Arc<Self>, path: &Path) -> Result<OpenFile, Error> {
        let said = |error: Error| error.context(format_args!("`{}`", path.display()));
        let real = real_path(path).map_err(|error| said(failed(DatabaseError::from(error))))?;
        let slot = Arc::clone(self.slots().entry(real.clone()).or_default());
        let mut file = OpenFile { store: None, slot, path: real, files: Arc::clone(self) };
        let store = {
            let mut opened = file.slot.lock();
            match &mut *opened {
                Some(opened) => {
                    opened.links += 1;
                    Arc::clone(&opened.store)
                }
                nothing => {
                    let database = self.database(&file.path).map_err(said)?;
                    let (path, patience) = (file.path.clone(), self.patience);
                    // One that was taken away meanwhile is not replaced by an empty one.
                    let again = move || unlocked(patience, || builder().open(&path));
                    let store = Arc::new(Store::new(database, again));
                    *nothing = Some(Opened { store: Arc::clone(&store), links: 1 });
                    store
                }
            }
        };
        file.store = Some(store);
        Ok(file)
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<PathBuf, Arc<Slot>>> {
        self.slots.lock()
    }

    /// The database in a file that nobody in this process has open. One that cannot be used is left
    /// as it was.
    fn database(&self, path: &Path) -> Result<Database, Error> {
        let made = match fs::File::create_new(path) {
            Ok(_) => true,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => false,
            Err(error) => return Err(failed(DatabaseError::from(error))),
        };
        let database = unlocked(self.patience, || builder().create(path)).and_then(|database| {
            format::prepare(&database)?;
            Ok(database)
        });
        if made && database.is_err() {
            // Why it could not be used says more than that it could not be removed either.
            let _ = fs::remove_file(path);
        }
        database
    }

    /// Which files cannot be used now, and why.
    pub(crate) fn troubles(&self) -> Vec<String> {
        let slots: Vec<_> = {
            let slots = self.slots();
            slots.iter().map(|(path, slot)| (path.clone(), Arc::clone(slot))).collect()
        };
        // One that is being opened or closed has no trouble that anybody knows of.
        let troubles = slots.iter().filter_map(|(path, slot)| {
            let store = Arc::clone(&slot.0.try_lock()?.as_ref()?.store);
            Some(format!("`{}`: {}", path.display(), store.trouble()?))
        });
        troubles.collect()
    }
}

fn builder() -> Builder {
    let mut builder = Builder::new();
    builder
        .set_cache_size(CACHE)
        // A file that was damaged is an error now, and not one day in some call.
        .set_check_integrity_on_open(true);
    builder
}

/// Opens a database, and waits for `patience` when another process has it.
fn unlocked(
    patience: Duration,
    open: impl Fn() -> Result<Database, DatabaseError>,
) -> Result<Database, Error> {
    let begin = Instant::now();
    loop {
        match open() {
            Ok(database) => return Ok(database),
            Err(DatabaseError::DatabaseAlreadyOpen) if begin.elapsed() < patience => {
                thread::sleep(RETRY);
            }
            Err(DatabaseError::DatabaseAlreadyOpen) => {
                return Err(Error::new(ErrorKind::Unavailable, "another process has it open"));
            }
            Err(error) => return Err(failed(error)),
        }
    }
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.slots().keys()).finish()
    }
}

/// The path that every way to call the same file leads to. The file need not be there, its folder
/// must.
fn real_path(path: &Path) -> io::Result<PathBuf> {
    match path.canonicalize() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        found => return found,
    }
    // A link to a file that is not there yet leads where the file will be made.
    if let Ok(target) = path.read_link() {
        let folder = path.parent().unwrap_or(Path::new(""));
        return real_path(&folder.join(target));
    }
    let name = path.file_name().ok_or_else(|| io::Error::from(io::ErrorKind::IsADirectory))?;
    let folder = match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => Path::new("."),
    };
    Ok(folder.canonicalize()?.join(name))
}

/// A link's part in an open file. The last one closes it.
pub struct OpenFile {
    /// Nothing only until the file is open.
    store: Option<Arc<Store>>,
    slot: Arc<Slot>,
    path: PathBuf,
    files: Arc<Files>,
}

impl OpenFile {
    pub(crate) fn store(&self) -> &Store {
        self.store
            .as_deref()
            .unwrap_or_else(|| unreachable!("`Files::open` returns a file that is open"))
    }
}

impl Drop for OpenFile {
    fn drop(&mut self) {
        if let Some(store) = self.store.take() {
            // Before the slot's own, which is then the last.
            drop(store);
            let mut opened = self.slot.lock();
            if let Some(file) = &mut *opened {
                file.links -= 1;
                if file.links == 0 {
                    // Closed under the lock: who opens the file next finds it closed.
                    *opened = None;
                }
            }
        }
        let mut slots = self.files.slots();
        // Slots are handed out under this lock: the list's handle and ours are the last.
        if Arc::strong_count(&self.slot) == 2 {
            slots.remove(&self.path);
        }
    }
}

impl fmt::Debug for OpenFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OpenFile").field(&self.path).finish()
    }
}
