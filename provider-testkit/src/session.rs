//! A provider in a process of its own: one operation, called once, or kept up for as many calls as are
//! asked for.

use std::{collections::BTreeMap, fmt, path::Path, time::Duration};

use provider_core::{
    Error,
    ops::{OP_BIND_ACTOR, OP_REMOVE_ACTOR, SYSTEM_ACTOR},
};
use provider_host::{LogLevel, OpRef};
use serde::{Deserialize, Serialize};

use crate::{
    CheckReport, LogLine, Problem, Unusable,
    classify::{Subject, classify},
    describe,
    lab::Lab,
    protocol::{Bounds, Ended, HexBytes, Job, Record, Task},
    scratch,
    subject::Answer,
    supervise::{Attendant, Limits, attend},
    worker::Reporter,
};

pub use crate::attended::{AttendOptions, Attended, Happening, keep_up};

/// What to call.
#[derive(Debug, Clone)]
pub struct CallOptions {
    /// The actor that calls; it is linked first, unless it is `system`.
    pub actor: String,
    /// The operation.
    pub op: String,
    /// Its payload.
    pub payload: Vec<u8>,
    /// The values that the actor is linked with.
    pub links: BTreeMap<String, String>,
    /// How long all of it may take.
    pub timeout: Duration,
    /// Up to which level the provider's records are told.
    pub log: LogLevel,
    /// Environment variables of the process that the provider is loaded into, added to our own.
    pub env: BTreeMap<String, String>,
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallReport {
    /// The reply.
    pub reply: Result<Vec<u8>, CallError>,
    /// What the provider sent to actors in the meantime; each got an empty answer.
    pub dispatched: Vec<Dispatched>,
    /// What the provider wrote to standard error.
    pub stderr: String,
}

/// The provider's error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallError {
    /// Which call failed: the operation's, or one that the testkit made before (`BindActor`, ...).
    pub during: String,
    /// Its kind, for example `bad request`.
    pub kind: String,
    /// What it says.
    pub message: String,
}

/// A message of the provider to an actor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispatched {
    /// The actor.
    pub actor: String,
    /// The operation.
    pub op: String,
    /// The payload.
    pub msg: Vec<u8>,
}

/// Why there is no [`CallReport`].
#[derive(Debug)]
#[non_exhaustive]
pub enum CallFailure {
    /// The file is no provider.
    Unusable(Unusable),
    /// The provider crashed, hung or ended the process: the report says where.
    Died(Box<CheckReport>),
}

impl fmt::Display for CallFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unusable(unusable) => unusable.fmt(f),
            Self::Died(report) => f.write_str(&report.summary),
        }
    }
}

impl std::error::Error for CallFailure {}

/// Links the actor, calls the operation, removes the link, stops the provider: in a process of its
/// own, so that a crash or a hang is a message.
///
/// # Errors
///
/// [`CallFailure`]. An error that the provider returns is a [`CallReport`].
pub fn call(path: impl AsRef<Path>, options: CallOptions) -> Result<CallReport, CallFailure> {
    call_heard(path, options, &mut |_| {})
}

/// [`call`]; `heard` gets the provider's records as they come.
///
/// # Errors
///
/// As for [`call`].
pub fn call_heard(
    path: impl AsRef<Path>,
    options: CallOptions,
    heard: &mut dyn FnMut(&LogLine),
) -> Result<CallReport, CallFailure> {
    let path = path.as_ref();
    let unusable = |problem| CallFailure::Unusable(Unusable { path: path.to_owned(), problem });
    let (path_found, _) = describe::look(path).map_err(CallFailure::Unusable)?;
    let subject = Subject::other(&format!("call {}", options.op), "one call");
    let task = Task::Call { actor: options.actor, op: options.op, payload: options.payload };
    let log = options.log.name().to_owned();
    let job = Job { links: options.links, log, ..Job::new(path_found, task) };
    let limits = Limits {
        inactivity: options.timeout,
        cap: options.timeout,
        bounds: Bounds::LARGE,
        ..Limits::check(1.0)
    };
    let (job, _scratch) = scratch::with_folder(job, "call")
        .map_err(|error| unusable(Problem::Testkit(error.to_string())))?;
    let mut evidence = attend(&job, &options.env, limits, &mut Hearing(heard))
        .map_err(|reason| unusable(Problem::Testkit(reason)))?;
    let called = evidence.called.take();
    let stderr = evidence.stderr.text();
    let report = classify(&subject, evidence);
    match called {
        // What was answered counts, also when the provider panicked in one call and said so.
        Some((reply, dispatched)) if report.signal.is_none() => {
            Ok(CallReport { reply, dispatched, stderr })
        }
        _ => Err(CallFailure::Died(Box::new(report))),
    }
}

struct Hearing<'a>(&'a mut dyn FnMut(&LogLine));

impl Attendant for Hearing<'_> {
    fn saw(&mut self, record: &Record) {
        if let Record::Log { line } = record {
            (self.0)(line);
        }
    }
}

/// The worker's part of [`call`].
pub(crate) fn run(job: Job, reporter: &Reporter, actor: &str, op: &str, payload: &[u8]) -> Record {
    let mut lab = Lab::new(job, None, reporter.clone());
    let reply = call_in(&mut lab, actor, op, payload).map(HexBytes);
    let dispatched = lab.recorder.messages();
    Record::Called { reply, dispatched }
}

fn call_in(lab: &mut Lab, actor: &str, op: &str, payload: &[u8]) -> Result<Vec<u8>, CallError> {
    let provider = lab.configured().map_err(|halt| before(*halt.0))?;
    let linked = actor != SYSTEM_ACTOR;
    if linked {
        let values = lab.values(actor);
        answered(OP_BIND_ACTOR, provider.bind(actor, &values))?;
    }
    let library = provider.library();
    let name = library.description().op(op).unwrap_or_else(|| OpRef::from(op));
    let reply = answered(op, provider.call(actor, name, payload));
    if linked && reply.is_ok() {
        answered(OP_REMOVE_ACTOR, provider.remove(actor))?;
    }
    if reply.is_ok() {
        provider.stop().map_err(|error| refused("stop", &error))?;
        lab.finish().map_err(|halt| before(*halt.0))?;
    }
    reply
}

pub(crate) fn answered(during: &str, answer: Answer) -> Result<Vec<u8>, CallError> {
    answer.reply.map(Vec::from).map_err(|error| refused(during, &error))
}

fn refused(during: &str, error: &Error) -> CallError {
    CallError {
        during: during.to_owned(),
        kind: error.kind().to_string(),
        message: error.message().to_owned(),
    }
}

/// What kept the provider from being called at all.
fn before(ended: Ended) -> CallError {
    let message = match ended {
        Ended::Fail(failure) => failure.summary,
        Ended::Skip { reason } => reason,
        Ended::Pass => String::new(),
    };
    CallError { during: String::from("create"), kind: String::from("failed"), message }
}
