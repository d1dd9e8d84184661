//! What waits for one subscription of an actor, and how the actor gets it.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use parking_lot::Mutex;
use provider_core::{Actor, LogScope};
use tokio::{runtime::Handle, sync::watch};

/// How many messages may wait for one subscription.
pub const MAX_WAITING: usize = 65_536;
/// How many bytes these may have together.
pub const MAX_WAITING_BYTES: usize = 64 << 20;
/// The operation.
const HANDLE_MESSAGE: &str = "HandleMessage";

/// A message as it is sent to actors, shared by all who get it.
pub(crate) type Payload = Arc<[u8]>;

/// The queue of one subscription. The actor has one of its messages at a time.
pub(crate) struct Queue {
    actor: Actor,
    subscription: String,
    scope: LogScope,
    runtime: Handle,
    state: Mutex<State>,
    /// Whether the actor is being called, or about to be.
    busy: watch::Sender<bool>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Payload>,
    bytes: usize,
    /// How many messages were lost since one found a place.
    lost: u64,
    busy: bool,
    closed: bool,
}

impl Queue {
    /// A queue whose actor is called on the runtime that this is called on.
    pub(crate) fn new(actor: Actor, subscription: String) -> Self {
        Self {
            actor,
            subscription,
            scope: LogScope::current(),
            runtime: Handle::current(),
            state: Mutex::default(),
            busy: watch::Sender::new(false),
        }
    }

    /// Gives the actor a message after those that wait. Where too much waits, or the link has ended,
    /// the message is lost for this subscription.
    pub(crate) fn push(self: &Arc<Self>, payload: Payload) {
        let mut state = self.state.lock();
        if state.closed {
            return;
        }
        let full =
            state.waiting.len() >= MAX_WAITING || state.bytes + payload.len() > MAX_WAITING_BYTES;
        if full {
            state.lost += 1;
            let first = state.lost == 1;
            drop(state);
            if first {
                self.tell_of_loss();
            }
            return;
        }
        state.lost = 0;
        state.bytes += payload.len();
        state.waiting.push_back(payload);
        if !state.busy {
            state.busy = true;
            self.busy.send_replace(true);
            drop(state);
            let queue = Arc::clone(self);
            self.runtime.spawn_blocking(move || queue.work());
        }
    }

    fn tell_of_loss(&self) {
        self.scope.enter(|| {
            log::warn!(
                subscription = self.subscription.as_str();
                "the actor is too slow: messages are lost until it has caught up"
            );
        });
    }

    /// Calls the actor until nothing waits.
    fn work(&self) {
        while let Some(payload) = self.next() {
            let call = || self.actor.dispatch_bytes(HANDLE_MESSAGE, &payload);
            // What an actor answers is ignored. A dispatcher that is linked in may panic.
            let _ = catch_unwind(AssertUnwindSafe(|| self.scope.enter(call)));
        }
    }

    fn next(&self) -> Option<Payload> {
        let mut state = self.state.lock();
        let next = state.waiting.pop_front();
        if let Some(payload) = &next {
            state.bytes -= payload.len();
        } else {
            state.busy = false;
            self.busy.send_replace(false);
        }
        next
    }

    /// Nothing more reaches the actor from now on, but for a message that it has already.
    pub(crate) fn close(&self) {
        let mut state = self.state.lock();
        state.closed = true;
        let waiting = std::mem::take(&mut state.waiting);
        state.bytes = 0;
        drop(state);
        drop(waiting);
    }

    /// Waits until the actor has answered the message that it has.
    pub(crate) async fn idle(&self) {
        // The sender is here, so it is not closed.
        let _ = self.busy.subscribe().wait_for(|busy| !busy).await;
    }
}
