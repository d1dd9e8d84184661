//! Runs one worker and gathers the evidence: the only place that knows about processes.

use std::{
    collections::BTreeMap,
    io::{BufReader, Write},
    net::Shutdown,
    os::unix::net::UnixStream,
    path::Path,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, WaitId, WaitIdOptions};

use crate::{
    crash,
    drained::Drained,
    evidence::Evidence,
    process::{self, Worker},
    protocol::{Bounds, Garbage, Job, Record, Records, Request},
    site,
    steps::{self, Steps},
    threads, wrap,
};

/// How long what a dead worker left in its pipes may take to arrive.
const LINGER: Duration = Duration::from_millis(300);
/// How long a worker may take to begin reading its job.
const START: Duration = Duration::from_secs(10);
/// How long a running thread may take to say where it is.
const ANSWER: Duration = Duration::from_millis(500);

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

enum Event {
    Record(Result<Record, Garbage>),
    /// A piece of what it wrote to standard error.
    Stderr(Vec<u8>),
    /// From now on it has this long without a sign of life.
    Hurry(Duration),
    ReportEnded,
    Exited,
    /// Too much came on this one.
    Flooded(&'static str),
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
    attend(job, env, limits, &mut Nobody)
}

/// Somebody who watches a worker while it works.
pub(crate) trait Attendant {
    /// Whether what the worker's provider writes to standard error is told as it comes.
    fn hears_stderr(&self) -> bool {
        false
    }

    /// The worker was started; what it is asked further goes through `control`.
    fn started(&mut self, control: Control) {
        drop(control);
    }

    /// The worker reports.
    fn saw(&mut self, record: &Record) {
        let _ = record;
    }

    /// The worker's provider wrote to standard error.
    fn heard(&mut self, piece: &[u8]) {
        let _ = piece;
    }
}

struct Nobody;

impl Attendant for Nobody {}

/// A worker's other ear: for whatever it is asked after its job.
#[derive(Debug, Clone)]
pub(crate) struct Control {
    to: Arc<Mutex<UnixStream>>,
    events: mpsc::SyncSender<Event>,
}

impl Control {
    /// Asks the worker; whether it is still there.
    pub(crate) fn ask(&self, request: &Request) -> bool {
        let Ok(mut line) = serde_json::to_vec(request) else {
            return false;
        };
        line.push(b'\n');
        self.to.lock().unwrap_or_else(PoisonError::into_inner).write_all(&line).is_ok()
    }

