//! An actor's link: its connection, which is replaced when it is lost, and its subscriptions.

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use async_nats::{ServerAddr, StatusCode};
use parking_lot::{Mutex, RwLock};
use provider_contracts::messaging::{BrokerMessage, Subscription};
use provider_core::{Error, ErrorKind, HealthResponse, LinkConfig, LogScope};
use tokio::{
    task::{self, AbortHandle},
    time::{sleep, timeout},
};

use crate::{
    connection::{Connection, PATIENCE, Purpose},
    pump::Pump,
    settings::{Servers, Settings},
};

/// How long it takes at first to try again, and at most.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));
/// How long `RemoveActor` waits for the actor and the connection.
const END: Duration = Duration::from_secs(2);
/// How long what the server said against a subscription may take from the socket to where it is looked for.
const HEARSAY: Duration = Duration::from_millis(10);

/// What is wrong with which actor's connection.
#[derive(Debug, Default)]
pub(crate) struct Troubles(Mutex<BTreeMap<String, String>>);

impl Troubles {
    pub(crate) fn health(&self) -> HealthResponse {
        match self.0.lock().values().next() {
            Some(trouble) => HealthResponse::unhealthy(trouble.as_str()),
            None => HealthResponse::healthy(),
        }
    }
}

/// What is kept for a linked actor.
pub struct Link {
    shared: Arc<Shared>,
    supervisor: AbortHandle,
}

struct Shared {
    actor: String,
    servers: Vec<ServerAddr>,
    group: Option<String>,
    purpose: Arc<Purpose>,
    pumps: Vec<(Subscription, Pump)>,
    current: RwLock<Current>,
    troubles: Arc<Troubles>,
}

/// The connection, or why there is none.
#[derive(Clone)]
enum Current {
    Open(Arc<Connection>),
    Lost(String),
}

impl Link {
    /// Connects and subscribes.
    ///
    /// # Errors
    ///
    /// *Bad request* for values that cannot be used, credentials and subscriptions that are refused
    /// included; *unavailable* or *timeout* when no server answers.
    pub(crate) async fn begin(
        config: &LinkConfig,
        settings: Settings,
        troubles: &Arc<Troubles>,
    ) -> Result<Self, Error> {
        let login = settings.login()?;
        let Settings { url: Servers(servers), subscription, queuegroup_name, .. } = settings;
        let max_pending = usize::try_from(settings.max_pending).unwrap_or(usize::MAX);
        let scope = LogScope::current();
        let actor = config.actor();
        let pump = |subscription| (subscription, Pump::new(actor.clone()));
        let shared = Arc::new(Shared {
            actor: actor.id().to_owned(),
            servers,
            group: queuegroup_name.name().map(str::to_owned),
            purpose: Arc::new(Purpose { login, max_pending, scope }),
            pumps: subscription.into_iter().map(pump).collect(),
            current: RwLock::new(Current::Lost("there is no connection yet".to_owned())),
            troubles: Arc::clone(troubles),
        });
        shared.connect().await?;
        let supervisor = task::spawn(Arc::clone(&shared).stay()).abort_handle();
        Ok(Self { shared, supervisor })
    }

    /// Ends it. When this returns the actor gets nothing more and the server has no connection of it, but
    /// for an actor that does not answer and a server that is not there.
    pub(crate) async fn end(&self) {
        self.supervisor.abort();
        let shared = &self.shared;
        shared.pumps.iter().for_each(|(_, pump)| pump.end());
        let unsubscribed = async {
            for (_, pump) in &shared.pumps {
                pump.unsubscribed().await;
            }
            // From then on the server gives the messages of a queue group to its other members.
            if let Ok(connection) = self.connection() {
                let _ = connection.taken().await;
            }
        };
        // A server that takes longer is not there.
        let _ = timeout(END, unsubscribed).await;
        let idle = async {
            for (_, pump) in &shared.pumps {
                pump.idle().await;
            }
        };
        // An actor that takes longer is left to itself.
        let _ = timeout(END, idle).await;
        let ended = Current::Lost("the link was removed".to_owned());
        let before = std::mem::replace(&mut *shared.current.write(), ended);
        if let Current::Open(connection) = before {
            let remains = connection.remains.clone();
            drop(connection);
            let _ = timeout(END, remains.gone()).await;
        }
        shared.troubles.0.lock().remove(&shared.actor);
    }

