//! What pins the meaning: steps with what must come of them, to hold any implementation to.
//!
//! [`pinned`] is the list; [`Scenario::run`] plays one against a provider whose host leads its messages to
//! [`Actors`]. Each returns what happened in words, and [`TRANSCRIPT`] is what they return together: two
//! providers that give it can be exchanged.
//!
//! ```no_run
//! use provider_contracts::messaging::scenario::{self, Actors, Subject};
//! # fn provider_that_calls(actors: Actors) -> provider_core::NullDispatcher { provider_core::NullDispatcher }
//!
//! let actors = Actors::default();
//! let provider = provider_that_calls(actors.clone());
//! let mut transcript = String::new();
//! for scenario in scenario::pinned() {
//!     transcript += &scenario.run(&Subject::new(&provider, &actors)).unwrap();
//! }
//! assert_eq!(transcript, scenario::TRANSCRIPT);
//! ```

mod actors;
mod pinned;
mod playing;
mod rules;

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    time::Duration,
};

use provider_core::{Dispatcher, ErrorKind};

use self::rules::Rule;
pub use self::{actors::Actors, pinned::pinned};

/// What all scenarios return, one after the other.
pub const TRANSCRIPT: &str = include_str!("scenario/transcript.txt");

/// How long a message may take where nobody says otherwise.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the key of an actor is.
const ACTOR_LENGTH: usize = 56;

const ALICE: &str = "MALICE";
const BOB: &str = "MBOB";
const CAROL: &str = "MCAROL";

/// A rule, and steps that are taken in order. At the end every message that reached an actor must have been
/// expected.
#[derive(Debug, Clone)]
pub struct Scenario {
    rule: Rule,
    steps: Vec<Step>,
}

#[derive(Debug, Clone)]
enum Step {
    Link {
        actor: &'static str,
        link: Link,
        refused: bool,
    },
    Unlink(&'static str),
    /// From now on the actor answers messages with an error.
    Fails(&'static str),
    Publish {
        actor: &'static str,
        message: Message,
        refused: Option<ErrorKind>,
    },
    Request {
        actor: &'static str,
        message: Message,
        /// In milliseconds; `None` is as long as anything may take.
        timeout: Option<i64>,
        answers: Vec<(&'static str, Vec<u8>)>,
        expected: Result<Vec<u8>, ErrorKind>,
    },
    /// These are the next messages of the actor.
    Gets(&'static str, Vec<Message>),
    /// Of so many messages each was got by one of the actors.
    Share(Vec<&'static str>, usize),
}

/// What an actor is linked with.
#[derive(Debug, Clone, Default)]
struct Link {
    subscriptions: Vec<String>,
    group: Option<&'static str>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Message {
    subject: String,
    reply_to: String,
    body: Vec<u8>,
}

/// What scenarios are played against.
#[derive(Clone)]
pub struct Subject<'a> {
    provider: &'a dyn Dispatcher,
    actors: &'a Actors,
    link_values: HashMap<String, String>,
    tag: String,
    patience: Duration,
}

impl<'a> Subject<'a> {
    /// The provider that `provider` leads to, and what its host leads messages to.
    #[must_use]
    pub fn new(provider: &'a dyn Dispatcher, actors: &'a Actors) -> Self {
        let (link_values, tag) = (HashMap::new(), String::new());
        Self { provider, actors, link_values, tag, patience: PATIENCE }
    }

    /// Gives every link this value, which the provider needs.
    #[must_use]
    pub fn link_value(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.link_values.insert(key.into(), value.into());
        self
    }

    /// The broker is used by others too: actors, subjects and groups carry `tag`, which is best made of
    /// capital letters and digits. What is returned does not.
    #[must_use]
    pub fn tagged(mut self, tag: impl Into<String>) -> Self {
        self.tag = tag.into();
        self
    }

    /// How long a message or an answer may take, in place of ten seconds.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The key of an actor.
    fn actor(&self, name: &str) -> String {
        if self.tag.is_empty() {
            return name.to_owned();
        }
        format!("{:A<ACTOR_LENGTH$}", format!("{name}{}", self.tag))
    }

    /// A subject, a subscription or a group. The empty one is the same always.
    fn subject(&self, name: &str) -> String {
        if self.tag.is_empty() || name.is_empty() {
            return name.to_owned();
        }
        let (tag, bare) = (&self.tag, name.trim_start_matches(' '));
        // In a list a name may have spaces around it.
        format!("{}{tag}.{bare}", &name[..name.len() - bare.len()])
    }

    /// A subject as the scenario has it. One that a broker made up for an answer is a word.
    fn untagged(&self, subject: &str) -> String {
        if subject.starts_with("_INBOX.") {
            return "_INBOX".to_owned();
        }
        let tag = format!("{}.", self.tag);
        subject.strip_prefix(&tag).unwrap_or(subject).to_owned()
    }
}

impl fmt::Debug for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject").field("tag", &self.tag).finish_non_exhaustive()
    }
}

/// A step that did not go as pinned.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// The scenario.
    pub scenario: &'static str,
    /// Which step, from 1.
    pub number: usize,
    /// The step in words.
    pub step: String,
    /// What had to come.
    pub expected: String,
    /// What came.
    pub got: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scenario, number, step, expected, got } = self;
        write!(f, "{scenario}: step {number}, {step}: expected {expected}, got {got}")
    }
}

