//! What pins the meaning: steps with the replies that they must get, to hold any implementation to.
//!
//! [`pinned`] is the list; [`Scenario::run`] plays one against a provider, in this process or behind
//! a host. Each wants a provider that holds nothing yet.
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

mod pinned;
mod request;

use std::{collections::HashMap, error::Error as StdError, fmt};

use provider_core::{
    Dispatcher, Error, ErrorKind, codec,
    ops::{CapabilityConfiguration, OP_BIND_ACTOR, OP_REMOVE_ACTOR, SYSTEM_ACTOR},
};

pub use self::pinned::pinned;
use self::request::{Reply, Request};

/// The actor that most steps call as; every scenario begins with its link.
const ALICE: &str = "MALICE";

/// A name, and steps that are taken in order.
#[derive(Debug, Clone)]
pub struct Scenario {
    name: &'static str,
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
}

impl<'a> Subject<'a> {
    /// The provider that `provider` leads to, and what lets so many seconds pass for it: the hand of
    /// a clock, or a sleep.
    #[must_use]
    pub fn new(provider: &'a dyn Dispatcher, pass: &'a mut dyn FnMut(u64)) -> Self {
        Self { provider, pass, link_values: HashMap::new() }
    }

    /// Gives every link this value, which the provider needs.
    #[must_use]
    pub fn link_value(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.link_values.insert(key.into(), value.into());
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
            values.insert("NAMESPACE".into(), namespace.into());
        }
        let module = actor.into();
        let payload = codec::encode(&CapabilityConfiguration { module, values })?;
        self.call(SYSTEM_ACTOR, op, &payload)
    }

    fn call(&self, actor: &str, op: &str, payload: &[u8]) -> Result<Vec<u8>, Error> {
        self.provider.dispatch(actor, op, payload).map_err(Error::from_boxed)
    }

    fn take(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Link { actor, namespace } => {
                nothing(&self.standard(OP_BIND_ACTOR, actor, *namespace))
            }
            Step::Unlink(actor) => nothing(&self.standard(OP_REMOVE_ACTOR, actor, None)),
            Step::Pass(seconds) => {
                (self.pass)(*seconds);
                Ok(())
            }
            Step::Call { actor, request, expected } => {
                expected.is(&self.call(actor, request.op, &request.payload))
            }
        }
    }
}

impl fmt::Debug for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject").finish_non_exhaustive()
    }
}

fn nothing(outcome: &Result<Vec<u8>, Error>) -> Result<(), String> {
    match outcome {
        Ok(payload) if payload.is_empty() => Ok(()),
        Ok(payload) => Err(format!("expected no bytes, got {payload:02x?}")),
        Err(error) => Err(format!("expected no bytes, got {}: {error}", error.kind())),
    }
}

impl Expected {
    fn is(&self, outcome: &Result<Vec<u8>, Error>) -> Result<(), String> {
        let found = match (self, outcome) {
            (Self::Reply(reply), Ok(payload)) if reply.payload == *payload => return Ok(()),
            (Self::Refusal { kind, saying }, Err(error))
                if error.kind() == *kind && error.message().contains(saying) =>
            {
                return Ok(());
            }
            (Self::Reply(reply), Ok(payload)) => (reply.read)(payload),
            (Self::Refusal { .. }, Ok(payload)) => format!("a reply: {payload:02x?}"),
            (_, Err(error)) => format!("{}: {error}", error.kind()),
        };
        Err(match self {
            Self::Reply(reply) => format!("expected {}, got {found}", (reply.read)(&reply.payload)),
            Self::Refusal { kind, saying } => {
                format!("expected an error ({kind}) that says \"{saying}\", got {found}")
            }
        })
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Link { actor, namespace } => {
                write!(f, "link {actor}, namespace {namespace:?}")
            }
            Self::Unlink(actor) => write!(f, "unlink {actor}"),
            Self::Call { actor, request, .. } => write!(f, "{actor} calls {}", request.shown),
            Self::Pass(seconds) => write!(f, "{seconds} seconds pass"),
        }
    }
}

/// A step that did not go as pinned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The scenario.
    pub scenario: &'static str,
    /// Which of its steps, from 1 on.
    pub number: usize,
    /// What was done.
    pub step: String,
    /// What was expected and what came.
    pub difference: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scenario, number, step, difference } = self;
        write!(f, "{scenario}: step {number}, {step}: {difference}")
    }
}

impl StdError for Failure {}

impl Scenario {
    fn new(name: &'static str) -> Self {
        let empty = Self { name, steps: Vec::new(), caller: ALICE };
        empty.link(ALICE, None)
    }

    /// What it pins, in a sentence.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Whether time passes in it: then it takes seconds with a provider whose clock cannot be moved.
    #[must_use]
    pub fn takes_time(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Pass(_)))
    }

    /// Plays it against a provider that holds nothing yet.
    ///
    /// # Errors
    ///
    /// The first step that does not go as pinned.
    pub fn run(&self, subject: &mut Subject<'_>) -> Result<(), Failure> {
        for (index, step) in self.steps.iter().enumerate() {
            subject.take(step).map_err(|difference| Failure {
                scenario: self.name,
                number: index + 1,
                step: step.to_string(),
                difference,
            })?;
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
