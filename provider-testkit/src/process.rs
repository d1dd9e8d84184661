//! A worker's process: how it is started, and how it is ended with all that it started.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    hash::{BuildHasher, RandomState},
    os::{
        fd::OwnedFd,
        unix::{
            net::UnixStream,
            process::{CommandExt, ExitStatusExt},
        },
    },
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use rustix::process::{Pid, Signal};

use crate::{loader_path, processes::Kin, worker::WORKER};

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    Code(i32),
    Signal(i32),
}

/// A worker that is killed, with all that it started, when it is dropped.
pub(crate) struct Worker {
    child: Child,
    pid: Option<Pid>,
    kin: Kin,
}

/// What a worker's process is connected with.
pub(crate) struct Ends {
    pub(crate) report: UnixStream,
    pub(crate) stdout: Option<std::process::ChildStdout>,
    pub(crate) stderr: Option<std::process::ChildStderr>,
}

impl Worker {
    /// With `env`, and without our own environment if it is `bare`.
    pub(crate) fn start(
        env: &BTreeMap<String, String>,
        bare: bool,
    ) -> std::io::Result<(Self, Ends)> {
        // A worker that does not know that it is one would start workers without end.
        if std::env::var_os(WORKER).is_some() {
            return Err(std::io::Error::other(
                "this process is a worker: `enter_worker_if_asked` must be the first statement of `main`",
            ));
        }
        let (report, theirs) = UnixStream::pair()?;
        let mark = mark();
        let mut command = Command::new(program()?);
        if bare {
            command.env_clear();
        } else if std::env::var_os("RUST_BACKTRACE").is_none() {
            command.env("RUST_BACKTRACE", "1");
        }
        if let Some(path) = std::env::var_os(loader_path::VARIABLE) {
            match loader_path::of_the_user(&path) {
                Some(path) => command.env(loader_path::VARIABLE, path),
                None => command.env_remove(loader_path::VARIABLE),
            };
        }
        let mut child = command
            .envs(env)
            .env(WORKER, &mark)
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let kin = Kin::of(child.id(), format!("{WORKER}={mark}"));
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        Ok((Self { child, pid, kin }, Ends { report, stdout, stderr }))
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Its number, as long as it is not waited for.
    pub(crate) fn pid(&self) -> Option<Pid> {
        self.pid
    }

    /// The processes that it started and that are still there.
    pub(crate) fn kin(&self) -> &Kin {
        &self.kin
    }

    /// Ends the worker, and every process that it started.
    pub(crate) fn end(&mut self) -> Option<Exit> {
        // The worker is not waited for yet: its number, and its group's, belong to nobody else.
        if let Some(pid) = self.pid.take() {
            let _ = rustix::process::kill_process_group(pid, Signal::KILL);
            self.kin.end();
        }
        let status = self.child.wait().ok()?;
        match (status.code(), status.signal()) {
            (Some(code), _) => Some(Exit::Code(code)),
            (None, Some(signal)) => Some(Exit::Signal(signal)),
            (None, None) => None,
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if self.pid.is_some() {
            self.end();
        }
    }
}

/// Our own number, and what no other process has in its environment.
fn mark() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{}-{count}-{}", std::process::id(), secret())
}

/// Digits that nobody guesses by accident.
pub(crate) fn secret() -> String {
    let mut digits = String::new();
    // Writing to a string does not fail.
    let _ = write!(digits, "{:016x}", RandomState::new().hash_one(0));
    digits
}

/// This program. Its file may have been replaced meanwhile; what runs is what is meant.
fn program() -> std::io::Result<PathBuf> {
    let own = PathBuf::from("/proc/self/exe");
    if own.exists() { Ok(own) } else { std::env::current_exe() }
}
