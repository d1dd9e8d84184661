//! What a process holds: threads and open files, and what is left of what it may hold.

use std::{
    collections::BTreeMap,
    fs, thread,
    time::{Duration, Instant},
};

use rustix::process::{Resource, getrlimit};

use crate::{sockets, worker::Reporter};

/// How long what a provider lets go may take to go.
const SETTLE: Duration = Duration::from_secs(2);
/// How often that is looked at.
const GLANCE: Duration = Duration::from_millis(20);

/// Something, once it does not go away soon.
pub(crate) fn lasting(reporter: &Reporter, more: impl Fn() -> Vec<String>) -> Option<String> {
    let began = Instant::now();
    loop {
        let now = more();
        if now.is_empty() {
            return None;
        }
        if began.elapsed() > SETTLE {
            return Some(now.join(", "));
        }
        reporter.pulse();
        thread::sleep(GLANCE);
    }
}

/// What a process holds.
#[derive(Debug)]
pub(crate) struct Holdings {
    /// Names by number.
    threads: BTreeMap<String, String>,
    /// Paths by number.
    files: BTreeMap<String, String>,
}

impl Holdings {
    pub(crate) fn now() -> Self {
        Self {
            threads: listed("/proc/self/task", |task| {
                let name = fs::read_to_string(task.join("comm")).ok()?;
                Some(name.trim().to_owned())
            }),
            files: listed("/proc/self/fd", |file| {
                let path = fs::read_link(file).ok()?;
                // The listing itself.
                (!path.ends_with("fd")).then(|| path.to_string_lossy().into_owned())
            }),
        }
    }

    /// Whether there is more than there was, at this moment.
    pub(crate) fn has_grown(&self) -> bool {
        !(self.threads_more().is_empty() && self.files_more().is_empty())
    }

    /// How many files are open and how many threads there are.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.files.len(), self.threads.len())
    }

    /// What is held now and was not then, when it does not go away soon.
    pub(crate) fn grown(&self, reporter: &Reporter) -> Option<String> {
        lasting(reporter, || [self.threads_more(), self.files_more()].concat())
    }

    /// The threads that there are now and were not then.
    pub(crate) fn threads_more(&self) -> Vec<String> {
        let now = Self::now().threads;
        now.iter()
            .filter(|(number, _)| !self.threads.contains_key(*number))
            .map(|(_, name)| format!("thread `{name}`"))
            .collect()
    }

    /// The files and sockets that are open now and were not then.
    pub(crate) fn files_more(&self) -> Vec<String> {
        let now = Self::now().files;
        now.iter()
            .filter(|(number, path)| self.files.get(*number) != Some(path))
            .map(|(_, path)| sockets::name(path).unwrap_or_else(|| format!("file `{path}`")))
            .collect()
    }
}

/// How much a process uses of what is limited.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Use {
    files: u64,
    /// Bytes of memory.
    data: u64,
}

impl Use {
    /// What is used now, where that can be found out.
    pub(crate) fn now() -> Option<Self> {
        let status = fs::read_to_string("/proc/self/status").ok()?;
        let data = status.lines().find_map(|line| line.strip_prefix("VmData:"))?;
        let kibibytes: u64 = data.split_whitespace().next()?.parse().ok()?;
        let files = fs::read_dir("/proc/self/fd").ok()?.count() as u64;
        Some(Self { files, data: kibibytes << 10 })
    }

    /// How many things there may be in `percent` of what is allowed, when `count` of them make the
    /// difference to `with`.
    pub(crate) fn room(&self, with: &Self, count: u32, percent: u64) -> u32 {
        let room = |before: u64, with: u64, limit: Resource| {
            let more = with.saturating_sub(before);
            match getrlimit(limit).current {
                Some(limit) if more > 0 => {
                    let free = (limit / 100).saturating_mul(percent).saturating_sub(before);
                    free.saturating_mul(u64::from(count)) / more
                }
                _ => u64::MAX,
            }
        };
        let files = room(self.files, with.files, Resource::Nofile);
        let data = room(self.data, with.data, Resource::Data);
        u32::try_from(files.min(data)).unwrap_or(u32::MAX)
    }
}

fn listed(
    folder: &str,
    name: impl Fn(&std::path::Path) -> Option<String>,
) -> BTreeMap<String, String> {
    fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let number = entry.file_name().into_string().ok()?;
            Some((number, name(&entry.path())?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn a_file_that_stays_open_is_told() {
        let before = Holdings::now();
        let file = fs::File::open("/proc/self/maps").unwrap();
        let more = before.files_more().join(", ");
        assert!(more.contains("maps"), "{more}");
        drop(file);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_listening_socket_is_told_with_its_address() {
        let before = Holdings::now();
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let more = before.files_more().join(", ");
        let expected = format!("socket TCP {} (listening)", listener.local_addr().unwrap());
        assert!(more.contains(&expected), "{more}");
    }

    #[test]
    fn what_a_thing_holds_says_how_many_there_may_be() {
        let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
        let before = Use { files: 0, data: 0 };
        let with = Use { files: files / 4, data: 0 };
        assert!((29..=33).contains(&before.room(&with, 16, 50)));
        assert_eq!(before.room(&before, 16, 50), u32::MAX);
    }
}
