//! What this process holds.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

/// How long what ends on another thread is waited for.
const SOON: Duration = Duration::from_secs(10);
/// How often is looked: nobody tells when a descriptor is closed.
const AGAIN: Duration = Duration::from_millis(10);

/// How many threads and descriptors this process has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Threads.
    pub threads: usize,
    /// Open files, sockets and pipes.
    pub descriptors: usize,
}

impl Held {
    /// What it has now.
    ///
    /// # Panics
    ///
    /// Where there is no `/proc`.
    #[must_use]
    pub fn now() -> Self {
        let count = |folder| fs::read_dir(folder).expect("there is a /proc").count();
        Self { threads: count("/proc/self/task"), descriptors: count("/proc/self/fd") }
    }

    /// Waits until the process holds no more than this.
    ///
    /// # Panics
    ///
    /// When something is left over after ten seconds, with what.
    pub fn nothing_more(self) {
        let deadline = Instant::now() + SOON;
        loop {
            let now = Self::now();
            if now.threads <= self.threads && now.descriptors <= self.descriptors {
                return;
            }
            assert!(Instant::now() < deadline, "left over: {self:?} became {now:?}: {}", open());
            thread::sleep(AGAIN);
        }
    }
}

/// What is open, and the names of the threads.
fn open() -> String {
    let entries = |folder: &str| fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries("/proc/self/fd")
        .filter_map(|entry| Some(fs::read_link(entry.path()).ok()?.display().to_string()));
    let threads = entries("/proc/self/task")
        .filter_map(|entry| fs::read_to_string(entry.path().join("comm")).ok());
    files.chain(threads.map(|name| name.trim().to_owned())).collect::<Vec<_>>().join(", ")
}
