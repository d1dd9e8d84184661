//! The actors, as a provider under test sees them.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use provider_core::{BoxError, Dispatcher, codec};

use crate::messaging::BrokerMessage;

/// Where a provider's messages to actors go while scenarios are played: the dispatcher of its host. Clones are
/// the same actors.
#[derive(Debug, Clone, Default)]
pub struct Actors(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    came: Condvar,
}

#[derive(Debug, Default)]
struct State {
    messages: HashMap<String, VecDeque<Came>>,
    failing: HashSet<String>,
}

/// A message, or what came instead of one.
pub(super) type Came = Result<BrokerMessage, String>;

impl Actors {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn fail(&self, actor: &str) {
        self.state().failing.insert(actor.to_owned());
    }

    /// What came next to one of `actors`, and to whom; `None` when nothing came for so long.
    pub(super) fn next(&self, actors: &[String], patience: Duration) -> Option<(String, Came)> {
        let deadline = Instant::now() + patience;
        let mut state = self.state();
        loop {
            for actor in actors {
                let came = state.messages.get_mut(actor).and_then(VecDeque::pop_front);
                if let Some(came) = came {
                    return Some((actor.clone(), came));
                }
            }
            let left = deadline.checked_duration_since(Instant::now())?;
            let waited = self.0.came.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// A message that nobody expected, and to whom. The actors forget all they know.
    pub(super) fn rest(&self) -> Option<(String, Came)> {
        let State { messages, .. } = std::mem::take(&mut *self.state());
        messages.into_iter().find_map(|(actor, mut came)| Some((actor, came.pop_front()?)))
    }
}

impl Dispatcher for Actors {
    fn dispatch(&self, actor: &str, op: &str, msg: &[u8]) -> Result<Vec<u8>, BoxError> {
        let came = match op {
            "HandleMessage" => codec::decode(msg).map_err(|error| format!("no message: {error}")),
            _ => Err(format!("a call of another operation of the actor: `{op}`")),
        };
        let mut state = self.state();
        state.messages.entry(actor.to_owned()).or_default().push_back(came);
        let fails = state.failing.contains(actor);
        drop(state);
        self.0.came.notify_all();
        if fails { Err("the actor fails, as it was told to".into()) } else { Ok(vec![0xc0]) }
    }
}
