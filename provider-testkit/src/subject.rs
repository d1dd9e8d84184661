//! The provider under test, with every call told before it is made.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use provider_core::{
    Error, ErrorKind, HealthResponse, ReplyBuffer, ReplyBytes,
    abi::Status,
    codec,
    ops::{
        CapabilityConfiguration, HealthRequest, OP_BIND_ACTOR, OP_HEALTH_REQUEST, OP_REMOVE_ACTOR,
        SYSTEM_ACTOR,
    },
};
use provider_host::{CallFaults, Instance, Library, LogLevel, OpRef, PendingCall};

use crate::{
    heard::Ear,
    lab::{Halt, Outcome},
    payload::{self, shortened},
    protocol::Failure,
    recorder::Recorder,
    steps::SHOWN,
    worker::Reporter,
};

/// The values of a link.
pub(crate) type Values = BTreeMap<String, String>;

/// A provider under test. A clone is another handle to the same one.
#[derive(Debug, Clone)]
pub(crate) struct Provider {
    instance: Arc<RwLock<Option<Instance>>>,
    reporter: Reporter,
    recorder: Recorder,
    /// Keys of link values that are the author's, and nobody else's to read.
    secret: Arc<Vec<String>>,
    /// How much of a payload a call shows.
    shown: usize,
}

/// What came of a call.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) reply: Result<ReplyBytes, Error>,
    /// What the provider said when it refused, as it came.
    pub(crate) text: Vec<u8>,
}

impl Provider {
    pub(crate) fn new(
        instance: Instance,
        reporter: &Reporter,
        recorder: &Recorder,
        secret: Vec<String>,
        shown: usize,
    ) -> Self {
        Self {
            instance: Arc::new(RwLock::new(Some(instance))),
            reporter: reporter.clone(),
            recorder: recorder.clone(),
            secret: Arc::new(secret),
            shown,
        }
    }

    fn with<T>(&self, act: impl FnOnce(&Instance) -> T) -> T {
        let instance = self.instance.read().unwrap_or_else(PoisonError::into_inner);
        match &*instance {
            Some(instance) => act(instance),
            None => unreachable!("a check calls a provider that it destroyed"),
        }
    }

    pub(crate) fn library(&self) -> Library {
        self.with(|instance| instance.library().clone())
    }

    pub(crate) fn addresses(&self) -> provider_host::Addresses {
        self.with(Instance::addresses)
    }

    /// From now on `ear` hears what it says, up to `level`.
    pub(crate) fn heard_by(&self, level: LogLevel, ear: Ear) {
        self.tell_level(level, |instance| instance.log_to(level, ear));
    }

    /// How far it is heard from now on.
    pub(crate) fn set_log_level(&self, level: LogLevel) {
        self.tell_level(level, |instance| instance.set_log_level(level));
    }

    fn tell_level(&self, level: LogLevel, act: impl FnOnce(&Instance)) {
        let seq = self.reporter.step("level_changed", format!("{level}"));
        self.with(act);
        self.reporter.done(seq, "returned");
    }

    pub(crate) fn configure(&self) -> Result<(), Error> {
        let seq = self.reporter.step("configure_dispatch", String::new());
        let outcome = self.with(|instance| instance.configure_dispatch(self.recorder.clone()));
        self.recorder.configured();
        self.told(seq, "configure_dispatch", &outcome);
        outcome
    }

