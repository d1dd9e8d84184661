//! One connection to one server. A lost one is not mended but replaced: what is under way on it ends with an
//! error, and nothing that was published is sent again by another.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use async_nats::{
    AuthError, Client, ConnectErrorKind, ConnectOptions, Event, Message, ServerAddr, ServerError,
};
use parking_lot::Mutex;
use provider_core::{Error, ErrorKind, LogScope};
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinSet,
    time::timeout,
};

use crate::{
    answers::Answers,
    login::{self, Login},
    settings::place,
};

/// How long a server may take for anything that it must do at once.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);
/// How often a server that says nothing is asked whether it is there. After two questions without an
/// answer the connection is lost.
const PING: Duration = Duration::from_secs(2);
/// How many acknowledgements one question to the server can serve.
const AT_ONCE: usize = 1024;

/// What a connection is for.
#[derive(Debug)]
pub(crate) struct Purpose {
    pub(crate) login: Option<Login>,
    pub(crate) max_pending: usize,
    pub(crate) scope: LogScope,
}

/// A connection to a server.
pub(crate) struct Connection {
    pub(crate) client: Client,
    server: String,
    pub(crate) remains: Remains,
    answers: Arc<Answers>,
    acknowledge: mpsc::Sender<oneshot::Sender<()>>,
    heard: Arc<Heard>,
    /// End with this.
    _tasks: JoinSet<()>,
}

/// What the server said beside messages.
#[derive(Debug, Default)]
struct Heard {
    /// Whether the connection is lost; closed when nothing of it is left.
    lost: watch::Sender<bool>,
    /// Subjects that one may not publish to.
    denied: Mutex<HashSet<String>>,
    /// Why a subscription could not be made.
    refused: Mutex<Option<String>>,
    slow: AtomicU64,
}

impl Heard {
    fn hear(&self, event: &Event, server: &str) {
        match event {
            Event::Disconnected | Event::Closed => {
                self.lost.send_replace(true);
            }
            Event::SlowConsumer(_) => {
                let lost = self.slow.fetch_add(1, Ordering::Relaxed) + 1;
                if lost.is_power_of_two() {
                    log::warn!(server, lost; "the actor is too slow: messages are lost");
                }
            }
            Event::ServerError(ServerError::Other(text)) => {
                log::warn!(server; "the server says: {text}");
                let quoted = text.split('"').nth(1).unwrap_or_default();
                if text.to_ascii_lowercase().contains("for publish to") {
                    self.denied.lock().insert(quoted.to_owned());
                } else if text.to_ascii_lowercase().contains("for subscription to") {
                    *self.refused.lock() = Some(text.clone());
                }
            }
            _ => {}
        }
    }
}

/// Tells when nothing of a connection is left.
#[derive(Clone)]
pub(crate) struct Remains(watch::Receiver<()>);

impl Remains {
    /// Waits until the connection is closed.
    pub(crate) async fn gone(mut self) {
        // Nothing is ever sent: it ends when the sender is dropped.
        while self.0.changed().await.is_ok() {}
    }
}

fn unavailable(server: &str, what: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Unavailable, format!("server {server}: {what}"))
}

impl Connection {
    /// Connects, and asks the server whether it is there.
    ///
    /// # Errors
    ///
    /// *Bad request* when the server refuses the credentials, *unavailable* when it cannot be reached.
    pub(crate) async fn open(server: &ServerAddr, purpose: &Arc<Purpose>) -> Result<Self, Error> {
        let name = place(server);
        let heard = Arc::new(Heard::default());
        let (remains, gone) = watch::channel(());
        let options = options(server, purpose, Arc::clone(&heard), remains);
        let client = options.connect(server.clone()).await.map_err(|error| match error.kind() {
            ConnectErrorKind::AuthorizationViolation | ConnectErrorKind::Authentication => {
                let text = format!("server {name} refuses the credentials: {error}");
                Error::new(ErrorKind::BadRequest, text)
            }
            _ => unavailable(&name, error),
        })?;
        let answers = Arc::new(Answers::new(&client.new_inbox()));
        let subscriber = client.subscribe(answers.subscription()).await;
        let subscriber = subscriber.map_err(|error| unavailable(&name, error))?;
        let (acknowledge, requests) = mpsc::channel(AT_ONCE);
        let mut tasks = JoinSet::new();
        let handing = Arc::clone(&answers);
        tasks.spawn(async move { handing.hand_over(subscriber).await });
        let asking = (client.clone(), Arc::clone(&answers), Arc::clone(&heard));
        tasks.spawn(async move { acknowledge_all(asking.0, asking.1, asking.2, requests).await });
        let remains = Remains(gone);
        Ok(Self { client, server: name, remains, answers, acknowledge, heard, _tasks: tasks })
    }

    /// Waits until the connection is lost.
    pub(crate) async fn lost(&self) {
        // The sender is here, so it is not closed.
        let _ = self.heard.lost.subscribe().wait_for(|lost| *lost).await;
    }

