//! One subscription for all answers of a connection.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use async_nats::{Message, Subscriber};
use futures_util::StreamExt;
use parking_lot::Mutex;
use tokio::sync::oneshot;

/// The last token of what the server is asked for a sign of life with: a message to oneself.
const SIGN: &str = "wasmcloud-sign-of-life";

/// Whether a message is such a question, of this provider or of another one: it is for no actor, also where one
/// subscribes to everything.
pub(crate) fn is_sign(subject: &str) -> bool {
    subject.starts_with("_INBOX.") && subject.rsplit('.').next() == Some(SIGN)
}

/// Who waits for which answer.
#[derive(Debug)]
pub(crate) struct Answers {
    /// What the subjects of the answers begin with.
    prefix: String,
    next: AtomicU64,
    waiting: Mutex<HashMap<u64, oneshot::Sender<Message>>>,
}

/// A place for one answer, which is gone when this is dropped.
pub(crate) struct Place {
    pub(crate) subject: String,
    number: u64,
    answers: Arc<Answers>,
}

impl Answers {
    /// For the answers to `inbox`, which nobody else knows.
    pub(crate) fn new(inbox: &str) -> Self {
        let prefix = format!("{inbox}.");
        Self { prefix, next: AtomicU64::new(0), waiting: Mutex::default() }
    }

    /// What must be subscribed to.
    pub(crate) fn subscription(&self) -> String {
        format!("{}>", self.prefix)
    }

    pub(crate) fn open(self: &Arc<Self>) -> (Place, oneshot::Receiver<Message>) {
        let (sender, answer) = oneshot::channel();
        let number = self.next.fetch_add(1, Relaxed);
        self.waiting.lock().insert(number, sender);
        let subject = format!("{}{number}", self.prefix);
        (Place { subject, number, answers: Arc::clone(self) }, answer)
    }

    /// Hands over what comes, until the connection is gone: then nobody waits any longer.
    pub(crate) async fn hand_over(&self, mut subscriber: Subscriber) {
        while let Some(message) = subscriber.next().await {
            let tokens = message.subject.strip_prefix(&self.prefix);
            let number = tokens.and_then(|tokens| tokens.split('.').next()?.parse().ok());
            let waiting = number.and_then(|number| self.waiting.lock().remove(&number));
            if let Some(waiting) = waiting {
                // Who gave up meanwhile needs it no more.
                let _ = waiting.send(message);
            }
        }
        self.waiting.lock().clear();
    }
}

impl Place {
    /// The subject for a question that only the server answers.
    pub(crate) fn sign(&self) -> String {
        format!("{}.{SIGN}", self.subject)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.answers.waiting.lock().remove(&self.number);
    }
}
