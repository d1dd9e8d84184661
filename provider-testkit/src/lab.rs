//! A check's hands: the provider under test, with every call told before it is made.

use std::{
    collections::{BTreeMap, HashMap},
    net::TcpListener,
    sync::{Arc, PoisonError, RwLock},
    thread,
};

use provider_core::{
    Error, ErrorKind, HealthResponse, ReplyBuffer, ReplyBytes, codec,
    ops::{
        CapabilityConfiguration, HealthRequest, OP_BIND_ACTOR, OP_HEALTH_REQUEST, OP_REMOVE_ACTOR,
        SYSTEM_ACTOR,
    },
};
use provider_host::{Instance, Library, OpRef};

use crate::{
    Sample,
    payload::{self, shortened},
    protocol::{Ended, Failure, Job},
    recorder::Recorder,
    samples,
    worker::Reporter,
};

/// How a check ends: well, or not.
pub(crate) type Outcome<T = ()> = Result<T, Halt>;

/// The end of a check before its end: a rule is broken, or the check does not apply.
#[derive(Debug)]
pub(crate) struct Halt(pub(crate) Box<Ended>);

/// The stack on which malformed payloads are decoded: what a thread of a host usually has.
const SMALL_STACK: usize = 2 << 20;
/// How much of a payload a step shows.
const SHOWN: usize = 300;

impl From<Failure> for Halt {
    fn from(failure: Failure) -> Self {
        Self(Box::new(Ended::Fail(failure)))
    }
}

impl Failure {
    pub(crate) fn new(summary: impl Into<String>) -> Self {
        Self { summary: summary.into(), ..Self::default() }
    }

    pub(crate) fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    pub(crate) fn got(mut self, got: impl Into<String>) -> Self {
        self.got = Some(got.into());
        self
    }

    pub(crate) fn likely(mut self, likely: impl Into<String>) -> Self {
        self.likely = Some(likely.into());
        self
    }
}

/// The check does not apply.
pub(crate) fn skip(reason: impl Into<String>) -> Halt {
    Halt(Box::new(Ended::Skip { reason: reason.into() }))
}

/// The public key of the testkit's actor `number`.
pub(crate) fn actor(number: u8) -> String {
    let letter = char::from(b'A' + number % 26);
    format!("MTESTKIT{letter}{}", "A".repeat(47))
}

/// What one check has to work with.
#[derive(Debug)]
pub(crate) struct Lab {
    pub(crate) job: Job,
    op: Option<String>,
    pub(crate) reporter: Reporter,
    pub(crate) recorder: Recorder,
    providers: Vec<Provider>,
    ports: HashMap<String, u16>,
}

impl Lab {
    pub(crate) fn new(job: Job, op: Option<String>, reporter: Reporter) -> Self {
        Self {
            job,
            op,
            recorder: Recorder::new(reporter.clone()),
            reporter,
            providers: Vec::new(),
            ports: HashMap::new(),
        }
    }

    /// The operation that one of a family is about.
    pub(crate) fn op(&self) -> &str {
        self.op.as_deref().unwrap_or_default()
    }

    /// Loads the library.
    pub(crate) fn load(&self) -> Outcome<Library> {
        let seq = self.reporter.step("dlopen", format!("\"{}\"", self.job.path.display()));
        match Library::open(&self.job.path) {
            Ok(library) => {
                self.reporter.done(seq, "Ok");
                Ok(library)
            }
            Err(error) => {
                self.reporter.done(seq, error.to_string());
                Err(Failure::new(error.to_string()).into())
            }
        }
    }

    /// Makes a provider.
    pub(crate) fn create(&mut self, library: &Library) -> Outcome<Provider> {
        let seq = self.reporter.step("create", String::new());
        match library.create_instance() {
            Ok(instance) => {
                self.reporter.done(seq, "a provider");
                let provider = Provider {
                    instance: Arc::new(RwLock::new(Some(instance))),
                    reporter: self.reporter.clone(),
                    recorder: self.recorder.clone(),
                    secret: Arc::new(self.job.links.keys().cloned().collect()),
                };
                self.providers.push(provider.clone());
                Ok(provider)
            }
            Err(error) => {
                self.reporter.done(seq, error.to_string());
                Err(Failure::new(error.to_string()).expected("a provider").into())
            }
        }
    }

    /// Loads the library and makes a provider.
    pub(crate) fn created(&mut self) -> Outcome<Provider> {
        let library = self.load()?;
        self.create(&library)
    }

    /// A provider with a way to its actors.
    pub(crate) fn configured(&mut self) -> Outcome<Provider> {
        let provider = self.created()?;
        provider.configure().map_err(|error| failed("configure_dispatch", &error, "Ok"))?;
        Ok(provider)
    }

    /// A provider with its first actor linked.
    pub(crate) fn linked(&mut self) -> Outcome<(Provider, String)> {
        let provider = self.configured()?;
        let actor = actor(0);
        let values = self.values(&actor);
        provider.bind(&actor, &values).empty(OP_BIND_ACTOR)?;
        Ok((provider, actor))
    }

    /// What `actor` is linked with.
    pub(crate) fn values(&mut self, actor: &str) -> Values {
        let mut values = self.job.links.clone();
        for value in values.values_mut() {
            if value.contains("{port}") {
                let port = *self.ports.entry(actor.to_owned()).or_insert_with(free_port);
                *value = value.replace("{port}", &port.to_string());
            }
        }
        values
    }

