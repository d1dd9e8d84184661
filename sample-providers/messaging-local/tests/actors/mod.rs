//! Actors that a test looks into.

use std::{
    collections::BTreeMap,
    sync::{Arc, Condvar, Mutex},
    time::Duration,
};

use provider_contracts::messaging::BrokerMessage;
use provider_core::{BoxError, Dispatcher, codec};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(30);

type Bodies = BTreeMap<String, Vec<String>>;

/// Keeps the bodies that came to each actor.
#[derive(Clone, Default)]
pub(crate) struct Recorded(Arc<(Mutex<Bodies>, Condvar)>);

impl Recorded {
    pub(crate) fn bodies(&self) -> Bodies {
        self.0.0.lock().unwrap().clone()
    }

    /// Waits until enough has come.
    pub(crate) fn wait(&self, enough: impl Fn(&Bodies) -> bool) {
        let bodies = self.0.0.lock().unwrap();
        let waited =
            self.0.1.wait_timeout_while(bodies, PATIENCE, |bodies| !enough(bodies)).unwrap();
        assert!(!waited.1.timed_out(), "{} actors heard of it", waited.0.len());
    }
}

impl Dispatcher for Recorded {
    fn dispatch(&self, actor: &str, op: &str, msg: &[u8]) -> Result<Vec<u8>, BoxError> {
        assert_eq!(op, "HandleMessage");
        let message: BrokerMessage = codec::decode(msg)?;
        let body = String::from_utf8(message.body)?;
        self.0.0.lock().unwrap().entry(actor.into()).or_default().push(body);
        self.0.1.notify_all();
        Ok(vec![0xc0])
    }
}

/// Some actors do not answer before they are let go.
#[derive(Clone)]
pub(crate) struct Slow {
    pub(crate) recorded: Recorded,
    chosen: fn(&str) -> bool,
    calls: Arc<(Mutex<Held>, Condvar)>,
}

#[derive(Default)]
struct Held {
    count: usize,
    released: bool,
}

impl Slow {
    pub(crate) fn new(chosen: fn(&str) -> bool) -> Self {
        Self { recorded: Recorded::default(), chosen, calls: Arc::default() }
    }

    /// Waits until so many are being called.
    pub(crate) fn wait_until_held(&self, count: usize) {
        let held = self.calls.0.lock().unwrap();
        let few = |held: &mut Held| held.count < count;
        let waited = self.calls.1.wait_timeout_while(held, PATIENCE, few).unwrap();
        assert!(!waited.1.timed_out(), "{} of {count} are called", waited.0.count);
    }

    pub(crate) fn release(&self) {
        self.calls.0.lock().unwrap().released = true;
        self.calls.1.notify_all();
    }
}

impl Dispatcher for Slow {
    fn dispatch(&self, actor: &str, op: &str, msg: &[u8]) -> Result<Vec<u8>, BoxError> {
        if (self.chosen)(actor) {
            let mut held = self.calls.0.lock().unwrap();
            held.count += 1;
            self.calls.1.notify_all();
            let wait = |held: &mut Held| !held.released;
            drop(self.calls.1.wait_timeout_while(held, PATIENCE, wait).unwrap());
        }
        self.recorded.dispatch(actor, op, msg)
    }
}