    pub(crate) fn call<'op>(&self, actor: &str, op: impl Into<OpRef<'op>>, msg: &[u8]) -> Answer {
        self.call_shown(actor, op, msg, &payload::render(msg, self.shown))
    }

    /// Calls without telling: for many calls of a kind, which one step stands for. Returns the number
    /// that the provider returned.
    pub(crate) fn call_untold<'op>(
        &self,
        actor: &str,
        op: impl Into<OpRef<'op>>,
        msg: &[u8],
        reply: &mut ReplyBuffer,
    ) -> Status {
        self.with(|instance| instance.call_status(actor, op, msg, reply))
    }

    fn call_shown<'op>(
        &self,
        actor: &str,
        op: impl Into<OpRef<'op>>,
        msg: &[u8],
        shown: &str,
    ) -> Answer {
        let op = op.into();
        let args = format!("{}, {}, {shown}", quoted(actor), quoted(op.name()));
        let seq = self.reporter.step("handle_call", args);
        let answer = self.call_quietly(actor, op, msg);
        self.reporter.done(seq, answer.shown_in(self.shown));
        answer
    }

    /// A call that nobody is told of unless it panics: one of very many.
    pub(crate) fn call_quietly<'op>(
        &self,
        actor: &str,
        op: impl Into<OpRef<'op>>,
        msg: &[u8],
    ) -> Answer {
        let op = op.into();
        let mut buffer = ReplyBuffer::new();
        let status = self.with(|instance| instance.call_status(actor, op, msg, &mut buffer));
        let text = buffer.error_text().to_vec();
        let reply = buffer.outcome(status).map(|()| buffer.take());
        let answer = Answer { reply, text };
        self.tell_panic(op.name(), answer.kind(), || answer.shown());
        answer
    }

    pub(crate) fn bind(&self, actor: &str, values: &Values) -> Answer {
        self.recorder.linked(actor);
        self.configure_link(OP_BIND_ACTOR, actor, values)
    }

    pub(crate) fn remove(&self, actor: &str) -> Answer {
        let answer = self.configure_link(OP_REMOVE_ACTOR, actor, &Values::new());
        self.recorder.unlinked(actor);
        answer
    }

    /// Says that whoever calls it quietly is still there.
    pub(crate) fn pulse(&self) {
        self.reporter.pulse();
    }

    /// [`bind`](Self::bind), one of very many.
    pub(crate) fn bind_quietly(&self, actor: &str, values: &Values) -> Answer {
        self.recorder.linked(actor);
        self.call_quietly(SYSTEM_ACTOR, OP_BIND_ACTOR, &configuration(actor, values))
    }

    /// [`remove`](Self::remove), one of very many.
    pub(crate) fn remove_quietly(&self, actor: &str) -> Answer {
        let msg = configuration(actor, &Values::new());
        let answer = self.call_quietly(SYSTEM_ACTOR, OP_REMOVE_ACTOR, &msg);
        self.recorder.unlinked(actor);
        answer
    }

    fn configure_link(&self, op: &str, actor: &str, values: &Values) -> Answer {
        let shown: BTreeMap<&String, &str> = values
            .iter()
            .map(|(key, value)| (key, if self.secret.contains(key) { "***" } else { value }))
            .collect();
        let shown = serde_json::json!({"module": short_actor(actor), "values": shown}).to_string();
        let msg = configuration(actor, values);
        self.call_shown(SYSTEM_ACTOR, op, &msg, &shortened(&shown, self.shown))
    }

    pub(crate) fn health(&self) -> Answer {
        self.call(SYSTEM_ACTOR, OP_HEALTH_REQUEST, &health_request())
    }

    /// Asks how it is, as a sign of life.
    pub(crate) fn alive(&self, after: &str) -> Outcome {
        let answer = self.health();
        let health = answer.reply.as_deref().map(codec::decode::<HealthResponse>);
        match health {
            Ok(Ok(health)) if health.healthy => Ok(()),
            _ => Err(Failure::new(format!("it is not healthy any more after {after}"))
                .expected("healthy")
                .got(answer.shown())
                .into()),
        }
    }

    /// Whether it has asynchronous calls.
    pub(crate) fn has_async_calls(&self) -> Result<bool, Error> {
        self.with(Instance::has_async_calls)
    }

    /// Starts a call and does not wait for it.
    pub(crate) fn start(&self, actor: &str, op: &str, msg: &[u8]) -> PendingCall {
        let shown = payload::render(msg, self.shown);
        let seq =
            self.reporter.step("start", format!("{}, {}, {shown}", quoted(actor), quoted(op)));
        let call = self.start_quietly(actor, op, msg);
        self.reporter.done(seq, if call.is_ready() { "completed" } else { "in flight" });
        call
    }

    /// [`start`](Self::start), one of very many.
    pub(crate) fn start_quietly(&self, actor: &str, op: &str, msg: &[u8]) -> PendingCall {
        self.with(|instance| {
            let name = instance.library().description().op(op).unwrap_or_else(|| OpRef::from(op));
            instance.start(actor, name, msg)
        })
    }

    /// The answer of a call of `op` that was started, nothing if it is not there by then.
    pub(crate) fn awaited(
        &self,
        op: &str,
        call: &mut PendingCall,
        limit: Duration,
    ) -> Option<Answer> {
        const MOMENT: Duration = Duration::from_millis(100);
        let began = Instant::now();
        let reply = loop {
            if let Some(reply) = call.wait_for(MOMENT) {
                break reply;
            }
            if began.elapsed() > limit {
                return None;
            }
            // It is the call that takes its time, and not the provider that does not return.
            self.pulse();
        };
        let answer = Answer { reply, text: Vec::new() };
        self.tell_panic(op, answer.kind(), || answer.shown());
        Some(answer)
    }

    /// Asks for the end of call `number`, whatever has that number.
    pub(crate) fn cancel(&self, number: u64) {
        self.with(|instance| instance.cancel(number));
    }

    pub(crate) fn call_faults(&self) -> CallFaults {
        self.with(Instance::call_faults)
    }

    /// Stops it, and answers at once what is in flight then. Returns how much that is.
    pub(crate) fn stop_at_once(&self) -> Result<u64, Error> {
        let seq = self.reporter.step("stop", String::new());
        let outcome = self.with(|instance| instance.stop_within(Duration::ZERO));
        let left = self.call_faults().left_open;
        if left > 0 {
            self.reporter.done(seq, format!("{left} calls in flight"));
            return Ok(left);
        }
        self.told(seq, "stop", &outcome);
        outcome.map(|()| 0)
    }

    pub(crate) fn stop(&self) -> Result<(), Error> {
        let seq = self.reporter.step("stop", String::new());
        let outcome = self.with(Instance::stop);
        self.told(seq, "stop", &outcome);
        outcome
    }

    /// Frees the provider. One that is gone already stays gone.
    pub(crate) fn destroy(&self) -> Outcome {
        let instance = self.instance.write().unwrap_or_else(PoisonError::into_inner).take();
        let Some(instance) = instance else {
            return Ok(());
        };
        let seq = self.reporter.step("destroy", String::new());
        let outcome = instance.destroy();
        self.told(seq, "destroy", &outcome);
        outcome.map_err(|error| failed("destroy", &error, "Ok"))
    }

    fn told(&self, seq: u32, call: &str, outcome: &Result<(), Error>) {
        match outcome {
            Ok(()) => self.reporter.done(seq, "Ok"),
            Err(error) => {
                self.reporter.done(seq, shown_error(error));
                self.tell_panic(call, Some(error.kind()), || shown_error(error));
            }
        }
    }

    fn tell_panic(&self, call: &str, kind: Option<ErrorKind>, shown: impl FnOnce() -> String) {
        if kind == Some(ErrorKind::Panic) {
            let text = format!("`{call}` ended with {}", shown());
            self.reporter.finding(true, text);
        }
    }
}

