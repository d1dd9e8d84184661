//! The messages of one subscription, on their way to the actor.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use async_nats::{Message, Subscriber};
use futures_util::{StreamExt, stream::ReadyChunks};
use provider_core::{Actor, LogScope, codec};
use serde::Serialize;
use serde_bytes::Bytes;
use tokio::{
    sync::{Mutex, mpsc, watch},
    task,
};

use crate::answers::is_sign;

/// The operation.
const HANDLE_MESSAGE: &str = "HandleMessage";
/// How many messages one task for blocking work takes at once.
const AT_ONCE: usize = 64;

/// As a message is sent to an actor: without a copy of its body.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outgoing<'a> {
    subject: &'a str,
    reply_to: &'a str,
    body: &'a Bytes,
}

/// Calls the actor with one message after the other. It goes on from connection to connection.
pub(crate) struct Pump {
    /// Closed when the pump has unsubscribed and ended.
    subscribers: mpsc::UnboundedSender<Subscriber>,
    actor: Arc<Reached>,
}

/// The actor, until the link has ended.
struct Reached {
    actor: Actor,
    scope: LogScope,
    ended: watch::Sender<bool>,
    /// Held while the actor is called.
    busy: Mutex<()>,
}

impl Pump {
    pub(crate) fn new(actor: Actor) -> Self {
        let (subscribers, receiver) = mpsc::unbounded_channel();
        let actor = Arc::new(Reached {
            actor,
            scope: LogScope::current(),
            ended: watch::Sender::new(false),
            busy: Mutex::new(()),
        });
        task::spawn(run(Arc::clone(&actor), receiver));
        Self { subscribers, actor }
    }

    /// The subscription on a connection: its messages come after those of the connections before.
    pub(crate) fn go_on_with(&self, subscriber: Subscriber) {
        // It is closed when the link has ended; then nobody wants the messages.
        let _ = self.subscribers.send(subscriber);
    }

    /// Nothing more reaches the actor from now on, but for a message that it has already.
    pub(crate) fn end(&self) {
        self.actor.ended.send_replace(true);
    }

    /// Waits until it has unsubscribed, after [`end`](Self::end).
    pub(crate) async fn unsubscribed(&self) {
        self.subscribers.closed().await;
    }

    /// Waits until the actor has answered the message that it has.
    pub(crate) async fn idle(&self) {
        drop(self.actor.busy.lock().await);
    }
}

impl Drop for Pump {
    fn drop(&mut self) {
        self.end();
    }
}

async fn run(actor: Arc<Reached>, mut subscribers: mpsc::UnboundedReceiver<Subscriber>) {
    loop {
        let subscriber = tokio::select! {
            biased;
            () = actor.ended() => return,
            subscriber = subscribers.recv() => subscriber,
        };
        let Some(subscriber) = subscriber else { return };
        let mut messages = subscriber.ready_chunks(AT_ONCE);
        tokio::select! {
            biased;
            () = actor.ended() => {}
            () = pass_on(&actor, &mut messages) => continue,
        }
        // A connection that is lost has no subscriptions.
        let _ = messages.get_mut().unsubscribe().await;
        return;
    }
}

/// Hands all messages of a connection to the actor.
async fn pass_on(actor: &Arc<Reached>, messages: &mut ReadyChunks<Subscriber>) {
    while let Some(messages) = messages.next().await {
        let actor = Arc::clone(actor);
        // The host's dispatcher blocks. An error is a runtime that ends.
        let _ = task::spawn_blocking(move || actor.take(&messages)).await;
    }
}

impl Reached {
    async fn ended(&self) {
        // The sender is here, so it is not closed.
        let _ = self.ended.subscribe().wait_for(|ended| *ended).await;
    }

    fn take(&self, messages: &[Message]) {
        for Message { subject, reply, payload, .. } in messages {
            if is_sign(subject) {
                continue;
            }
            let reply_to = reply.as_deref().unwrap_or_default();
            let message = Outgoing { subject, reply_to, body: Bytes::new(payload) };
            let Ok(message) = codec::encode(&message) else { continue };
            let _busy = self.busy.blocking_lock();
            if *self.ended.borrow() {
                return;
            }
            let call = || self.actor.dispatch_bytes(HANDLE_MESSAGE, &message);
            // What an actor answers is ignored. A dispatcher that is linked in may panic.
            let _ = catch_unwind(AssertUnwindSafe(|| self.scope.enter(call)));
        }
    }
}
