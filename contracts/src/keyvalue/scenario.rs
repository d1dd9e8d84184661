//! What pins the meaning: steps with the replies that they must get, to hold any implementation to.
//!
//! [`pinned`] is the list; [`Scenario::run`] plays one against a provider, in this process or behind
//! a host. Each wants a provider that holds nothing yet, or a [`Subject`] that is
//! [`foreign`](Subject::foreign).
//!
//! ```no_run
//! use provider_contracts::keyvalue::scenario::{self, Subject};
//! # fn fresh_provider() -> provider_core::NullDispatcher { provider_core::NullDispatcher }
//!
//! for scenario in scenario::pinned() {
//!     let provider = fresh_provider();
//!     let mut wait = |seconds| std::thread::sleep(std::time::Duration::from_secs(seconds));
//!     scenario.run(&mut Subject::new(&provider, &mut wait)).unwrap();
//! }
//! ```

mod names;
mod pinned;
mod request;
mod rules;

use std::{
    collections::{BTreeSet, HashMap},
    error::Error as StdError,
    fmt, thread,
    time::{Duration, Instant},
};

use provider_core::{
    Dispatcher, Error, ErrorKind, codec,
    ops::{CapabilityConfiguration, OP_BIND_ACTOR, OP_REMOVE_ACTOR, SYSTEM_ACTOR},
};

pub use self::pinned::pinned;
use self::{
    names::{ALICE, Names},
    request::{Reply, Request},
    rules::Rule,
};

/// How long to wait before a call that came too early is made again.
const MOMENT: Duration = Duration::from_millis(50);

/// A rule, and steps that are taken in order.
#[derive(Debug, Clone)]
pub struct Scenario {
    rule: Rule,
    steps: Vec<Step>,
    /// Who calls in the steps that are added now.
    caller: &'static str,
}

#[derive(Debug, Clone)]
enum Step {
    Link { actor: &'static str, namespace: Option<&'static str> },
    Unlink(&'static str),
    Call { actor: &'static str, request: Request, expected: Expected },
    Pass(u64),
}

#[derive(Debug, Clone)]
enum Expected {
    Reply(Reply),
    Refusal { kind: ErrorKind, saying: &'static str },
}

/// What scenarios are played against.
pub struct Subject<'a> {
    provider: &'a dyn Dispatcher,
    pass: &'a mut dyn FnMut(u64),
    link_values: HashMap<String, String>,
    names: Names,
    /// Whether replies count byte for byte and refusals by kind and words.
    exact: bool,
    patience: Duration,
}

impl<'a> Subject<'a> {
    /// The provider that `provider` leads to, and what lets so many seconds pass for it: the hand of
    /// a clock, or a sleep.
    #[must_use]
    pub fn new(provider: &'a dyn Dispatcher, pass: &'a mut dyn FnMut(u64)) -> Self {
        Self {
            provider,
            pass,
            link_values: HashMap::new(),
            names: Names::default(),
            exact: true,
            patience: Duration::ZERO,
        }
    }

    /// Gives every link this value, which the provider needs.
    #[must_use]
    pub fn link_value(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.link_values.insert(key.into(), value.into());
        self
    }

    /// It has words of its own and a store that others may use too.
    ///
    /// Actors, keys and namespaces carry `tag`, which is best made of capital letters: with a new one
    /// they are new. A reply counts as what an actor reads in it, and any refusal as a refusal that is
    /// neither a panic nor an operation that is not known.
    #[must_use]
    pub fn foreign(mut self, tag: impl Into<String>) -> Self {
        self.names = Names::tagged(tag);
        self.exact = false;
        self
    }

    /// How much later than pinned a key may expire.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    fn standard(
        &self,
        op: &str,
        actor: &str,
        namespace: Option<&'static str>,
    ) -> Result<Vec<u8>, Error> {
        let mut values = self.link_values.clone();
        if let Some(namespace) = namespace {
            values.insert("NAMESPACE".into(), self.names.namespace(namespace).into_owned());
        }
        let module = self.names.actor(actor).into_owned();
        let payload = codec::encode(&CapabilityConfiguration { module, values })?;
        self.call(SYSTEM_ACTOR, op, &payload)
    }

    fn call(&self, actor: &str, op: &str, payload: &[u8]) -> Result<Vec<u8>, Error> {
        self.provider.dispatch(actor, op, payload).map_err(Error::from_boxed)
    }

    /// Takes a step: what was expected and what came, unless that is the same.
    fn take(&mut self, step: &Step, after_pass: bool) -> Result<(), Difference> {
        let (expected, got, same) = match step {
            Step::Pass(seconds) => {
                (self.pass)(*seconds);
                return Ok(());
            }
            Step::Link { actor, namespace } => {
                let got = self.standard(OP_BIND_ACTOR, actor, *namespace);
                let same = got.as_ref().is_ok_and(Vec::is_empty);
                (Pinned::Nothing, got, same)
            }
            Step::Unlink(actor) => {
                let got = self.standard(OP_REMOVE_ACTOR, actor, None);
                let same = got.as_ref().is_ok_and(Vec::is_empty);
                (Pinned::Nothing, got, same)
            }
            Step::Call { actor, request, expected } => {
                let (actor, payload) = (self.names.actor(actor), request.payload(&self.names));
                let mut got = self.call(&actor, request.op, &payload);
                let mut same = expected.is(&got, self);
                if !same && after_pass && request.only_reads() {
                    (got, same) = self.again(&actor, request.op, &payload, expected, got);
                }
                (expected.pinned(&self.names), got, same)
            }
        };
        if same {
            return Ok(());
        }
        let shown = shown(step, &expected, &got);
        Err(Difference { expected, got, shown })
    }

    /// Makes a call again until what it waits for has come, or patience ends.
    fn again(
        &self,
        actor: &str,
        op: &str,
        payload: &[u8],
        expected: &Expected,
        mut got: Result<Vec<u8>, Error>,
    ) -> (Result<Vec<u8>, Error>, bool) {
        let began = Instant::now();
        while began.elapsed() < self.patience {
            thread::sleep(MOMENT);
            got = self.call(actor, op, payload);
            if expected.is(&got, self) {
                // What counts whole seconds only may need one more for the keys that came after.
                thread::sleep(Duration::from_secs(1));
                return (got, true);
            }
        }
        (got, false)
    }
}

impl fmt::Debug for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject").finish_non_exhaustive()
    }
}

