//! The actors, as a provider under test sees them: every message is noted, every answer is empty.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use provider_core::{BoxError, Dispatcher};

use crate::{session::Dispatched, worker::Reporter};

/// How many messages are kept.
const KEPT: usize = 1000;

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

    /// What was sent so far.
    pub(crate) fn messages(&self) -> Vec<Dispatched> {
        self.with(|state| state.messages.clone())
    }
}

impl Dispatcher for Recorder {
    fn dispatch(&self, actor: &str, op: &str, msg: &[u8]) -> Result<Vec<u8>, BoxError> {
        let finding = self.with(|state| {
            if state.messages.len() < KEPT {
                state.messages.push(Dispatched {
                    actor: actor.to_owned(),
                    op: op.to_owned(),
                    msg: msg.to_vec(),
                });
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
        Ok(Vec::new())
    }
}
