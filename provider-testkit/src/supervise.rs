//! Runs one worker and gathers the evidence: the only place that knows about processes.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{BufReader, Write},
    mem::ManuallyDrop,
    os::{
        fd::OwnedFd,
        unix::{
            net::UnixStream,
            process::{CommandExt, ExitStatusExt},
        },
    },
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};

use crate::{
    Step, ThreadState,
    capture::{self, Captured},
    loader_path,
    protocol::{Bounds, DescribedRecord, Ended, Garbage, HexBytes, Job, Record, Records},
    session::{CallError, Dispatched},
    steps::{self, Steps},
    threads,
    worker::WORKER,
};

/// How many notes and findings are kept.
const NOTES: usize = 50;
/// How long what a dead worker left in its pipes may take to arrive.
const LINGER: Duration = Duration::from_millis(300);
/// How long a worker may take to begin reading its job.
const START: Duration = Duration::from_secs(10);

/// How long a worker may take and how much it may say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Without a sign of life.
    pub(crate) inactivity: Duration,
    /// Altogether.
    pub(crate) cap: Duration,
    pub(crate) bounds: Bounds,
    /// How many of its calls are kept.
    pub(crate) steps: usize,
}

impl Limits {
    pub(crate) fn check(scale: f64) -> Self {
        Self {
            inactivity: Duration::from_secs(10).mul_f64(scale),
            cap: Duration::from_mins(1).mul_f64(scale),
            bounds: Bounds::CHECK,
            steps: steps::LAST,
        }
    }
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    Code(i32),
    Signal(i32),
}

/// Everything that is known about a worker's life.
#[derive(Debug, Default)]
pub(crate) struct Evidence {
    pub(crate) hello: bool,
    pub(crate) steps: Steps,
    pub(crate) calls: u32,
    pub(crate) notes: Vec<String>,
    pub(crate) findings: Vec<(bool, String)>,
    /// The calls up to the one that ended with a panic.
    pub(crate) panicked: Option<Steps>,
    pub(crate) broken: Option<String>,
    pub(crate) described: Option<DescribedRecord>,
    pub(crate) called: Option<Called>,
    pub(crate) ended: Option<Ended>,
    pub(crate) garbage: Option<Garbage>,
    /// The time limit that was over, before the process was.
    pub(crate) expired: Option<Duration>,
    pub(crate) threads: Vec<ThreadState>,
    /// Names of processes that it left behind.
    pub(crate) left: Vec<String>,
    pub(crate) exit: Option<Exit>,
    pub(crate) stdout: Captured,
    pub(crate) stderr: Captured,
    pub(crate) duration: Duration,
}

/// What came of a call, and what the provider sent meanwhile.
pub(crate) type Called = (Result<Vec<u8>, CallError>, Vec<Dispatched>);

enum Event {
    Record(Result<Record, Garbage>),
    ReportEnded,
    Exited,
}

/// Runs `job` in a worker.
///
/// The worker dies with the thread that calls this.
///
/// # Errors
///
/// What keeps a worker from being started.
pub(crate) fn supervise(
    job: &Job,
    env: &BTreeMap<String, String>,
    limits: Limits,
) -> Result<Evidence, String> {
    let began = Instant::now();
    let request = serde_json::to_string(job).map_err(|error| error.to_string())?;
    let (mut ours, child) =
        start(env).map_err(|error| format!("a process cannot be started: {error}"))?;
    let worker = Worker { child, pid: None }.with_pid();
    let (send, events) = mpsc::sync_channel(64);
    let (stdout, stderr) = worker.1;
    let mut worker = worker.0;
    let drained = [drain(stdout), drain(stderr)];
    watch(&ours, worker.pid, limits.bounds, &send).map_err(|error| error.to_string())?;
    drop(send);
    // Fails when the worker died at once, which the rest finds out.
    let _ = ours.set_write_timeout(Some(START));
    let _ = ours.write_all(request.as_bytes());
    let _ = ours.write_all(b"\n");

    let mut evidence = Evidence { steps: Steps::up_to(limits.steps), ..Evidence::default() };
    follow(&mut evidence, &events, limits, began);
    if evidence.expired.is_some() {
        evidence.threads = threads::of(worker.id());
    } else if evidence.garbage.is_none() {
        evidence.left = threads::group(worker.id());
    }
    evidence.exit = worker.end();
    // Whoever still holds the other end is on his own now.
    let _ = ours.shutdown(std::net::Shutdown::Both);
    let [stdout, stderr] = drained.map(Drained::take);
    (evidence.stdout, evidence.stderr) = (stdout, stderr);
    evidence.duration = began.elapsed();
    Ok(evidence)
}

