//! What the threads of a process do: read from `/proc`, where there is one.

use std::{fs, path::Path};

use crate::{ThreadState, evidence::Evidence, site};

/// How many threads are looked at.
const MOST: usize = 64;
/// Of how many threads it is looked for where in the library they are.
const NAMED: usize = 8;

/// A thread that is running.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Running {
    pub(crate) number: u32,
    /// Which one it is of those that were looked at.
    pub(crate) index: usize,
}

/// The threads of process `pid`, with the first one that is running.
pub(crate) fn of(pid: u32, evidence: &mut Evidence, library: &Path) -> Option<Running> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).ok()?;
    let mut tasks: Vec<u32> =
        tasks.flatten().filter_map(|task| task.file_name().to_str()?.parse().ok()).collect();
    tasks.sort_unstable();
    tasks.truncate(MOST);
    evidence.threads = tasks.iter().map(|task| state(pid, *task)).collect();
    for (task, state) in tasks.iter().zip(&mut evidence.threads).take(NAMED) {
        let syscall = read(pid, *task, "syscall");
        state.place = site::asleep(pid, &syscall, &evidence.mapped, library);
    }
    let running = |thread: &ThreadState| thread.state.starts_with('R');
    let index = evidence.threads.iter().position(running)?;
    Some(Running { number: *tasks.get(index)?, index })
}

fn read(pid: u32, task: u32, name: &str) -> String {
    let text = fs::read_to_string(format!("/proc/{pid}/task/{task}/{name}"));
    text.unwrap_or_default().trim().to_owned()
}

fn state(pid: u32, task: u32) -> ThreadState {
    let read = |name: &str| read(pid, task, name);
    let status = read("status");
    let state = status.lines().find_map(|line| line.strip_prefix("State:")).unwrap_or_default();
    let wchan = read("wchan");
    let syscall = read("syscall");
    let number = syscall.split_whitespace().next().unwrap_or_default();
    ThreadState {
        comm: read("comm"),
        state: state.trim().to_owned(),
        wchan: if wchan == "0" { String::new() } else { wchan },
        syscall: syscall_name(number),
        place: None,
    }
}

/// The name of a system call in which threads wait; its number when it is another one.
fn syscall_name(number: &str) -> String {
    let names: &[(&str, &str)] = if cfg!(target_arch = "x86_64") {
        &[
            ("0", "read"),
            ("1", "write"),
            ("7", "poll"),
            ("34", "pause"),
            ("35", "nanosleep"),
            ("42", "connect"),
            ("43", "accept"),
            ("45", "recvfrom"),
            ("47", "recvmsg"),
            ("61", "wait4"),
            ("202", "futex"),
            ("230", "clock_nanosleep"),
            ("232", "epoll_wait"),
            ("247", "waitid"),
            ("271", "ppoll"),
            ("281", "epoll_pwait"),
            ("288", "accept4"),
        ]
    } else if cfg!(target_arch = "aarch64") {
        &[
            ("22", "epoll_pwait"),
            ("63", "read"),
            ("64", "write"),
            ("73", "ppoll"),
            ("95", "waitid"),
            ("98", "futex"),
            ("101", "nanosleep"),
            ("115", "clock_nanosleep"),
            ("202", "accept"),
            ("203", "connect"),
            ("207", "recvfrom"),
            ("212", "recvmsg"),
            ("242", "accept4"),
            ("260", "wait4"),
        ]
    } else {
        &[]
    };
    match number {
        "" | "running" | "-1" => String::new(),
        number => names
            .iter()
            .find(|(known, _)| *known == number)
            .map_or_else(|| format!("system call {number}"), |(_, name)| (*name).to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn our_own_threads_are_seen() {
        let mut evidence = Evidence::default();
        let running = of(std::process::id(), &mut evidence, Path::new("/")).unwrap();
        assert!(evidence.threads[running.index].state.starts_with('R'), "{evidence:?}");
    }
}
