//! A link's connection, which is made again when it is lost.

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;
use provider_core::{Error, ErrorKind, LogScope};
use redis::{Cmd, ServerError, Value, aio::MultiplexedConnection};
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};

use crate::{
    backoff::Backoff,
    server::{Connected, Server},
};

/// A connection that held for so long is made again at once. Others wait, so that a server which ends
/// each connection is not asked for new ones without end.
const HELD: Duration = Duration::from_secs(5);
/// Calls wait for an attempt that begins before this.
const SOON: Duration = Duration::from_millis(500);

/// How a connection is.
#[derive(Clone)]
pub(crate) enum State {
    /// It is there.
    Up(MultiplexedConnection),
    /// It was lost just now, and is being made again.
    Lost,
    /// It was lost and could not be made again yet, because of this.
    Down(Arc<str>),
}

/// A connection of one link. It ends with this value.
pub(crate) struct Connection {
    server: Arc<Server>,
    state: watch::Receiver<State>,
    keeper: Mutex<Option<JoinHandle<()>>>,
}

impl Connection {
    /// Connects, for the first time.
    pub(crate) async fn new(server: Server) -> Result<Self, Error> {
        let connected = server.connect().await.map_err(|error| error.context(&server))?;
        let server = Arc::new(server);
        let (teller, state) = watch::channel(State::Up(connected.connection.clone()));
        let keeper = Keeper { server: Arc::clone(&server), state: teller };
        let scope = LogScope::current();
        let keeper = tokio::spawn(keeper.keep(connected, scope));
        Ok(Self { server, state, keeper: Mutex::new(Some(keeper)) })
    }

    /// How it is, now and later.
    pub(crate) fn state(&self) -> watch::Receiver<State> {
        self.state.clone()
    }

    /// What the server answers to a command: a reply, or why it refuses.
    ///
    /// # Errors
    ///
    /// `Unavailable` when there is no connection, or it ends before the answer is there; `Timeout` when
    /// no answer comes in time.
    pub(crate) async fn ask(&self, command: &Cmd) -> Result<Result<Value, ServerError>, Error> {
        self.server.ask(&self.established().await?, command).await
    }

    /// The connection. While it is being made again, it is waited for; when that has failed, it is not.
    async fn established(&self) -> Result<MultiplexedConnection, Error> {
        let away = |why: &str| {
            Error::new(ErrorKind::Unavailable, format!("the server cannot be reached: {why}"))
        };
        if let State::Up(connection) = &*self.state.borrow() {
            return Ok(connection.clone());
        }
        let mut state = self.state.clone();
        let known = state.wait_for(|state| !matches!(state, State::Lost));
        let known = timeout(self.server.patience(), known).await;
        let Ok(known) = known else { return Err(away("it takes too long")) };
        match known.as_deref() {
            Ok(State::Up(connection)) => Ok(connection.clone()),
            Ok(State::Down(why)) => Err(away(why)),
            Ok(State::Lost) => Err(away("the connection was lost")),
            Err(_) => Err(away("the link was removed")),
        }
    }

    /// Ends it, and returns when it is ended.
    pub(crate) async fn end(&self) {
        let keeper = self.keeper.lock().take();
        if let Some(keeper) = keeper {
            keeper.abort();
            // It ends as it was told to.
            let _ = keeper.await;
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(keeper) = &*self.keeper.lock() {
            keeper.abort();
        }
    }
}

/// Keeps a connection up.
struct Keeper {
    server: Arc<Server>,
    state: watch::Sender<State>,
}

impl Keeper {
    async fn keep(self, mut connected: Connected, scope: LogScope) {
        let mut backoff = Backoff::new();
        loop {
            let since = Instant::now();
            let why = self.lost(&connected).await;
            scope.enter(|| log::warn!("the connection to {} was lost: {why}", self.server));
            // It is dropped before the next one is made: a link has one.
            drop(connected);
            let pause = if since.elapsed() >= HELD {
                backoff = Backoff::new();
                Duration::ZERO
            } else {
                backoff.next()
            };
            let soon = pause < SOON;
            self.state.send_replace(if soon {
                State::Lost
            } else {
                State::Down(why.message().into())
            });
            sleep(pause).await;
            connected = self.again(&mut backoff).await;
            self.state.send_replace(State::Up(connected.connection.clone()));
            scope.enter(|| log::info!("connected to {} again", self.server));
        }
    }

    /// Waits until the connection is lost, and returns why.
    async fn lost(&self, connected: &Connected) -> Error {
        loop {
            if timeout(self.server.ping_interval(), connected.lost.notified()).await.is_ok() {
                return Error::new(ErrorKind::Unavailable, "the server ended it");
            }
            if let Err(why) = self.server.ping(&connected.connection).await {
                return why;
            }
        }
    }

    /// Connects as often as it takes.
    async fn again(&self, backoff: &mut Backoff) -> Connected {
        loop {
            match self.server.connect().await {
                Ok(connected) => return connected,
                Err(why) => self.state.send_replace(State::Down(why.message().into())),
            };
            sleep(backoff.next()).await;
        }
    }
}
