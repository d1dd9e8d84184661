//! A provider that is kept up in a process of its own, asked from outside, until it is told to stop.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    os::unix::net::UnixStream,
    path::Path,
    time::Duration,
};

use provider_core::{
    Error, ErrorKind,
    ops::{OP_BIND_ACTOR, OP_REMOVE_ACTOR, SYSTEM_ACTOR},
};
use provider_host::{LogLevel, OpRef};

use crate::{
    CheckReport, LogLine, Problem, Unusable,
    classify::{Subject, classify},
    describe,
    lab::{Lab, Outcome},
    protocol::{Bounds, Ended, HexBytes, Job, Record, Request, Task},
    scratch,
    session::{self, CallError, CallFailure, Dispatched},
    subject::failed,
    supervise::{Attendant, Control, Limits, attend},
    worker::Reporter,
};

/// How a provider is kept up.
#[derive(Debug, Clone)]
pub struct AttendOptions {
    /// The actor that is linked, and that calls; `system` is not linked.
    pub actor: String,
    /// The values that it is linked with.
    pub links: BTreeMap<String, String>,
    /// What actors answer, by operation. The others answer with an error that says so.
    pub answers: BTreeMap<String, Vec<u8>>,
    /// Up to which level the provider's records are told.
    pub log: LogLevel,
    /// How long it may take to link the actor; and once the provider is told to stop, each call and
    /// the stop.
    pub patience: Duration,
    /// Environment variables of the process that the provider is loaded into, added to our own.
    pub env: BTreeMap<String, String>,
}

/// What happens while a provider is kept up.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Happening {
    /// The actor is linked: calls may be asked for.
    Ready(Attended),
    /// A call ended. Calls end in the order in which they were asked for.
    Replied(Result<Vec<u8>, CallError>),
    /// The provider called an actor, which answered as it was told to, or with an error.
    Dispatched {
        /// What it sent.
        message: Dispatched,
        /// Whether there was an answer for it.
        answered: bool,
    },
    /// The provider said something.
    Log(LogLine),
    /// The provider wrote to standard error.
    Stderr(Vec<u8>),
}

/// A provider that is kept up: asks it for calls, from any thread. A clone is another handle to it.
#[derive(Debug, Clone)]
pub struct Attended {
    control: Control,
    patience: Duration,
}

impl Attended {
    /// Asks for a call. It is made when those that were asked for before have ended. Whether the
    /// provider's process is still there.
    pub fn call(&self, op: impl Into<String>, payload: Vec<u8>) -> bool {
        self.control.ask(&Request::Call { op: op.into(), payload })
    }

    /// Tells the provider to stop when all calls that were asked for have ended.
    pub fn stop(&self) {
        self.control.ask(&Request::Stop);
        self.control.hurry(self.patience);
    }
}

/// Loads a provider in a process of its own, links the actor and keeps it up until [`Attended::stop`];
/// `happens` is told of everything. The report says how it ended: a pass when it was stopped cleanly.
///
/// # Errors
///
/// [`CallFailure::Unusable`].
pub fn keep_up(
    path: impl AsRef<Path>,
    options: AttendOptions,
    happens: &mut dyn FnMut(Happening),
) -> Result<CheckReport, CallFailure> {
    let path = path.as_ref();
    let unusable = |problem| CallFailure::Unusable(Unusable { path: path.to_owned(), problem });
    let (path_found, _) = describe::look(path).map_err(CallFailure::Unusable)?;
    let subject = Subject::other("run", "one provider");
    let answers = options.answers.into_iter().map(|(op, bytes)| (op, HexBytes(bytes))).collect();
    let task = Task::Attend { actor: options.actor, answers };
    let log = options.log.name().to_owned();
    let job = Job { links: options.links, log, ..Job::new(path_found, task) };
    let limits = Limits {
        inactivity: options.patience,
        cap: Duration::MAX,
        bounds: Bounds { lines: usize::MAX, bytes: u64::MAX, ..Bounds::LARGE },
        ..Limits::check(1.0)
    };
    let (job, _scratch) = scratch::with_folder(job, "run")
        .map_err(|error| unusable(Problem::Testkit(error.to_string())))?;
    let mut telling = Telling { happens, control: None, patience: options.patience };
    let evidence = attend(&job, &options.env, limits, &mut telling)
        .map_err(|reason| unusable(Problem::Testkit(reason)))?;
    Ok(classify(&subject, evidence))
}

