//! Which processes a worker started, wherever they went: read from `/proc`, where there is one.
//!
//! A process belongs to a worker when it is in its group, or has its mark in the environment that it
//! was started with: the second one finds those that began a session of their own. A process that has
//! left the group and has overwritten its environment as well is not found.

use std::{
    collections::BTreeMap,
    fs, thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, PidfdFlags, Signal};

/// How long a process that is ending anyway may take.
const SETTLE: Duration = Duration::from_millis(300);
/// How long killed processes may take to be gone.
const GONE: Duration = Duration::from_secs(2);
/// How many processes are named.
const NAMED: usize = 5;

/// The processes that a worker started.
#[derive(Debug)]
pub(crate) struct Kin {
    leader: u32,
    /// A variable of its environment, with its value.
    mark: String,
}

impl Kin {
    pub(crate) fn of(leader: u32, mark: String) -> Self {
        Self { leader, mark }
    }

    /// The names of those that are still there and do not go away soon.
    pub(crate) fn left(&self) -> Vec<String> {
        let began = Instant::now();
        loop {
            let found = self.find();
            if found.is_empty() || began.elapsed() > SETTLE {
                let more = found.len().saturating_sub(NAMED);
                let mut names: Vec<String> = found
                    .into_iter()
                    .take(NAMED)
                    .map(|(pid, name)| format!("{name} ({pid})"))
                    .collect();
                if more > 0 {
                    names.push(format!("and {more} more"));
                }
                return names;
            }
            thread::sleep(SETTLE / 20);
        }
    }

    /// Kills them, and those that they start meanwhile.
    pub(crate) fn end(&self) {
        let began = Instant::now();
        loop {
            let found = self.find();
            if found.is_empty() || began.elapsed() > GONE {
                return;
            }
            for pid in found.keys() {
                self.kill(*pid);
            }
            thread::sleep(Duration::from_millis(2));
        }
    }

    fn kill(&self, pid: u32) {
        let Some(number) = i32::try_from(pid).ok().and_then(Pid::from_raw) else {
            return;
        };
        // From here on the number means this process or none: is it still the one that was found?
        if let Ok(process) = rustix::process::pidfd_open(number, PidfdFlags::empty())
            && self.name(pid, self.began()).is_some()
        {
            let _ = rustix::process::pidfd_send_signal(process, Signal::KILL);
        }
    }

    fn find(&self) -> BTreeMap<u32, String> {
        let began = self.began();
        fs::read_dir("/proc")
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|process| {
                let pid: u32 = process.file_name().to_str()?.parse().ok()?;
                Some((pid, self.name(pid, began)?))
            })
            .collect()
    }

    /// The name of process `pid`, if it lives and is one of them.
    fn name(&self, pid: u32, began: u64) -> Option<String> {
        let text = fs::read(format!("/proc/{pid}/stat")).ok()?;
        let text = String::from_utf8_lossy(&text);
        let stat = Stat::read(&text)?;
        let living = !matches!(stat.state, "Z" | "X");
        let ours = || stat.group == self.leader || (stat.began >= began && self.is_marked(pid));
        (living && pid != self.leader && ours()).then(|| stat.name.to_owned())
    }

    fn is_marked(&self, pid: u32) -> bool {
        fs::read(format!("/proc/{pid}/environ")).is_ok_and(|environment| {
            environment.split(|byte| *byte == 0).any(|variable| variable == self.mark.as_bytes())
        })
    }

    /// When the worker began: whatever is older is none of its.
    fn began(&self) -> u64 {
        let stat = fs::read(format!("/proc/{}/stat", self.leader)).unwrap_or_default();
        Stat::read(&String::from_utf8_lossy(&stat)).map_or(0, |stat| stat.began)
    }
}

/// The names, by number, of the processes that process `parent` started and did not wait for.
pub(crate) fn children(parent: u32) -> BTreeMap<u32, String> {
    let child = |process: fs::DirEntry| {
        let pid: u32 = process.file_name().to_str()?.parse().ok()?;
        let text = fs::read(process.path().join("stat")).ok()?;
        let text = String::from_utf8_lossy(&text);
        let stat = Stat::read(&text).filter(|stat| stat.parent == parent)?;
        Some((pid, stat.name.to_owned()))
    };
    fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(child).collect()
}

/// What a line like `42 (a name) S 1 42 ..` says.
#[derive(Debug, PartialEq, Eq)]
struct Stat<'a> {
    name: &'a str,
    state: &'a str,
    parent: u32,
    group: u32,
    /// In ticks since the machine began.
    began: u64,
}

impl<'a> Stat<'a> {
    fn read(stat: &'a str) -> Option<Self> {
        let (before, after) = stat.rsplit_once(')')?;
        let (_, name) = before.split_once('(')?;
        let mut fields = after.split_whitespace();
        let state = fields.next()?;
        let parent = fields.next()?.parse().ok()?;
        let group = fields.next()?.parse().ok()?;
        let began = fields.nth(16)?.parse().ok()?;
        Some(Self { name, state, parent, group, began })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_contain_anything() {
        let line = "42 (a) b (c)) S 1 40 40 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 777 9";
        let stat = Stat { name: "a) b (c)", state: "S", parent: 1, group: 40, began: 777 };
        assert_eq!(Stat::read(line), Some(stat));
        assert_eq!(Stat::read("42"), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_process_with_the_mark_is_found_and_ended_and_one_without_it_is_not() {
        use std::process::{Command, Stdio};
        let sleeper = |mark: &str| {
            let mut command = Command::new("sleep");
            command.arg("60").env("TESTKIT_MARK", mark).stdin(Stdio::null());
            command.spawn().unwrap()
        };
        let kin = Kin::of(std::process::id(), "TESTKIT_MARK=ours".into());
        let (mut ours, mut other) = (sleeper("ours"), sleeper("other"));
        let found = loop {
            // The environment is there when the program is.
            let found = kin.find();
            if found.values().any(|name| name == "sleep") {
                break found;
            }
        };
        assert!(found.contains_key(&ours.id()) && !found.contains_key(&other.id()), "{found:?}");
        assert!(!kin.left().is_empty());
        kin.end();
        assert!(!ours.wait().unwrap().success());
        assert!(other.try_wait().unwrap().is_none());
        other.kill().unwrap();
        other.wait().unwrap();
    }
}