    /// Returns when the server has everything that was sent before.
    ///
    /// # Errors
    ///
    /// *Timeout* when the server does not answer, *unavailable* when the connection is lost.
    pub(crate) async fn taken(&self) -> Result<(), Error> {
        let (done, taken) = oneshot::channel();
        let lost = || unavailable(&self.server, "the connection was lost");
        let asked = async {
            self.acknowledge.send(done).await.map_err(|_| lost())?;
            taken.await.map_err(|_| lost())
        };
        timeout(PATIENCE, asked).await.map_err(|_| self.late("does not answer"))?
    }

    fn late(&self, what: &str) -> Error {
        Error::new(ErrorKind::Timeout, format!("server {} {what}", self.server))
    }

    /// What the server said against a subscription.
    pub(crate) fn refused(&self) -> Option<Error> {
        let text = self.heard.refused.lock().clone()?;
        Some(Error::new(ErrorKind::BadRequest, format!("server {}: {text}", self.server)))
    }

    /// Publishes a message; whether the server has it is not known yet.
    ///
    /// # Errors
    ///
    /// *Bad request* for a body that is too large.
    pub(crate) async fn send(
        &self,
        subject: String,
        reply_to: String,
        body: Vec<u8>,
    ) -> Result<(), Error> {
        let max = self.client.max_payload();
        if body.len() > max {
            let text = format!("the body has {} bytes, and the server takes {max}", body.len());
            return Err(Error::new(ErrorKind::BadRequest, text));
        }
        let sent = async {
            if reply_to.is_empty() {
                self.client.publish(subject, body.into()).await
            } else {
                self.client.publish_with_reply(subject, reply_to, body.into()).await
            }
        };
        let sent = timeout(PATIENCE, sent).await.map_err(|_| self.late("takes nothing"))?;
        sent.map_err(|error| unavailable(&self.server, error))
    }

    /// Whether the server said that one may not publish to `subject`.
    pub(crate) fn denies(&self, subject: &str) -> Result<(), Error> {
        if self.heard.denied.lock().contains(subject) {
            let text = format!("server {} forbids to publish to {subject:?}", self.server);
            return Err(Error::new(ErrorKind::Denied, text));
        }
        Ok(())
    }

    /// Publishes a message and waits for its answer, or for the server to say that nobody is subscribed.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send); *unavailable* when the connection is lost meanwhile.
    pub(crate) async fn ask(&self, subject: String, body: Vec<u8>) -> Result<Message, Error> {
        let (place, answer) = self.answers.open();
        self.send(subject, place.subject.clone(), body).await?;
        answer.await.map_err(|_| unavailable(&self.server, "the connection was lost"))
    }
}

fn options(
    server: &ServerAddr,
    purpose: &Arc<Purpose>,
    heard: Arc<Heard>,
    remains: watch::Sender<()>,
) -> ConnectOptions {
    let (mine, address) = (Arc::clone(purpose), server.clone());
    let connected = Arc::new(AtomicBool::new(false));
    let login = move |nonce: Vec<u8>| {
        let again = connected.swap(true, Ordering::SeqCst);
        let auth = login::auth(mine.login.as_ref(), &address, &nonce);
        async move {
            // A connection is made once: another one has its own subscriptions.
            if again { Err(AuthError::new("the connection was lost")) } else { auth }
        }
    };
    let (purpose, name) = (Arc::clone(purpose), place(server));
    ConnectOptions::with_auth_callback(login)
        .name("wasmcloud:messaging")
        .max_reconnects(1)
        .ignore_discovered_servers()
        .connection_timeout(PATIENCE)
        .ping_interval(PING)
        .subscription_capacity(purpose.max_pending)
        .event_callback(move |event| {
            // There as long as the connection is.
            let _ = &remains;
            purpose.scope.enter(|| heard.hear(&event, &name));
            std::future::ready(())
        })
}

/// Asks the server whether it is there, once for all who want to know at the time: it answers in order, so it
/// has all that was sent before.
async fn acknowledge_all(
    client: Client,
    answers: Arc<Answers>,
    heard: Arc<Heard>,
    mut requests: mpsc::Receiver<oneshot::Sender<()>>,
) {
    let mut waiting = Vec::new();
    while requests.recv_many(&mut waiting, AT_ONCE).await > 0 {
        let (place, answer) = answers.open();
        let asked = async {
            client.publish(place.sign(), Vec::new().into()).await.ok()?;
            answer.await.ok()
        };
        if matches!(timeout(PATIENCE, asked).await, Ok(Some(_))) {
            for done in waiting.drain(..) {
                // Who gave up meanwhile needs no answer.
                let _ = done.send(());
            }
        } else {
            // A server that does not answer counts as lost.
            heard.lost.send_replace(true);
            return;
        }
    }
}
