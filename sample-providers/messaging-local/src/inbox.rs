//! Where answers are waited for.

use std::{collections::HashMap, sync::Arc};

use parking_lot::Mutex;
use provider_contracts::messaging::BrokerMessage;
use tokio::sync::oneshot;

/// The requests that wait, by the subject of their answer.
#[derive(Debug, Default)]
pub(crate) struct Inboxes(Mutex<HashMap<String, oneshot::Sender<BrokerMessage>>>);

/// A place for one answer, which is gone when this is dropped.
pub(crate) struct Inbox {
    pub(crate) subject: String,
    inboxes: Arc<Inboxes>,
}

impl Inboxes {
    pub(crate) fn open(self: &Arc<Self>) -> (Inbox, oneshot::Receiver<BrokerMessage>) {
        let (sender, answer) = oneshot::channel();
        let subject = format!("_INBOX.{:032x}", fastrand::u128(..));
        self.0.lock().insert(subject.clone(), sender);
        (Inbox { subject, inboxes: Arc::clone(self) }, answer)
    }

    /// Hands over an answer, if it is one that is waited for: the first counts.
    pub(crate) fn answer(&self, message: &BrokerMessage) -> bool {
        let waiting = self.0.lock().remove(&message.subject);
        waiting.is_some_and(|waiting| waiting.send(message.clone()).is_ok())
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.inboxes.0.lock().remove(&self.subject);
    }
}