/// What a step must lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pinned {
    /// A reply without bytes.
    Nothing,
    /// This reply.
    Reply(Vec<u8>),
    /// An error.
    Refusal,
}

struct Difference {
    expected: Pinned,
    got: Result<Vec<u8>, Error>,
    shown: String,
}

impl Expected {
    fn is(&self, outcome: &Result<Vec<u8>, Error>, subject: &Subject<'_>) -> bool {
        match (self, outcome) {
            (Self::Reply(reply), Ok(payload)) if subject.exact => {
                reply.payload(&subject.names) == *payload
            }
            (Self::Reply(reply), Ok(payload)) => {
                (reply.same)(&reply.payload(&subject.names), payload)
            }
            (Self::Refusal { kind, saying }, Err(error)) if subject.exact => {
                error.kind() == *kind && error.message().contains(saying)
            }
            (Self::Refusal { .. }, Err(error)) => {
                !matches!(error.kind(), ErrorKind::Panic | ErrorKind::UnknownOperation)
            }
            _ => false,
        }
    }

    fn pinned(&self, names: &Names) -> Pinned {
        match self {
            Self::Reply(reply) => Pinned::Reply(reply.payload(names)),
            Self::Refusal { .. } => Pinned::Refusal,
        }
    }
}

/// What was expected of a step and what came, for people.
fn shown(step: &Step, pinned: &Pinned, got: &Result<Vec<u8>, Error>) -> String {
    let expected = match step {
        Step::Call { expected, .. } => Some(expected),
        _ => None,
    };
    let found = match (expected, got) {
        (_, Err(error)) => format!("{}: {error}", error.kind()),
        (Some(Expected::Reply(reply)), Ok(payload)) => (reply.read)(payload),
        (Some(_), Ok(payload)) => format!("a reply: {payload:02x?}"),
        (None, Ok(payload)) => format!("{payload:02x?}"),
    };
    match (expected, pinned) {
        (Some(Expected::Reply(reply)), Pinned::Reply(payload)) => {
            format!("expected {}, got {found}", (reply.read)(payload))
        }
        (Some(Expected::Refusal { kind, saying }), _) => {
            format!("expected an error ({kind}) that says \"{saying}\", got {found}")
        }
        _ => format!("expected no bytes, got {found}"),
    }
}

