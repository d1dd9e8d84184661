//! The other end: what this program does when it is started to load a provider.

use std::{
    env,
    fs::File,
    io::{BufRead, BufReader, Write},
    mem::ManuallyDrop,
    os::unix::net::UnixStream,
    panic::{self, AssertUnwindSafe, catch_unwind},
    path::Path,
    process,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use provider_host::{Library, OpenError};
use rustix::process::Signal;

use crate::{
    Metric, attended, check,
    crash::{Channel, Whose, end_now},
    identity::Described,
    lab::Lab,
    memory, ports,
    protocol::{DescribedRecord, Ended, Job, Record, Task},
    sandbox, session, wrap,
};

/// The variable that says that a process is a worker, and whose.
pub(crate) const WORKER: &str = "PROVIDER_TESTKIT_WORKER";
/// The exit code of a worker that could not do its work.
const BROKEN: i32 = 4;
/// The exit code of a worker whose report's descriptor was closed.
pub(crate) const LOST: i32 = 113;
/// What a process says that a provider made of the worker's, and that came back.
const FORKED: &str = "a call returned twice: it forked, and the new process returned as well";
/// Where the report's file descriptor begins to be looked for: out of a provider's way.
const REPORT_FD: i32 = 100;

/// Makes this process a worker if it was started as one.
///
/// The first statement of `main` in any program that uses the testkit: the testkit starts the program
/// once more for each check. It returns at once if this process is no worker, else never.
pub fn enter_worker_if_asked() {
    if let Some(parent) = env::var_os(WORKER) {
        let parent = parent.to_string_lossy();
        wrap::become_it_if_asked(|| die_with(&parent));
        process::exit(work(&parent).unwrap_or(BROKEN));
    }
}

/// How often a worker that waits says that it is there, at most.
const PULSE: Duration = Duration::from_millis(200);

/// Where a worker's report goes.
#[derive(Debug, Clone)]
pub(crate) struct Reporter(Arc<Mutex<Report>>);

#[derive(Debug)]
struct Report {
    to: To,
    steps: u32,
    nth: Option<(u32, u32)>,
    /// When it last gave a sign of life of its own.
    pulse: Option<Instant>,
}

enum To {
    /// The supervisor.
    Stream(UnixStream, &'static Channel),
    /// Whoever is in the same process.
    Here(Box<dyn FnMut(Record) + Send>),
}

impl std::fmt::Debug for To {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Stream(..) => "Stream",
            Self::Here(_) => "Here",
        })
    }
}

impl Reporter {
    fn new(to: To) -> Self {
        Self(Arc::new(Mutex::new(Report { to, steps: 0, nth: None, pulse: None })))
    }

    /// One that tells `take`, in this process.
    pub(crate) fn here(take: impl FnMut(Record) + Send + 'static) -> Self {
        Self::new(To::Here(Box::new(take)))
    }

