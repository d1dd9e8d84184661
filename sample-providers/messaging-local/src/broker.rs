//! A broker, and an actor's part in it.

use std::{fmt, sync::Arc, time::Duration};

use parking_lot::{Mutex, RwLock};
use provider_contracts::messaging::{BrokerMessage, Subscription};
use provider_core::{Actor, Error, ErrorKind, codec};

use crate::{
    inbox::Inboxes,
    queue::Queue,
    routes::{Route, Routes},
};

/// The largest body of a message, in bytes: what NATS takes by default.
pub const MAX_BODY_BYTES: usize = 1 << 20;
/// How long `RemoveActor` waits for the actor to answer the message that it has.
const PATIENCE: Duration = Duration::from_secs(2);

/// A broker in this process.
#[derive(Default)]
pub struct Broker {
    routes: RwLock<Routes>,
    inboxes: Arc<Inboxes>,
}

impl Broker {
    /// Gives a message to all whom it is for, and returns whether there is anybody.
    ///
    /// # Errors
    ///
    /// *Bad request* for a message that cannot be encoded.
    pub(crate) fn publish(&self, message: &BrokerMessage) -> Result<bool, Error> {
        let answers = self.inboxes.answer(message);
        let payload = codec::encode(message)?.into();
        // Queues only take it: no actor is called here.
        let reached = self.routes.read().deliver(&message.subject, &payload);
        Ok(answers || reached)
    }

    /// Publishes a message and waits for the first answer.
    ///
    /// # Errors
    ///
    /// *Timeout* when nobody is subscribed, or nobody answers in time.
    pub(crate) async fn request(
        &self,
        message: BrokerMessage,
        timeout: Duration,
    ) -> Result<BrokerMessage, Error> {
        let (inbox, answer) = self.inboxes.open();
        let subject = message.subject.clone();
        let late = |what: &str| Error::new(ErrorKind::Timeout, format!("{subject:?}: {what}"));
        let message = BrokerMessage { reply_to: inbox.subject.clone(), ..message };
        if !self.publish(&message)? {
            return Err(late("nobody is subscribed"));
        }
        let answer = tokio::time::timeout(timeout, answer).await;
        answer.ok().and_then(Result::ok).ok_or_else(|| late("nobody answered in time"))
    }
}

impl fmt::Debug for Broker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Broker").finish_non_exhaustive()
    }
}

/// The subscriptions of an actor at a broker.
pub struct Membership {
    broker: Arc<Broker>,
    routes: Mutex<Vec<Arc<Route>>>,
}

impl Membership {
    pub(crate) fn begin(
        broker: Arc<Broker>,
        actor: &Actor,
        subscriptions: Vec<Subscription>,
        group: Option<&str>,
    ) -> Self {
        let route = |subscription: Subscription| {
            let queue = Arc::new(Queue::new(actor.clone(), subscription.to_string()));
            Arc::new(Route { subscription, group: group.map(str::to_owned), queue })
        };
        let routes: Vec<_> = subscriptions.into_iter().map(route).collect();
        {
            let mut all = broker.routes.write();
            for route in &routes {
                all.add(route);
            }
        }
        Self { broker, routes: Mutex::new(routes) }
    }

    pub(crate) fn broker(&self) -> &Broker {
        &self.broker
    }

    fn close(&self) -> Vec<Arc<Route>> {
        let routes = std::mem::take(&mut *self.routes.lock());
        let mut all = self.broker.routes.write();
        for route in &routes {
            all.remove(route);
            route.queue.close();
        }
        routes
    }

    /// Ends the subscriptions. The actor gets nothing more when this returns, but for a message that it
    /// takes long to answer.
    pub(crate) async fn end(&self) {
        let routes = self.close();
        let idle = async {
            for route in &routes {
                route.queue.idle().await;
            }
        };
        // An actor that takes longer is left to itself.
        let _ = tokio::time::timeout(PATIENCE, idle).await;
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        // A link whose maker gave up was never ended.
        self.close();
    }
}

impl fmt::Debug for Membership {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.routes.lock().len();
        f.debug_struct("Membership").field("subscriptions", &count).finish_non_exhaustive()
    }
}