impl std::error::Error for Failure {}

impl Scenario {
    fn new(rule: Rule) -> Self {
        Self { rule, steps: Vec::new() }
    }

    /// The rule in a few words.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.rule.name
    }

    /// The operations that it calls.
    #[must_use]
    pub fn operations(&self) -> BTreeSet<&'static str> {
        let op = |step: &Step| match step {
            Step::Publish { .. } => Some("Publish"),
            Step::Request { .. } => Some("Request"),
            _ => None,
        };
        self.steps.iter().filter_map(op).collect()
    }

    /// A short name of lower-case words and hyphens, which stays what it is.
    #[must_use]
    pub fn slug(&self) -> &'static str {
        self.rule.slug
    }

    /// The rule in the contract's words.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        self.rule.text
    }

    /// What goes wrong for an actor where the rule is broken.
    #[must_use]
    pub fn why(&self) -> &'static str {
        self.rule.why
    }

    fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    fn link<const N: usize>(self, actor: &'static str, subscriptions: [&str; N]) -> Self {
        let link = Link { subscriptions: subscriptions.map(String::from).into(), group: None };
        self.step(Step::Link { actor, link, refused: false })
    }

    fn link_refused(self, actor: &'static str, subscription: &str) -> Self {
        let link = Link { subscriptions: vec![subscription.into()], group: None };
        self.step(Step::Link { actor, link, refused: true })
    }

    fn join(self, actor: &'static str, subscription: &str, group: &'static str) -> Self {
        let link = Link { subscriptions: vec![subscription.into()], group: Some(group) };
        self.step(Step::Link { actor, link, refused: false })
    }

    fn unlink(self, actor: &'static str) -> Self {
        self.step(Step::Unlink(actor))
    }

    fn fails(self, actor: &'static str) -> Self {
        self.step(Step::Fails(actor))
    }

    fn publish(self, actor: &'static str, subject: &str, body: &[u8]) -> Self {
        self.publish_for(actor, subject, "", body)
    }

    fn publish_for(self, actor: &'static str, subject: &str, reply_to: &str, body: &[u8]) -> Self {
        let message = message(subject, reply_to, body);
        self.step(Step::Publish { actor, message, refused: None })
    }

    fn refuses(self, actor: &'static str, subject: &str, reply_to: &str, kind: ErrorKind) -> Self {
        let message = message(subject, reply_to, b"lost");
        self.step(Step::Publish { actor, message, refused: Some(kind) })
    }

    fn request<const N: usize>(
        self,
        actor: &'static str,
        subject: &str,
        answers: [(&'static str, &[u8]); N],
        expected: Result<&[u8], ErrorKind>,
        timeout: Option<i64>,
    ) -> Self {
        let answers = answers.map(|(actor, body)| (actor, body.to_vec())).into();
        let message = message(subject, "_INBOX", b"ask");
        let expected = expected.map(<[u8]>::to_vec);
        self.step(Step::Request { actor, message, timeout, answers, expected })
    }

    fn gets<const N: usize>(self, actor: &'static str, messages: [(&str, &[u8]); N]) -> Self {
        let messages = messages.map(|(subject, body)| message(subject, "", body)).into();
        self.step(Step::Gets(actor, messages))
    }

    fn share<const N: usize>(self, actors: [&'static str; N], count: usize) -> Self {
        self.step(Step::Share(actors.into(), count))
    }
}

fn message(subject: &str, reply_to: &str, body: &[u8]) -> Message {
    Message { subject: subject.into(), reply_to: reply_to.into(), body: body.into() }
}