    /// From now on it is given up when it shows no sign of life for `patience`.
    pub(crate) fn hurry(&self, patience: Duration) {
        // Nobody may be listening any more.
        let _ = self.events.send(Event::Hurry(patience));
    }
}

/// Runs `job` in a worker that `attendant` watches.
///
/// # Errors
///
/// As for [`supervise`].
pub(crate) fn attend(
    job: &Job,
    env: &BTreeMap<String, String>,
    limits: Limits,
    attendant: &mut dyn Attendant,
) -> Result<Evidence, String> {
    let began = Instant::now();
    let request = serde_json::to_string(job).map_err(|error| error.to_string())?;
    let (mut worker, ends) = Worker::start(env, job.bare)
        .map_err(|error| format!("a process cannot be started: {error}"))?;
    let mut report = ends.report;
    let (send, events) = mpsc::sync_channel(64);
    let flooded = |name| {
        let send = send.clone();
        // Nobody may be listening any more.
        move || drop(send.send(Event::Flooded(name)))
    };
    let stdout = Drained::new(ends.stdout, flooded("standard output"), |_| {});
    let heard = attendant.hears_stderr().then(|| send.clone());
    let stderr = Drained::new(ends.stderr, flooded("standard error"), move |piece| {
        if let Some(heard) = &heard {
            let _ = heard.send(Event::Stderr(piece.to_vec()));
        }
    });
    let secret = process::secret();
    watch(&report, &worker, limits.bounds, &secret, &send).map_err(|error| error.to_string())?;
    // Fails when the worker died at once, which the rest finds out.
    let _ = report.set_write_timeout(Some(START));
    let _ = report.write_all(format!("{secret}\n{request}\n").as_bytes());
    let _ = report.set_write_timeout(None);
    let to = report.try_clone().map_err(|error| error.to_string())?;
    attendant.started(Control { to: Arc::new(Mutex::new(to)), events: send });

    let mut evidence = Evidence {
        steps: Steps::up_to(limits.steps),
        wrapper: wrap::command(env),
        ..Evidence::default()
    };
    follow(&mut evidence, &events, limits, began, attendant);
    if evidence.expired.is_some() {
        let running = threads::of(worker.id(), &mut evidence, &job.path);
        if let Some(thread) = running {
            ask(&mut evidence, &events, worker.id(), thread, &job.path);
        }
    } else if evidence.garbage.is_none() && evidence.flooded.is_none() {
        evidence.left = worker.kin().left();
    }
    drop(events);
    evidence.exit = worker.end();
    if evidence.expired.is_none() {
        evidence.crash = site::crash(&evidence, &job.path);
    }
    // Whoever still holds the other end is on his own now.
    let _ = report.shutdown(Shutdown::Both);
    (evidence.stdout, evidence.stderr) = (stdout.take(), stderr.take());
    evidence.duration = began.elapsed();
    Ok(evidence)
}

/// Tells of what the worker reports, and of its end.
fn watch(
    report: &UnixStream,
    worker: &Worker,
    bounds: Bounds,
    secret: &str,
    send: &mpsc::SyncSender<Event>,
) -> std::io::Result<()> {
    let reader = BufReader::new(report.try_clone()?);
    let lines = Records::new(reader, bounds, secret);
    let records = send.clone();
    thread::Builder::new().spawn(move || {
        for record in lines {
            if records.send(Event::Record(record)).is_err() {
                return;
            }
        }
        let _ = records.send(Event::ReportEnded);
    })?;
    let exit = send.clone();
    let pid: Option<Pid> = worker.pid();
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

/// Asks a thread that is running where it is: a signal that ends the process makes it say so, unless
/// the provider has a handler of its own.
fn ask(
    evidence: &mut Evidence,
    events: &mpsc::Receiver<Event>,
    process: u32,
    thread: threads::Running,
    library: &Path,
) {
    crash::interrupt(process, thread.number);
    let began = Instant::now();
    while let Ok(event) = events.recv_timeout(ANSWER.saturating_sub(began.elapsed())) {
        if let Event::Record(Ok(Record::Crashed(crashed))) = event {
            let place = site::asked(&crashed, &evidence.mapped, library);
            if let Some(state) = evidence.threads.get_mut(thread.index) {
                state.place = place;
            }
            return;
        }
    }
}

/// Takes in events until the worker ended, its time is over, or its report is none.
fn follow(
    evidence: &mut Evidence,
    events: &mpsc::Receiver<Event>,
    mut limits: Limits,
    began: Instant,
    attendant: &mut dyn Attendant,
) {
    let (mut exited, mut report_ended) = (false, false);
    while !(exited && report_ended) {
        let left = limits.cap.saturating_sub(began.elapsed());
        let limit = if exited { LINGER } else { limits.inactivity.min(left) };
        let event = if left.is_zero() && !exited {
            // What still comes would be taken in for as long as it comes.
            Err(mpsc::RecvTimeoutError::Timeout)
        } else {
            events.recv_timeout(limit)
        };
        match event {
            Ok(Event::Record(Ok(record))) => {
                if record == Record::Ready {
                    // It waits to be asked, for as long as that takes.
                    limits.inactivity = Duration::MAX;
                }
                attendant.saw(&record);
                evidence.take(record);
            }
            Ok(Event::Stderr(piece)) => attendant.heard(&piece),
            Ok(Event::Hurry(patience)) => limits.inactivity = patience,
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
            Ok(Event::Flooded(name)) => {
                evidence.flooded = Some(name);
                return;
            }
            Err(_) if exited => return,
            Err(_) => {
                evidence.busy = left < limits.inactivity;
                evidence.expired = Some(if evidence.busy { limits.cap } else { limits.inactivity });
                return;
            }
        }
    }
}
