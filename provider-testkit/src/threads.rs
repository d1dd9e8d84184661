//! What the threads of a process do: read from `/proc`, where there is one.

use std::{fs, path::Path};

use crate::ThreadState;

/// How many threads are looked at.
const MOST: usize = 64;

/// The threads of process `pid`.
pub(crate) fn of(pid: u32) -> Vec<ThreadState> {
    let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return Vec::new();
    };
    let mut tasks: Vec<_> = tasks.flatten().map(|task| task.path()).collect();
    tasks.sort();
    tasks.truncate(MOST);
    tasks.iter().map(|task| state(task)).collect()
}

fn state(task: &Path) -> ThreadState {
    let read =
        |name: &str| fs::read_to_string(task.join(name)).unwrap_or_default().trim().to_owned();
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
        let threads = of(std::process::id());
        assert!(threads.iter().any(|thread| thread.state.starts_with('R')), "{threads:?}");
    }
}