    fn connection(&self) -> Result<Arc<Connection>, Error> {
        match &*self.shared.current.read() {
            Current::Open(connection) => Ok(Arc::clone(connection)),
            Current::Lost(why) => Err(Error::new(ErrorKind::Unavailable, why.clone())),
        }
    }

    /// Publishes a message. The server has it when this returns.
    ///
    /// # Errors
    ///
    /// As the contract has them, and *denied* where the server says so.
    pub(crate) async fn publish(
        &self,
        subject: String,
        reply_to: String,
        body: Vec<u8>,
    ) -> Result<(), Error> {
        let connection = self.connection()?;
        connection.send(subject.clone(), reply_to, body).await?;
        connection.taken().await?;
        connection.denies(&subject)
    }

    /// Publishes a message and waits for the first answer.
    ///
    /// # Errors
    ///
    /// As the contract has them.
    pub(crate) async fn request(
        &self,
        subject: String,
        body: Vec<u8>,
        limit: Duration,
    ) -> Result<BrokerMessage, Error> {
        let connection = self.connection()?;
        let late = |what: &str| Error::new(ErrorKind::Timeout, format!("{subject:?}: {what}"));
        let answer = timeout(limit, connection.ask(subject.clone(), body)).await;
        let answer = answer.map_err(|_| late("nobody answered in time"))??;
        if answer.status == Some(StatusCode::NO_RESPONDERS) {
            return Err(late("nobody is subscribed"));
        }
        Ok(BrokerMessage {
            subject: answer.subject.into_string(),
            reply_to: answer.reply.map(async_nats::Subject::into_string).unwrap_or_default(),
            body: answer.payload.into(),
        })
    }
}

impl Shared {
    /// Connects to the first server that takes the link, and subscribes.
    ///
    /// # Errors
    ///
    /// That of the last server.
    async fn connect(&self) -> Result<(), Error> {
        let mut failure = Error::new(ErrorKind::BadRequest, "link value `URL` names no server");
        for server in &self.servers {
            match self.open(server).await {
                Ok(()) => return Ok(()),
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    async fn open(&self, server: &ServerAddr) -> Result<(), Error> {
        let connection = Connection::open(server, &self.purpose).await?;
        let mut subscribers = Vec::new();
        for (subscription, _) in &self.pumps {
            let (client, subject) = (&connection.client, subscription.as_str().to_owned());
            let subscriber = match &self.group {
                Some(group) => client.queue_subscribe(subject, group.clone()).await,
                None => client.subscribe(subject).await,
            };
            let failed = |error| Error::with_source(ErrorKind::Unavailable, error);
            subscribers.push(subscriber.map_err(failed)?);
        }
        // The server has the subscriptions, or has said why not.
        connection.taken().await?;
        if !subscribers.is_empty() {
            sleep(HEARSAY).await;
        }
        if let Some(refused) = connection.refused() {
            return Err(refused);
        }
        for ((_, pump), subscriber) in self.pumps.iter().zip(subscribers) {
            pump.go_on_with(subscriber);
        }
        *self.current.write() = Current::Open(Arc::new(connection));
        Ok(())
    }

    /// Replaces a connection that is lost, for ever.
    async fn stay(self: Arc<Self>) {
        loop {
            let connection = match &*self.current.read() {
                Current::Open(connection) => Arc::clone(connection),
                Current::Lost(_) => return,
            };
            connection.lost().await;
            let remains = connection.remains.clone();
            drop(connection);
            self.lost("the connection to the server was lost".to_owned());
            // The next one does not begin before it is closed: the server would have two.
            let _ = timeout(PATIENCE, remains.gone()).await;
            self.connect_again().await;
            self.troubles.0.lock().remove(&self.actor);
            self.purpose.scope.enter(|| log::info!("connected again"));
        }
    }

    fn lost(&self, why: String) {
        self.purpose.scope.enter(|| log::warn!("{why}"));
        self.troubles.0.lock().insert(self.actor.clone(), why.clone());
        *self.current.write() = Current::Lost(why);
    }

    async fn connect_again(&self) {
        let (mut pause, most) = BACK_OFF;
        loop {
            match self.connect().await {
                Ok(()) => return,
                Err(error) => self.lost(error.message().to_owned()),
            }
            // Not all at the same moment, where many lost the same server.
            sleep(pause.mul_f64(0.5 + fastrand::f64() / 2.0)).await;
            pause = (pause * 2).min(most);
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.supervisor.abort();
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("actor", &self.shared.actor).finish_non_exhaustive()
    }
}