struct Telling<'a> {
    happens: &'a mut dyn FnMut(Happening),
    control: Option<Control>,
    patience: Duration,
}

impl Attendant for Telling<'_> {
    fn hears_stderr(&self) -> bool {
        true
    }

    fn started(&mut self, control: Control) {
        self.control = Some(control);
    }

    fn saw(&mut self, record: &Record) {
        (self.happens)(match record {
            Record::Ready => match self.control.take() {
                Some(control) => Happening::Ready(Attended { control, patience: self.patience }),
                None => return,
            },
            Record::Called { reply, .. } => {
                Happening::Replied(reply.clone().map(|HexBytes(bytes)| bytes))
            }
            Record::Dispatched { message, answered } => {
                Happening::Dispatched { message: message.clone(), answered: *answered }
            }
            Record::Log { line } => Happening::Log(line.clone()),
            _ => return,
        });
    }

    fn heard(&mut self, piece: &[u8]) {
        (self.happens)(Happening::Stderr(piece.to_vec()));
    }
}

/// The worker's part of [`keep_up`].
pub(crate) fn run(
    job: Job,
    reporter: &Reporter,
    actor: &str,
    answers: BTreeMap<String, HexBytes>,
    requests: Option<UnixStream>,
) -> Ended {
    let mut lab = Lab::new(job, None, reporter.clone());
    match requests.map(BufReader::new) {
        Some(requests) => match run_in(&mut lab, actor, answers, requests) {
            Ok(()) => Ended::Pass,
            Err(halt) => *halt.0,
        },
        None => Ended::Skip { reason: String::from("nobody asks") },
    }
}

fn run_in(
    lab: &mut Lab,
    actor: &str,
    answers: BTreeMap<String, HexBytes>,
    requests: impl BufRead,
) -> Outcome {
    let reporter = lab.reporter.clone();
    let teller = reporter.clone();
    lab.recorder.answer(move |message| {
        let answer = answers.get(&message.op).map(|HexBytes(bytes)| bytes.clone());
        let record = Record::Dispatched { message: message.clone(), answered: answer.is_some() };
        teller.send(&record);
        answer.ok_or_else(|| {
            let message = format!("no answer is configured for `{}`", message.op);
            Error::new(ErrorKind::Unavailable, message)
        })
    });
    let provider = lab.configured()?;
    let linked = actor != SYSTEM_ACTOR;
    if linked {
        let values = lab.values(actor);
        provider.bind(actor, &values).empty(OP_BIND_ACTOR)?;
    }
    let library = provider.library();
    reporter.send(&Record::Ready);
    for line in requests.lines() {
        // Whoever asks is gone: this process ends with him.
        let Ok(line) = line else { break };
        match serde_json::from_str(&line) {
            Ok(Request::Call { op, payload }) => {
                let name = library.description().op(&op).unwrap_or_else(|| OpRef::from(&op));
                let reply = session::answered(&op, provider.call(actor, name, &payload));
                let reply = reply.map(HexBytes);
                reporter.send(&Record::Called { reply, dispatched: Vec::new() });
                lab.recorder.forget();
            }
            Ok(Request::Stop) | Err(_) => break,
        }
    }
    if linked {
        provider.remove(actor).empty(OP_REMOVE_ACTOR)?;
    }
    provider.stop().map_err(|error| failed("stop", &error, "Ok"))?;
    lab.finish()
}
