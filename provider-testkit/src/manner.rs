//! How actors behave towards a provider under test.

use std::{
    fmt,
    sync::{Arc, Condvar, Mutex, PoisonError},
};

/// How actors answer.
#[derive(Clone, Default)]
pub(crate) enum Manner {
    /// With no bytes.
    #[default]
    Empty,
    /// With an error.
    Error,
    /// With a mebibyte that is no message.
    Junk,
    /// With no bytes, once the gate is open.
    Waits(Arc<Gate>),
    /// As `Waits`, without a step in the report: for calls in flight, which come when chance has it.
    WaitsUntold(Arc<Gate>),
    /// With no bytes, after having done this: once, what it leads to is answered with no bytes.
    Calls(Arc<dyn Fn() + Send + Sync>),
}

impl fmt::Debug for Manner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Manner {
    /// For people: an actor that answers so.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Empty => "an actor answered with no bytes",
            Self::Error => "an actor answered with an error",
            Self::Junk => "an actor answered with 1 MiB of junk",
            Self::Waits(_) | Self::WaitsUntold(_) => "an actor took its time",
            Self::Calls(_) => "an actor called the provider",
        }
    }
}

/// Where actors wait.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    state: Mutex<GateState>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct GateState {
    open: bool,
    /// Something is to be seen: somebody waits, or nobody will.
    settled: bool,
}

impl Gate {
    fn change(&self, act: impl FnOnce(&mut GateState)) {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_all();
    }

    fn wait(&self, until: impl Fn(&GateState) -> bool) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_while(state, |state| !until(state));
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    /// Waits until it is open.
    pub(crate) fn pass(&self) {
        self.settle();
        self.wait(|state| state.open);
    }

    /// Nobody who is not waiting by now will.
    pub(crate) fn settle(&self) {
        self.change(|state| state.settled = true);
    }

    /// Waits until somebody waits, or nobody will.
    pub(crate) fn settled(&self) {
        self.wait(|state| state.settled);
    }

    /// Lets everybody pass.
    pub(crate) fn open(&self) {
        self.change(|state| state.open = true);
    }
}
