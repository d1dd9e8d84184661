//! A server that runs.

use std::{
    fs,
    io::{self, BufRead, BufReader},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::{Program, ready};

/// How long a server may take until it answers, or stops.
const START: Duration = Duration::from_mins(1);
/// How often a server is asked whether it is there: nothing tells.
const AGAIN: Duration = Duration::from_millis(20);
/// How many ports are tried: somebody else may take one between its choice and its use.
const PORTS: usize = 5;

/// Starts the server, says its process id, and kills it when nobody holds the other end of standard
/// input any more: also when the test is killed.
const KEEPER: &str = r#""$@" >>"$LOG" 2>&1 & echo $!; read -r _; kill -KILL $! 2>/dev/null; wait"#;

/// A server on loopback, at a port and with a folder of its own. It ends when this is dropped.
#[derive(Debug)]
pub struct Server {
    program: Program,
    arguments: Vec<String>,
    port: u16,
    folder: TempDir,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    keeper: Child,
    pid: Pid,
}

impl Running {
    fn signal(&self, signal: Signal) {
        // A process that has ended already needs no signal.
        let _ = kill_process(self.pid, signal);
    }

    fn folder(&self) -> PathBuf {
        PathBuf::from(format!("/proc/{}", self.pid.as_raw_nonzero()))
    }

    /// Whether it has ended: its keeper waits for it only when it is to be killed.
    fn has_ended(&self) -> bool {
        matches!(state(&self.folder()), None | Some('Z'))
    }

    /// Whether none of its threads runs any more: the signal returns before they have all seen it.
    fn is_stopped(&self) -> bool {
        let threads = fs::read_dir(self.folder().join("task"));
        let mut threads = threads.into_iter().flatten().flatten();
        threads.all(|thread| matches!(state(&thread.path()), None | Some('T' | 'Z')))
    }
}

/// The letter for the state of a process or a thread, by its folder in `/proc`.
fn state(folder: &Path) -> Option<char> {
    fs::read_to_string(folder.join("stat")).ok()?.rsplit_once(") ")?.1.chars().next()
}

impl Drop for Running {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

impl Server {
    /// A server that answers.
    ///
    /// # Errors
    ///
    /// When the program is not installed or does not start; the end of what it printed is in the text.
    pub fn start(program: Program) -> io::Result<Self> {
        Self::start_with(program, &[])
    }

    /// A server that answers, with further arguments.
    ///
    /// # Errors
    ///
    /// As for [`start`](Self::start).
    pub fn start_with(program: Program, arguments: &[&str]) -> io::Result<Self> {
        let mut failure = io::Error::other("no port was tried");
        for _ in 0..PORTS {
            let mut server = Self {
                program,
                arguments: arguments.iter().map(|&argument| argument.into()).collect(),
                port: free_port()?,
                folder: TempDir::new()?,
                running: None,
            };
            match server.restart() {
                Ok(()) => return Ok(server),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(error),
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// Its port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its folder: data, and the file `log` with what it printed.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What a client connects to, in the server's own scheme.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = match self.program {
            Program::Redis => "redis",
            Program::Nats => "nats",
            Program::S3 => "http",
            Program::Falkordb => "falkor",
        };
        format!("{scheme}://{}", self.address())
    }

    /// Ends it at once, as a crash would (SIGKILL). Its port and its folder stay its own.
    pub fn kill(&mut self) {
        self.running = None;
    }

    /// Starts it again at the same port with the same folder, after it was killed if it runs.
    ///
    /// # Errors
    ///
    /// As for [`start`](Self::start).
    pub fn restart(&mut self) -> io::Result<()> {
        self.kill();
        let running = self.spawn()?;
        let deadline = Instant::now() + START;
        loop {
            if ready::answers(self.program, self.address()).unwrap_or(false) {
                self.running = Some(running);
                return Ok(());
            }
            if running.has_ended() || Instant::now() > deadline {
                let name = self.program.name();
                let log = self.log();
                return Err(io::Error::other(format!("`{name}` does not start:\n{log}")));
            }
            thread::sleep(AGAIN);
        }
    }

    /// Stops it so that it is there and does not answer (SIGSTOP), and returns when it has stopped.
    ///
    /// # Panics
    ///
    /// When it does not stop within a minute.
    pub fn pause(&self) {
        let Some(running) = &self.running else { return };
        running.signal(Signal::STOP);
        let deadline = Instant::now() + START;
        while !running.is_stopped() {
            assert!(Instant::now() < deadline, "the server does not stop");
            thread::sleep(AGAIN);
        }
    }

    /// Lets it go on after [`pause`](Self::pause).
    pub fn resume(&self) {
        if let Some(running) = &self.running {
            running.signal(Signal::CONT);
        }
    }

    /// The end of what it printed.
    #[must_use]
    pub fn log(&self) -> String {
        let log = fs::read(self.folder().join("log")).unwrap_or_default();
        let end = log.len().saturating_sub(2000);
        String::from_utf8_lossy(&log[end..]).into_owned()
    }

    fn spawn(&self) -> io::Result<Running> {
        let program = self.program.find();
        let program = program.map_err(|absent| io::Error::new(io::ErrorKind::NotFound, absent))?;
        let port = self.port.to_string();
        let folder = self.folder().display().to_string();
        let redis = ["--port", &port, "--bind", "127.0.0.1", "--save", "", "--dir", &folder];
        let mut command = Command::new("sh");
        command.args(["-c", KEEPER, "sh"]);
        match self.program {
            Program::Redis => command.arg(program).args(redis),
            Program::Falkordb => {
                let own = program.with_file_name("redis-server");
                command.arg(own).args(redis).arg("--loadmodule").arg(program)
            }
            Program::Nats => command.arg(program).args(["-a", "127.0.0.1", "-p", &port]),
            Program::S3 => command.arg(program).args(["-H", "127.0.0.1", "-p", &port]),
        };
        let mut keeper = command
            .args(&self.arguments)
            .env("LOG", self.folder().join("log"))
            .current_dir(self.folder())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        if let Some(out) = keeper.stdout.take() {
            BufReader::new(out).read_line(&mut line)?;
        }
        let pid = line.trim().parse().ok().and_then(Pid::from_raw);
        let pid = pid.ok_or_else(|| io::Error::other(format!("no process id: `{line}`")))?;
        Ok(Running { keeper, pid })
    }
}

/// A port that nobody listens at.
fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
