//! A check's hands: what it has to work with.

use std::{collections::HashMap, path::Path, thread, time::Duration};

use provider_core::ops::OP_BIND_ACTOR;
use provider_host::{Direction, Instance, Library, LogLevel};

use crate::{
    Sample,
    logged::Listener,
    ports::free_port,
    protocol::{Ended, Failure, Job, Task},
    recorder::Recorder,
    samples,
    subject::{Provider, Values, failed},
    worker::Reporter,
};

/// How a check ends: well, or not.
pub(crate) type Outcome<T = ()> = Result<T, Halt>;

/// The end of a check before its end: a rule is broken, or the check does not apply.
#[derive(Debug)]
pub(crate) struct Halt(pub(crate) Box<Ended>);

/// The stack on which malformed payloads are decoded: what a thread of a host usually has.
const SMALL_STACK: usize = 2 << 20;

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
pub(crate) fn actor(number: u32) -> String {
    let mut digits = String::new();
    let mut rest = number;
    while digits.is_empty() || rest > 0 {
        digits.extend(char::from_digit(rest % 26 + 10, 36));
        rest /= 26;
    }
    digits.make_ascii_uppercase();
    format!("MTESTKIT{digits:A<48}")
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

    /// How long is long, where `usual` is on a machine that is not slow.
    pub(crate) fn patience(&self, usual: Duration) -> Duration {
        usual.mul_f64(self.job.scale.max(1.0))
    }

    /// How many repetitions are made where `count` are thorough, at least one.
    pub(crate) fn times(&self, count: u32) -> u32 {
        let scaled = (f64::from(count) * self.job.effort).clamp(1.0, f64::from(u32::MAX));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is between one and the most that fits"
        )]
        let times = scaled as u32;
        times
    }

    /// Loads the library.
    pub(crate) fn load(&self) -> Outcome<Library> {
        self.load_from(&self.job.path)
    }

    /// Loads the library, or a copy of it, from `path`.
    pub(crate) fn load_from(&self, path: &Path) -> Outcome<Library> {
        let seq = self.reporter.step("dlopen", format!("\"{}\"", path.display()));
        match Library::open(path) {
            Ok(library) => {
                self.reporter.done(seq, "Ok");
                self.reporter.mapped(path);
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
                self.listen(&instance);
                let secret = self.job.links.keys().cloned().collect();
                let provider =
                    Provider::new(instance, &self.reporter, &self.recorder, secret, self.job.shown);
                self.providers.push(provider.clone());
                Ok(provider)
            }
            Err(error) => {
                self.reporter.done(seq, error.to_string());
                Err(Failure::new(error.to_string()).expected("a provider").into())
            }
        }
    }

    /// Tells what the provider says, as far as it is wanted.
    fn listen(&self, instance: &Instance) {
        let level = self.job.log.parse().unwrap_or(LogLevel::Off);
        let listener = match &self.job.task {
            Task::Check { .. } => Listener::of_check(&self.reporter),
            _ => Listener::new(&self.reporter),
        };
        instance.log_to(level, listener);
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
        let library = self.load()?;
        self.linked_from(&library)
    }

    /// The same from a library that is loaded.
    pub(crate) fn linked_from(&mut self, library: &Library) -> Outcome<(Provider, String)> {
        let provider = self.create(library)?;
        provider.configure().map_err(|error| failed("configure_dispatch", &error, "Ok"))?;
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

    /// Values for the same actor's link to another provider: with ports and files of its own.
    pub(crate) fn other_values(&mut self, actor: &str) -> Values {
        let mut values = self.values(&format!("{actor}, again"));
        let Some(folder) = &self.job.folder else {
            return values;
        };
        let other = folder.join("other");
        // A provider that cannot make its files there says so itself.
        let _ = std::fs::create_dir(&other);
        let (folder, other) = (folder.to_string_lossy(), other.to_string_lossy());
        for value in values.values_mut() {
            *value = value.replace(&*folder, &other);
        }
        values
    }

    /// The contract's examples of `op`, unless the package has a sample of its own.
    pub(crate) fn examples(&self, op: &str) -> Vec<Sample> {
        match &self.job.described {
            Some(described) if !self.job.samples.contains_key(op) => described.examples(op),
            _ => Vec::new(),
        }
    }

    /// A request of `op` that is safe to send, if there is one.
    pub(crate) fn sample(&self, contract: &str, op: &str) -> Option<Sample> {
        match self.job.samples.get(op) {
            Some(sample) => Some(sample.clone()),
            // Its keys are new each time, those of an example are not.
            None => samples::built_in(contract, op, self.job.seed)
                .or_else(|| self.examples(op).into_iter().next()),
        }
    }

    /// The operations that actors call, each with a request that is safe to send if there is one.
    pub(crate) fn requests(&self, provider: &Provider) -> Vec<(String, Option<Vec<u8>>)> {
        let library = provider.library();
        let description = library.description();
        let called = description.ops.iter().filter(|op| op.direction == Direction::ActorToProvider);
        called
            .map(|op| {
                let sample = self.sample(&description.contract, &op.name);
                (op.name.clone(), sample.and_then(|sample| sample.payload().ok()))
            })
            .collect()
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
