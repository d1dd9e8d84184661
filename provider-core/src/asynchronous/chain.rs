//! What a call is part of: an actor's call may lead to another one of the same provider.

use std::sync::Arc;

use tokio::task::futures::TaskLocalFuture;

tokio::task_local! {
    static CHAIN: Chain;
}

/// The calls that a call came from.
#[derive(Clone, Default)]
pub(super) struct Chain {
    /// An actor is being called further up, and waits for this.
    pub(super) nested: bool,
    /// The actors whose links are being changed further up.
    changing: Vec<Arc<str>>,
}

impl Chain {
    /// What this very moment is part of.
    pub(super) fn current() -> Self {
        CHAIN.try_with(Clone::clone).unwrap_or_default()
    }

    pub(super) fn changes(&self, actor: &str) -> bool {
        self.changing.iter().any(|changing| **changing == *actor)
    }

    /// The same, and the link of `actor` is being changed.
    pub(super) fn changing(mut self, actor: &str) -> Self {
        self.changing.push(actor.into());
        self
    }

    /// Makes `future` part of it.
    pub(super) fn around<F: Future>(self, future: F) -> TaskLocalFuture<Self, F> {
        CHAIN.scope(self, future)
    }

    /// Calls an actor from it.
    pub(super) fn within_dispatch<T>(self, dispatch: impl FnOnce() -> T) -> T {
        CHAIN.sync_scope(Self { nested: true, ..self }, dispatch)
    }
}
