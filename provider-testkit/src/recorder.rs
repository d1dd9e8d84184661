//! The actors, as a provider under test sees them: every message is noted, every answer is empty
//! unless a check gives another one.

use std::{
    collections::HashSet,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use provider_core::{BoxError, Dispatcher, Error};

use crate::{manner::Manner, payload, session::Dispatched, worker::Reporter};

/// How many messages are kept.
const KEPT: usize = 1000;

/// How often a message that is waited for is looked for.
const MOMENT: Duration = Duration::from_millis(5);
/// How much of a message a step shows.
const SHOWN: usize = 200;
/// How long junk is.
const JUNK: usize = 1 << 20;
/// A byte that no message has.
const RESERVED: u8 = 0xc1;

/// Notes what a provider sends to actors.
#[derive(Debug, Clone)]
pub(crate) struct Recorder {
    state: Arc<Mutex<State>>,
    reporter: Reporter,
}

#[derive(Debug, Default)]
struct State {
    /// Whether `configure_dispatch` returned.
    configured: bool,
    linked: HashSet<String>,
    /// Whether every actor counts as linked.
    trusting: bool,
    messages: Vec<Dispatched>,
    /// Whether a finding was told: one is enough.
    told: bool,
    answers: Option<Answers>,
    manner: Manner,
}

/// What actors answer.
#[derive(Clone)]
struct Answers(Arc<Answering>);

type Answering = dyn Fn(&Dispatched) -> Result<Vec<u8>, Error> + Send + Sync;

impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answers")
    }
}

impl Recorder {
    pub(crate) fn new(reporter: Reporter) -> Self {
        Self { state: Arc::default(), reporter }
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// `configure_dispatch` returned.
    pub(crate) fn configured(&self) {
        self.with(|state| state.configured = true);
    }

    /// A link of `actor` is about to be made: the provider may call it from now on.
    pub(crate) fn linked(&self, actor: &str) {
        self.with(|state| state.linked.insert(actor.to_owned()));
    }

    /// The link of `actor` was ended.
    pub(crate) fn unlinked(&self, actor: &str) {
        self.with(|state| state.linked.remove(actor));
    }

    /// From now on nobody knows which actors are linked: every one may be called.
    pub(crate) fn trust(&self) {
        self.with(|state| state.trusting = true);
    }

    /// From now on actors answer like this.
    pub(crate) fn answer(
        &self,
        answers: impl Fn(&Dispatched) -> Result<Vec<u8>, Error> + Send + Sync + 'static,
    ) {
        self.with(|state| state.answers = Some(Answers(Arc::new(answers))));
    }

    /// From now on actors behave like that.
    pub(crate) fn behave(&self, manner: Manner) {
        self.with(|state| state.manner = manner);
    }

    /// How much was sent so far.
    pub(crate) fn count(&self) -> usize {
        self.with(|state| state.messages.len())
    }

    /// How the next message is answered. Who calls the provider does so once.
    fn manner(&self) -> Manner {
        self.with(|state| match &state.manner {
            Manner::Calls(_) => std::mem::take(&mut state.manner),
            other => other.clone(),
        })
    }

    /// Answers in a manner that is a special one.
    fn answer_in(&self, manner: &Manner, message: &Dispatched) -> Result<Vec<u8>, BoxError> {
        if let Manner::WaitsUntold(gate) = manner {
            gate.pass();
            return Ok(Vec::new());
        }
        let Dispatched { actor, op, msg } = message;
        let args = format!("{actor:?}, {op:?}, {}", payload::render(msg, SHOWN));
        let seq = self.reporter.step("dispatch", args);
        match manner {
            Manner::Empty | Manner::Error | Manner::Junk | Manner::WaitsUntold(_) => {}
            Manner::Waits(gate) => gate.pass(),
            Manner::Calls(act) => act(),
        }
        self.reporter.done(seq, manner.name());
        match manner {
            Manner::Error => Err("the actor fails, as it was told to".into()),
            Manner::Junk => Ok(vec![RESERVED; JUNK]),
            _ => Ok(Vec::new()),
        }
    }

    /// Waits until `enough` of what was sent so far.
    pub(crate) fn wait(
        &self,
        limit: Duration,
        enough: impl Fn(&[Dispatched]) -> bool,
    ) -> Vec<Dispatched> {
        let began = Instant::now();
        loop {
            let messages = self.messages();
            if enough(&messages) || began.elapsed() > limit {
                return messages;
            }
            thread::sleep(MOMENT);
        }
    }

    /// What was sent so far is not kept any longer.
    pub(crate) fn forget(&self) {
        self.with(|state| state.messages = Vec::new());
    }

    /// What was sent so far.
    pub(crate) fn messages(&self) -> Vec<Dispatched> {
        self.with(|state| state.messages.clone())
    }
}

impl Dispatcher for Recorder {
    fn dispatch(&self, actor: &str, op: &str, msg: &[u8]) -> Result<Vec<u8>, BoxError> {
        let message = Dispatched { actor: actor.to_owned(), op: op.to_owned(), msg: msg.to_vec() };
        let answers = self.with(|state| state.answers.clone());
        let finding = self.with(|state| {
            if state.messages.len() < KEPT {
                state.messages.push(message.clone());
            }
            let finding = if !state.configured {
                format!("it called `{op}` of an actor before `configure_dispatch` returned")
            } else if !state.trusting && !state.linked.contains(actor) {
                format!("it called `{op}` of actor `{actor}`, which is not linked")
            } else {
                return None;
            };
            (!std::mem::replace(&mut state.told, true)).then_some(finding)
        });
        if let Some(finding) = finding {
            self.reporter.finding(false, finding);
        }
        let manner = self.manner();
        if !matches!(manner, Manner::Empty) {
            return self.answer_in(&manner, &message);
        }
        match answers {
            Some(answers) => Ok((answers.0)(&message)?),
            None => Ok(Vec::new()),
        }
    }
}
