//! A graph: its connections, and its end.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    time::Instant,
};

use graphdblite::{Config, Database, SyncMode};
use parking_lot::{Condvar, Mutex, MutexGuard, RwLock, RwLockReadGuard};
use provider_core::{Error, ErrorKind};

use crate::failure::failed;

/// How many connections to files are kept open while nobody uses them, in all graphs of a root.
const IDLE: usize = 16;
/// How much of a file each connection keeps in memory, in KiB; negative, as `SQLite` counts it.
const CACHE: i32 = -8 * 1024;
/// What one query may keep in memory, in bytes.
const MATERIALIZED: u64 = 128 * 1024 * 1024;
/// How long `SQLite` waits for a file that something else has locked.
const BUSY_MS: u32 = 2000;

/// A graph, in memory or in a file.
pub(crate) struct Graph {
    /// The file; nothing for a graph in memory.
    file: Option<PathBuf>,
    idle: Mutex<Idle>,
    returned: Condvar,
    /// Whether it was not deleted yet. Queries hold it, and who deletes waits for them.
    alive: RwLock<bool>,
    /// Those that write come one after the other: `SQLite` would have them poll.
    writer: Mutex<()>,
}

#[derive(Default)]
struct Idle {
    databases: Vec<Database>,
    /// Whether the database in memory was made.
    made: bool,
}

impl Graph {
    pub(crate) fn new(file: Option<PathBuf>) -> Self {
        Self {
            file,
            idle: Mutex::default(),
            returned: Condvar::new(),
            alive: RwLock::new(true),
            writer: Mutex::default(),
        }
    }

    /// Keeps the graph from being deleted; nothing when it was deleted already.
    pub(crate) fn enter(&self, until: Instant) -> Result<Option<RwLockReadGuard<'_, bool>>, Error> {
        let alive = self.alive.try_read_until(until).ok_or_else(|| late("it is being deleted"))?;
        Ok(alive.then_some(alive))
    }

    /// The right to write. Before it is given, there is a connection for somebody who reads meanwhile.
    pub(crate) fn write(&self, kept: &AtomicUsize, until: Instant) -> Result<Writer<'_>, Error> {
        let guard = self.writer.try_lock_until(until);
        let guard = guard.ok_or_else(|| late("another query is writing into it"))?;
        if let Some(file) = &self.file {
            let mut idle = self.idle.lock();
            if idle.databases.is_empty() {
                idle.databases.push(open(file)?);
                kept.fetch_add(1, Relaxed);
            }
        }
        Ok(Writer { guard: Some(guard), graph: self })
    }

    /// A connection of the caller's own. A graph in memory has one.
    pub(crate) fn connect<'a>(
        &'a self,
        kept: &'a AtomicUsize,
        until: Instant,
    ) -> Result<Connection<'a>, Error> {
        let mut idle = self.idle.lock();
        let database = loop {
            if let Some(database) = idle.databases.pop() {
                if self.file.is_some() {
                    kept.fetch_sub(1, Relaxed);
                }
                break database;
            }
            match &self.file {
                Some(file) => {
                    // A file is opened with a lock on it, which who writes has.
                    if let Some(_alone) = self.writer.try_lock() {
                        drop(idle);
                        break open(file)?;
                    }
                }
                None if !idle.made => {
                    let database = open(Path::new(":memory:"))?;
                    idle.made = true;
                    break database;
                }
                None => {}
            }
            let late_now = self.returned.wait_until(&mut idle, until).timed_out();
            if late_now && idle.databases.is_empty() {
                return Err(late("another query is running in it"));
            }
        };
        Ok(Connection { database: Some(database), graph: self, kept })
    }

    /// Deletes it, after the queries that run in it: whether there was one.
    pub(crate) fn delete(&self, kept: &AtomicUsize, until: Instant) -> Result<bool, Error> {
        let alive = self.alive.try_write_until(until);
        let mut alive = alive.ok_or_else(|| late("queries are still running in it"))?;
        if !*alive {
            return Ok(false);
        }
        let mut idle = self.idle.lock();
        let there = match &self.file {
            None => idle.made,
            Some(file) => {
                kept.fetch_sub(idle.databases.len(), Relaxed);
                idle.databases.clear();
                remove(file).map_err(|error| {
                    let message = format!("`{}` cannot be removed", file.display());
                    Error::with_source(ErrorKind::Unavailable, error).context(message)
                })?
            }
        };
        *alive = false;
        Ok(there)
    }
}

fn late(why: &str) -> Error {
    Error::new(ErrorKind::Timeout, format!("the graph is busy: {why}"))
}

fn open(file: &Path) -> Result<Database, Error> {
    let config = Config {
        busy_timeout_ms: BUSY_MS,
        // What is acknowledged is on the disk.
        synchronous: SyncMode::Full,
        max_materialized_bytes: MATERIALIZED,
        cache_size: CACHE,
        // A disk that fails is an error of a read, and not a signal.
        mmap_size: 0,
        ..Config::default()
    };
    Database::open_with_config(file, config).map_err(|error| failed(&error))
}

/// Removes a database's files: whether there was one. The log goes first, so that nobody finds it
/// beside another graph of the name.
fn remove(file: &Path) -> io::Result<bool> {
    for suffix in ["-wal", "-shm"] {
        let mut name = file.as_os_str().to_owned();
        name.push(suffix);
        gone(fs::remove_file(PathBuf::from(name)))?;
    }
    let there = gone(fs::remove_file(file))?;
    #[cfg(unix)]
    if let Some(folder) = file.parent() {
        fs::File::open(folder)?.sync_all()?;
    }
    Ok(there)
}

fn gone(removed: io::Result<()>) -> io::Result<bool> {
    match removed {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// The right to write into a graph, until this is dropped.
pub(crate) struct Writer<'a> {
    /// Nothing only while it is dropped.
    guard: Option<MutexGuard<'a, ()>>,
    graph: &'a Graph,
}

impl Drop for Writer<'_> {
    fn drop(&mut self) {
        drop(self.guard.take());
        // Whoever waits to open the file has looked under this lock.
        drop(self.graph.idle.lock());
        self.graph.returned.notify_all();
    }
}

/// A connection to a graph, which goes back when this is dropped.
pub(crate) struct Connection<'a> {
    /// Nothing only while it is dropped.
    database: Option<Database>,
    graph: &'a Graph,
    kept: &'a AtomicUsize,
}

impl Connection<'_> {
    pub(crate) fn database(&mut self) -> &mut Database {
        self.database.as_mut().unwrap_or_else(|| unreachable!("it is there until it is dropped"))
    }
}

impl Drop for Connection<'_> {
    fn drop(&mut self) {
        let Some(mut database) = self.database.take() else { return };
        let clean = !database.in_transaction() || database.rollback().is_ok();
        let mut idle = self.graph.idle.lock();
        if self.graph.file.is_none() {
            // There is no other: a graph that cannot be used any more begins anew.
            if clean {
                idle.databases.push(database);
            } else {
                idle.made = false;
            }
        } else if clean && self.kept.fetch_add(1, Relaxed) < IDLE {
            idle.databases.push(database);
        } else {
            if clean {
                self.kept.fetch_sub(1, Relaxed);
            }
            // Closing it may write, and nobody needs to wait for that.
            drop(idle);
            drop(database);
        }
        // Those who wait may also open the file now.
        self.graph.returned.notify_all();
    }
}