impl Answer {
    /// The kind of the error, if it is one.
    pub(crate) fn kind(&self) -> Option<ErrorKind> {
        self.reply.as_ref().err().map(Error::kind)
    }

    /// For people.
    pub(crate) fn shown(&self) -> String {
        self.shown_in(SHOWN)
    }

    fn shown_in(&self, limit: usize) -> String {
        match &self.reply {
            Ok(reply) if reply.is_empty() => String::from("Ok(no bytes)"),
            Ok(reply) => format!("Ok({})", payload::render(reply, limit)),
            Err(error) => shown_error(error),
        }
    }

    /// It must be `Ok` without bytes.
    pub(crate) fn empty(&self, op: &str) -> Outcome {
        let failure = match &self.reply {
            Ok(reply) if reply.is_empty() => return Ok(()),
            Ok(reply) => {
                let failure = Failure::new(format!("`{op}` answered bytes where none are allowed"));
                if **reply == [0xc0] {
                    failure.likely("the reply is a serialised `()`: answer no bytes instead")
                } else {
                    failure
                }
            }
            Err(error) if is_unknown(error) => Failure::new(format!(
                "the provider does not handle `{op}` at all: {}",
                error.message()
            ))
            .likely(format!("`handle_call` has no arm for `{op}`, which every provider answers")),
            Err(error) => Failure::new(format!("`{op}` failed: {}", error.message())),
        };
        Err(failure.expected("Ok, without bytes").got(self.shown()).into())
    }

    /// It must be an error.
    pub(crate) fn refused(&self, what: &str) -> Outcome {
        match &self.reply {
            Err(error) if error.kind() == ErrorKind::Panic => Err(Failure {
                panic: true,
                ..Failure::new(format!("it panicked for {what}"))
                    .expected("an error that says what is wrong")
                    .got(self.shown())
            }
            .into()),
            Err(_) => Ok(()),
            Ok(_) => Err(Failure::new(format!("{what} was answered with Ok"))
                .expected("an error")
                .got(self.shown())
                .into()),
        }
    }
}

/// What `HealthRequest` carries.
pub(crate) fn health_request() -> Vec<u8> {
    // One field and nothing else: it can always be encoded.
    codec::encode(&HealthRequest::default()).unwrap_or_default()
}

/// What `BindActor` and `RemoveActor` carry.
pub(crate) fn configuration(actor: &str, values: &Values) -> Vec<u8> {
    let values = values.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    let module = actor.to_owned();
    // Strings can always be encoded.
    codec::encode(&CapabilityConfiguration { module, values }).unwrap_or_default()
}

/// Whether an error says that there is no such operation: by its kind, or in the words of a provider
/// that knows no kinds.
pub(crate) fn is_unknown(error: &Error) -> bool {
    const WORDS: [&str; 4] =
        ["unknown operation", "unsupported operation", "no such operation", "bad dispatch"];
    let says = error.message().to_lowercase();
    match error.kind() {
        ErrorKind::UnknownOperation => true,
        ErrorKind::Failed => WORDS.iter().any(|words| says.contains(words)),
        _ => false,
    }
}

pub(crate) fn failed(call: &str, error: &Error, expected: &str) -> Halt {
    Failure::new(format!("`{call}` failed: {}", error.message()))
        .expected(expected)
        .got(shown_error(error))
        .into()
}

fn shown_error(error: &Error) -> String {
    format!("Err({}: {:?})", error.kind(), shortened(error.message(), SHOWN))
}

/// A key of ours is known by its first letters; the rest is filled up.
pub(crate) fn short_actor(actor: &str) -> String {
    if actor.len() == 56 && actor.starts_with("MTESTKIT") {
        format!("{}…", &actor[..actor.trim_end_matches('A').len().max(9)])
    } else {
        shortened(actor, 80)
    }
}

fn quoted(name: &str) -> String {
    format!("{:?}", short_actor(name))
}