    fn with<T>(&self, act: impl FnOnce(&mut Report) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn send(&self, record: &Record) {
        self.with(|report| report.send(record));
    }

    /// The provider is about to be called: returns the number of the call.
    pub(crate) fn step(&self, call: &str, args: String) -> u32 {
        self.with(|report| {
            report.steps += 1;
            let seq = report.steps;
            report.send(&Record::Step { seq, call: call.to_owned(), args, nth: report.nth });
            seq
        })
    }

    pub(crate) fn done(&self, seq: u32, outcome: impl Into<String>) {
        let outcome = outcome.into();
        self.send(&Record::Done { seq, outcome });
    }

    /// From now on calls are numbered `nth` of `total`.
    pub(crate) fn nth(&self, nth: Option<(u32, u32)>) {
        self.with(|report| report.nth = nth);
    }

    /// It waits for something else than the provider's answer.
    pub(crate) fn pulse(&self) {
        self.with(|report| {
            // One now and then is enough.
            if report.pulse.is_none_or(|last| last.elapsed() > PULSE) {
                report.pulse = Some(Instant::now());
                report.send(&Record::Pulse);
            }
        });
    }

    pub(crate) fn note(&self, text: impl Into<String>) {
        self.send(&Record::Note { text: text.into() });
    }

    /// The library was loaded: tells where it lies.
    pub(crate) fn mapped(&self, path: &Path) {
        let Some(map) = memory::Map::read() else {
            return;
        };
        for code in map.code_of(path) {
            let addresses = code.addresses();
            let offset = code.offset_of(addresses.start);
            let (start, end) = (addresses.start as u64, addresses.end as u64);
            self.send(&Record::Mapped { start, end, offset });
        }
    }

    /// A figure that is no number is none.
    pub(crate) fn metric(&self, name: &str, value: f64, unit: &str) {
        if value.is_finite() {
            let metric = Metric { name: name.to_owned(), value, unit: unit.to_owned() };
            self.send(&Record::Metric { metric });
        }
    }

    pub(crate) fn finding(&self, panic: bool, text: impl Into<String>) {
        let text = text.into();
        self.send(&Record::Finding { panic, text });
    }
}

impl Report {
    fn send(&mut self, record: &Record) {
        let (stream, channel) = match &mut self.to {
            To::Stream(stream, channel) => (stream, *channel),
            To::Here(take) => return take(record.clone()),
        };
        let line = |record: &Record| {
            let mut line = channel.secret().to_vec();
            let Ok(()) = serde_json::to_writer(&mut line, record) else {
                process::exit(BROKEN);
            };
            line.push(b'\n');
            line
        };
        match channel.whose() {
            Whose::Ours => {}
            Whose::Lost => end_now(LOST),
            Whose::Forks => {
                let text = String::from(FORKED);
                let _ = stream.write_all(&line(&Record::Finding { panic: false, text }));
                end_now(BROKEN);
            }
        }
        // Nobody listens any more: there is nothing left to do.
        if stream.write_all(&line(record)).is_err() {
            process::exit(BROKEN);
        }
    }
}

fn work(parent: &str) -> Option<i32> {
    let stream = settle(parent).ok()?;
    let mut request = BufReader::new(&stream);
    let (mut secret, mut line) = (String::new(), Vec::new());
    request.read_line(&mut secret).ok()?;
    request.read_until(b'\n', &mut line).ok()?;
    let job: Job = serde_json::from_slice(&line).ok()?;
    // Nothing more was sent yet: whoever asks for more waits until the provider is ready.
    let requests = match job.task {
        Task::Attend { .. } => Some(rustix::io::fcntl_dupfd_cloexec(&stream, REPORT_FD).ok()?),
        _ => None,
    };
    let requests = requests.map(UnixStream::from);
    let channel = Channel::open(&stream, secret.trim_end());
    let reporter = Reporter::new(To::Stream(stream, channel));
    reporter.send(&Record::Hello { pid: process::id(), kit: env!("CARGO_PKG_VERSION").to_owned() });
    // Only our own panics come here: a library has its own standard library, with its own hook.
    let own = reporter.clone();
    panic::set_hook(Box::new(move |info| {
        own.send(&Record::Broken { text: info.to_string() });
    }));
    let done = catch_unwind(AssertUnwindSafe(|| match job.task.clone() {
        Task::Describe => describe(&job, &reporter),
        Task::Check { id } => run_check(job, &id, &reporter),
        Task::Call { actor, op, payload } => {
            let record = session::run(job, &reporter, &actor, &op, &payload);
            reporter.send(&record);
            reporter.send(&Record::Verdict { ended: Ended::Pass });
        }
        Task::Attend { actor, answers } => {
            let ended = attended::run(job, &reporter, &actor, answers, requests);
            reporter.send(&Record::Verdict { ended });
        }
    }));
    Some(if done.is_ok() { 0 } else { BROKEN })
}

/// Moves the report out of the provider's way and sets the limits.
fn settle(parent: &str) -> rustix::io::Result<UnixStream> {
    let stream = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), REPORT_FD)?;
    if let Ok(null) = File::open("/dev/null") {
        rustix::stdio::dup2_stdin(&null)?;
    }
    die_with(parent);
    // A command that we run under has its own ways, and needs its rights.
    if !wrap::is_wrapped() {
        sandbox::enter();
    }
    Ok(UnixStream::from(stream))
}

/// Makes sure that this process does not outlive the testkit, whose number `parent` begins with.
fn die_with(parent: &str) {
    #[cfg(target_os = "linux")]
    {
        if rustix::process::set_parent_process_death_signal(Some(Signal::KILL)).is_err() {
            process::exit(BROKEN);
        }
        // The parent may have died before that. A command that we run under may be the parent.
        let now = rustix::process::getppid().map(|pid| pid.as_raw_nonzero().get().to_string());
        let other = now.is_some_and(|now| parent.split('-').next() != Some(now.as_str()));
        if other && !wrap::is_wrapped() {
            process::exit(BROKEN);
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (parent, Signal::KILL);
}

fn describe(job: &Job, reporter: &Reporter) {
    let seq = reporter.step("dlopen", format!("\"{}\"", job.path.display()));
    let opened = Library::open(&job.path);
    reporter.done(seq, "returned");
    let seq = reporter.step("describe_json", String::new());
    let described = match opened.and_then(|library| Described::of(&library)) {
        Ok(described) => DescribedRecord::Fine(described),
        Err(OpenError::Load { reason, .. }) => DescribedRecord::Load(reason),
        Err(OpenError::NotAProvider { .. }) => DescribedRecord::NoSymbols,
        Err(OpenError::OldInterface { .. }) => DescribedRecord::OldInterface,
        Err(OpenError::AbiVersion { theirs, .. }) => DescribedRecord::Abi(theirs),
        Err(OpenError::Descriptor { problem, .. }) => DescribedRecord::Descriptor(problem),
        Err(other) => DescribedRecord::Load(other.to_string()),
    };
    reporter.done(seq, "returned");
    reporter.send(&Record::Described { described: Box::new(described) });
    reporter.send(&Record::Verdict { ended: Ended::Pass });
}

pub(crate) fn run_check(job: Job, id: &str, reporter: &Reporter) {
    if let Some(folder) = &job.folder
        && let Err(error) = std::env::set_current_dir(folder)
    {
        reporter.note(format!("the folder of the check cannot be entered: {error}"));
    }
    let Some((check, op)) = check::split(id) else {
        let text = format!("the worker knows no check `{id}`");
        reporter.send(&Record::Broken { text });
        return;
    };
    ports::keep_to(job.ports);
    let mut lab = Lab::new(job, op.map(str::to_owned), reporter.clone());
    let ended = match (check.run)(&mut lab).and_then(|()| lab.finish()) {
        Ok(()) => Ended::Pass,
        Err(halt) => *halt.0,
    };
    reporter.nth(None);
    reporter.send(&Record::Verdict { ended });
    // What is left of the provider stays as it is: the process ends, and its exit handlers run.
    let _ = ManuallyDrop::new(lab);
}