    /// A request of `op` that is safe to send, if there is one.
    pub(crate) fn sample(&self, contract: &str, op: &str) -> Option<Sample> {
        match self.job.samples.get(op) {
            Some(sample) => Some(sample.clone()),
            None => samples::built_in(contract, op, self.job.seed),
        }
    }

    /// Runs `act` with the stack that a host's thread usually has.
    pub(crate) fn on_small_stack<T: Send>(
        &mut self,
        act: impl FnOnce(&mut Self) -> Outcome<T> + Send,
    ) -> Outcome<T> {
        thread::scope(|scope| {
            let thread = thread::Builder::new()
                .name("small-stack".into())
                .stack_size(SMALL_STACK)
                .spawn_scoped(scope, || act(self));
            match thread.map(thread::ScopedJoinHandle::join) {
                Ok(Ok(outcome)) => outcome,
                // Our own panic goes on.
                Ok(Err(panic)) => std::panic::resume_unwind(panic),
                Err(error) => Err(skip(format!("no thread can be started: {error}"))),
            }
        })
    }

    /// Leaves what is left of the provider as it is.
    pub(crate) fn abandon(&mut self) {
        for provider in std::mem::take(&mut self.providers) {
            // The worker is about to end: nothing is freed on purpose.
            let _ = std::mem::ManuallyDrop::new(provider);
        }
    }

    /// The check went well: ends what is left of the provider.
    pub(crate) fn finish(&mut self) -> Outcome {
        self.reporter.nth(None);
        for provider in std::mem::take(&mut self.providers) {
            provider.destroy()?;
        }
        Ok(())
    }
}

/// A port that nobody listens on at present.
fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .map_or(0, |address| address.port())
}

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
}

/// What came of a call.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) reply: Result<ReplyBytes, Error>,
    /// What the provider said when it refused, as it came.
    pub(crate) text: Vec<u8>,
}

impl Provider {
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

    pub(crate) fn configure(&self) -> Result<(), Error> {
        let seq = self.reporter.step("configure_dispatch", String::new());
        let outcome = self.with(|instance| instance.configure_dispatch(self.recorder.clone()));
        self.recorder.configured();
        self.told(seq, "configure_dispatch", &outcome);
        outcome
    }

    pub(crate) fn call<'op>(&self, actor: &str, op: impl Into<OpRef<'op>>, msg: &[u8]) -> Answer {
        self.call_shown(actor, op, msg, &payload::render(msg, SHOWN))
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
        let mut buffer = ReplyBuffer::new();
        let status = self.with(|instance| instance.call_status(actor, op, msg, &mut buffer));
        let text = buffer.error_text().to_vec();
        let reply = buffer.outcome(status).map(|()| buffer.take());
        let answer = Answer { reply, text };
        self.reporter.done(seq, answer.shown());
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

    fn configure_link(&self, op: &str, actor: &str, values: &Values) -> Answer {
        let shown: BTreeMap<&String, &str> = values
            .iter()
            .map(|(key, value)| (key, if self.secret.contains(key) { "***" } else { value }))
            .collect();
        let shown = serde_json::json!({"module": short_actor(actor), "values": shown}).to_string();
        let msg = configuration(actor, values);
        self.call_shown(SYSTEM_ACTOR, op, &msg, &shortened(&shown, SHOWN))
    }

    pub(crate) fn health(&self) -> Answer {
        // Two fields and nothing else: it can always be encoded.
        let msg = codec::encode(&HealthRequest::default()).unwrap_or_default();
        self.call(SYSTEM_ACTOR, OP_HEALTH_REQUEST, &msg)
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
        match &self.reply {
            Ok(reply) if reply.is_empty() => String::from("Ok(no bytes)"),
            Ok(reply) => format!("Ok({})", payload::render(reply, SHOWN)),
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

/// What `BindActor` and `RemoveActor` carry.
pub(crate) fn configuration(actor: &str, values: &Values) -> Vec<u8> {
    let values = values.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    let module = actor.to_owned();
    // Strings can always be encoded.
    codec::encode(&CapabilityConfiguration { module, values }).unwrap_or_default()
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

/// A key of ours is known by its first letters.
fn short_actor(actor: &str) -> String {
    if actor.len() == 56 && actor.starts_with("MTESTKIT") {
        format!("{}…", &actor[..9])
    } else {
        shortened(actor, 80)
    }
}

fn quoted(name: &str) -> String {
    format!("{:?}", short_actor(name))
}

/// Runs `act` for each of `items`, telling which of how many it is.
pub(crate) fn each<T>(
    reporter: &Reporter,
    items: impl IntoIterator<Item = T, IntoIter: ExactSizeIterator>,
    mut act: impl FnMut(usize, T) -> Outcome,
) -> Outcome {
    let items = items.into_iter();
    let total = u32::try_from(items.len()).unwrap_or(u32::MAX);
    for (index, item) in items.enumerate() {
        let nth = u32::try_from(index + 1).unwrap_or(u32::MAX);
        reporter.nth(Some((nth, total)));
        act(index, item)?;
    }
    reporter.nth(None);
    Ok(())
}