fn start(env: &BTreeMap<String, String>) -> std::io::Result<(UnixStream, Child)> {
    // A worker that does not know that it is one would start workers without end.
    if std::env::var_os(WORKER).is_some() {
        return Err(std::io::Error::other(
            "this process is a worker: `enter_worker_if_asked` must be the first statement of `main`",
        ));
    }
    let (ours, theirs) = UnixStream::pair()?;
    let mut command = Command::new(program()?);
    if std::env::var_os("RUST_BACKTRACE").is_none() {
        command.env("RUST_BACKTRACE", "1");
    }
    if let Some(path) = std::env::var_os(loader_path::VARIABLE) {
        match loader_path::of_the_user(&path) {
            Some(path) => command.env(loader_path::VARIABLE, path),
            None => command.env_remove(loader_path::VARIABLE),
        };
    }
    let child = command
        .envs(env)
        .env(WORKER, std::process::id().to_string())
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()?;
    Ok((ours, child))
}

/// This program. Its file may have been replaced meanwhile; what runs is what is meant.
fn program() -> std::io::Result<PathBuf> {
    let own = PathBuf::from("/proc/self/exe");
    if own.exists() { Ok(own) } else { std::env::current_exe() }
}

/// A worker that is killed, with its group, when it is dropped.
struct Worker {
    child: Child,
    pid: Option<Pid>,
}

type Pipes = (Option<std::process::ChildStdout>, Option<std::process::ChildStderr>);

impl Worker {
    fn with_pid(mut self) -> (Self, Pipes) {
        self.pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        let pipes = (self.child.stdout.take(), self.child.stderr.take());
        (self, pipes)
    }

    fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends the worker and its group.
    fn end(&mut self) -> Option<Exit> {
        // The worker is not waited for yet: its number, and its group's, belong to nobody else.
        if let Some(pid) = self.pid.take() {
            let _ = rustix::process::kill_process_group(pid, Signal::KILL);
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

/// Tells of what the worker reports, and of its end.
fn watch(
    ours: &UnixStream,
    pid: Option<Pid>,
    bounds: Bounds,
    send: &mpsc::SyncSender<Event>,
) -> std::io::Result<()> {
    let reader = BufReader::new(ours.try_clone()?);
    let records = send.clone();
    thread::Builder::new().spawn(move || {
        for record in Records::new(reader, bounds) {
            if records.send(Event::Record(record)).is_err() {
                return;
            }
        }
        let _ = records.send(Event::ReportEnded);
    })?;
    let exit = send.clone();
    thread::Builder::new().spawn(move || {
        if let Some(pid) = pid {
            // Leaves it to be waited for: its number stays taken until then.
            let ended = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            while let Err(rustix::io::Errno::INTR) =
                rustix::process::waitid(WaitId::Pid(pid), ended)
            {}
        }
        let _ = exit.send(Event::Exited);
    })?;
    Ok(())
}

/// Takes in events until the worker ended, its time is over, or its report is none.
fn follow(evidence: &mut Evidence, events: &mpsc::Receiver<Event>, limits: Limits, began: Instant) {
    let (mut exited, mut report_ended) = (false, false);
    while !(exited && report_ended) {
        let left = limits.cap.saturating_sub(began.elapsed());
        let limit = if exited { LINGER } else { limits.inactivity.min(left) };
        match events.recv_timeout(limit) {
            Ok(Event::Record(Ok(record))) => evidence.take(record),
            Ok(Event::Record(Err(garbage))) => {
                evidence.garbage = Some(garbage);
                // The last line of one that died is cut off: its death is what counts.
                if !matches!(evidence.garbage, Some(Garbage::Unfinished(_))) {
                    return;
                }
                report_ended = true;
            }
            Ok(Event::ReportEnded) => report_ended = true,
            Ok(Event::Exited) => exited = true,
            Err(_) if exited => return,
            Err(_) => {
                evidence.expired = Some(if left.is_zero() || left < limits.inactivity {
                    limits.cap
                } else {
                    limits.inactivity
                });
                return;
            }
        }
    }
}

impl Evidence {
    fn take(&mut self, record: Record) {
        match record {
            Record::Hello { .. } => self.hello = true,
            Record::Step { seq, call, args, nth } => {
                self.calls = self.calls.saturating_add(1);
                self.steps.push(Step { seq, call, args, nth, outcome: None });
            }
            Record::Done { seq, outcome } => self.steps.returned(seq, outcome),
            Record::Note { text } if self.notes.len() < NOTES => self.notes.push(text),
            Record::Finding { panic, text } if self.findings.len() < NOTES => {
                if panic && self.panicked.is_none() {
                    self.panicked = Some(self.steps.clone());
                }
                self.findings.push((panic, text));
            }
            Record::Note { .. } | Record::Finding { .. } => {}
            Record::Broken { text } => self.broken = Some(text),
            Record::Described { described } => self.described = Some(*described),
            Record::Called { reply, dispatched } => {
                self.called = Some((reply.map(|HexBytes(bytes)| bytes), dispatched));
            }
            Record::Verdict { ended } => self.ended = Some(ended),
        }
    }
}

/// A pipe that is being emptied.
struct Drained {
    captured: Arc<Mutex<Captured>>,
    over: mpsc::Receiver<()>,
}

fn drain(from: Option<impl std::io::Read + Send + 'static>) -> Drained {
    let captured = Arc::<Mutex<Captured>>::default();
    let (send, over) = mpsc::channel();
    if let Some(from) = from {
        let into = Arc::clone(&captured);
        thread::spawn(move || {
            capture::drain(from, |bytes| {
                // Writing to memory does not fail.
                let _ = into.lock().unwrap_or_else(PoisonError::into_inner).write_all(bytes);
            });
            let _ = send.send(());
        });
    }
    Drained { captured, over }
}

impl Drained {
    /// What came. A process that got away may hold the pipe open: it is not waited for.
    fn take(self) -> Captured {
        let _ = self.over.recv_timeout(LINGER);
        let mut captured = self.captured.lock().unwrap_or_else(PoisonError::into_inner);
        let mut captured = std::mem::take(&mut *captured);
        captured.end();
        captured
    }
}

/// The folders that there are now.
static SCRATCHES: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Removes the files of the checks that run now.
///
/// For a program that is about to exit in the middle of a run, because it was interrupted: the
/// processes of the checks end with it, their files would not.
pub fn abandon() {
    // It stays locked: who makes a folder from now on waits for the end.
    let scratches = ManuallyDrop::new(scratches());
    for path in scratches.iter() {
        let _ = fs::remove_dir_all(path);
    }
}

fn scratches() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    SCRATCHES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A folder of its own for a check's files, gone when it is dropped.
#[derive(Debug)]
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new(name: &str) -> std::io::Result<Self> {
        let name = format!("provider-testkit-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let mut scratches = scratches();
        fs::create_dir(&path)?;
        scratches.insert(path.clone());
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &std::path::Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
        scratches().remove(&self.0);
    }
}