impl Step {
    fn shown(&self, names: &Names) -> String {
        match self {
            Self::Link { actor, namespace } => {
                let namespace = namespace.map(|name| names.namespace(name));
                format!("link {}, namespace {namespace:?}", names.actor(actor))
            }
            Self::Unlink(actor) => format!("unlink {}", names.actor(actor)),
            Self::Call { actor, request, .. } => {
                format!("{} calls {}", names.actor(actor), request.shown(names))
            }
            Self::Pass(seconds) => format!("{seconds} seconds pass"),
        }
    }
}

/// A step that did not go as pinned.
#[derive(Debug)]
pub struct Failure {
    /// The scenario.
    pub scenario: &'static str,
    /// Which of its steps, from 1 on.
    pub number: usize,
    /// What was done.
    pub step: String,
    /// What was expected and what came, for people.
    pub difference: String,
    /// What was expected.
    pub expected: Pinned,
    /// What came.
    pub got: Result<Vec<u8>, Error>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scenario, number, step, difference, .. } = self;
        write!(f, "{scenario}: step {number}, {step}: {difference}")
    }
}

impl StdError for Failure {}

impl Scenario {
    fn new(rule: Rule) -> Self {
        let empty = Self { rule, steps: Vec::new(), caller: ALICE };
        empty.link(ALICE, None)
    }

    /// A short name of lower-case words and hyphens, which stays what it is.
    #[must_use]
    pub fn slug(&self) -> &'static str {
        self.rule.slug
    }

    /// What it pins, in a sentence.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.rule.name
    }

    /// The contract's words.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        self.rule.text
    }

    /// What goes wrong for an actor where the rule is broken.
    #[must_use]
    pub fn why(&self) -> &'static str {
        self.rule.why
    }

    /// The operations that it calls.
    #[must_use]
    pub fn operations(&self) -> BTreeSet<&'static str> {
        let ops = self.steps.iter().filter_map(|step| match step {
            Step::Call { request, .. } => Some(request.op),
            _ => None,
        });
        ops.collect()
    }

    /// Whether time passes in it: then it takes seconds with a provider whose clock cannot be moved.
    #[must_use]
    pub fn takes_time(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Pass(_)))
    }

    /// Plays it against a provider that holds nothing yet, or one that is
    /// [`foreign`](Subject::foreign).
    ///
    /// # Errors
    ///
    /// The first step that does not go as pinned.
    pub fn run(&self, subject: &mut Subject<'_>) -> Result<(), Failure> {
        let mut after_pass = false;
        for (index, step) in self.steps.iter().enumerate() {
            subject.take(step, after_pass).map_err(|difference| Failure {
                scenario: self.rule.name,
                number: index + 1,
                // As it is written: the names of one run say nothing.
                step: step.shown(&Names::default()),
                difference: difference.shown,
                expected: difference.expected,
                got: difference.got,
            })?;
            after_pass = matches!(step, Step::Pass(_));
        }
        Ok(())
    }

    fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// The steps that follow are `actor`'s.
    fn by(mut self, actor: &'static str) -> Self {
        self.caller = actor;
        self
    }

    fn link(self, actor: &'static str, namespace: Option<&'static str>) -> Self {
        self.step(Step::Link { actor, namespace })
    }

    fn unlink(self, actor: &'static str) -> Self {
        self.step(Step::Unlink(actor))
    }

    fn pass(self, seconds: u64) -> Self {
        self.step(Step::Pass(seconds))
    }

    fn call(self, request: Request, reply: Reply) -> Self {
        let actor = self.caller;
        self.step(Step::Call { actor, request, expected: Expected::Reply(reply) })
    }

    fn refused(self, request: Request, saying: &'static str) -> Self {
        self.fails(request, ErrorKind::Failed, saying)
    }

    fn fails(self, request: Request, kind: ErrorKind, saying: &'static str) -> Self {
        let actor = self.caller;
        self.step(Step::Call { actor, request, expected: Expected::Refusal { kind, saying } })
    }
}
