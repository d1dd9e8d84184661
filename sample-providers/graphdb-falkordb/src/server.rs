//! A link's server, and the connections to it.
//!
//! A client of the library is used as one connection: a server answers the commands of a connection
//! one after the other, so that a query must not share one. A client that waits for an answer in vain
//! is dropped, and its connection with it.

use std::{
    fmt, mem,
    num::NonZeroU8,
    time::{Duration, Instant},
};

use falkordb::{
    ConnectionStrategy, FalkorAsyncClient, FalkorClientBuilder, FalkorConnectionInfo, FalkorDBError,
};
use parking_lot::Mutex;
use provider_core::{Error, ErrorKind};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

use crate::{
    backoff::Backoff,
    failure::{failed, is_lost},
};

/// What a URL begins with.
const SCHEMES: [&str; 2] = ["falkor://", "redis://"];
/// How long the server may take to say that it is there.
const ANSWER: Duration = Duration::from_secs(2);
/// When the system begins to look whether the other end of an idle connection is still there.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// A server.
pub(crate) struct Server {
    info: FalkorConnectionInfo,
    /// For people: without user and password.
    address: String,
    connect_timeout: Duration,
    turns: Semaphore,
    idle: Mutex<Vec<FalkorAsyncClient>>,
    /// The one that asks how the server is, which no query keeps busy.
    asks: tokio::sync::Mutex<Option<FalkorAsyncClient>>,
    backoff: Mutex<Backoff>,
}

impl Server {
    /// Connects to a server, which must be a `FalkorDB`.
    pub(crate) async fn connect(
        url: &str,
        connect_timeout: Duration,
        concurrency: usize,
    ) -> Result<Self, Error> {
        // The library takes anything for the name of a server, and repeats it: it may be a password.
        let named = SCHEMES.iter().any(|scheme| url.starts_with(scheme));
        let info = Some(url).filter(|_| named).map(FalkorConnectionInfo::try_from);
        let Some(Ok(info)) = info else {
            return Err(Error::new(
                ErrorKind::BadRequest,
                "link value `URL` is not the URL of a server, such as `falkor://127.0.0.1:6379`",
            ));
        };
        let server = Self {
            address: info.address(),
            info,
            connect_timeout,
            turns: Semaphore::new(concurrency),
            idle: Mutex::default(),
            asks: tokio::sync::Mutex::default(),
            backoff: Mutex::default(),
        };
        server.ask().await?;
        Ok(server)
    }

    /// Asks the server whether it is there.
    pub(crate) async fn ask(&self) -> Result<(), Error> {
        let mut asks = self.asks.lock().await;
        let client = match asks.take() {
            Some(client) => client,
            None => self.new_client().await?,
        };
        match timeout(ANSWER, client.list_graphs()).await {
            Ok(Ok(_)) => {
                *asks = Some(client);
                self.backoff.lock().succeeded();
                Ok(())
            }
            Ok(Err(error)) => {
                if is_lost(&error) {
                    self.idle.lock().clear();
                }
                Err(self.said(failed(&error)))
            }
            Err(_) => Err(self.said(Error::new(ErrorKind::Timeout, "the server does not answer"))),
        }
    }

    /// The right to a connection.
    pub(crate) async fn turn(&self, wait: Duration) -> Result<SemaphorePermit<'_>, Error> {
        match timeout(wait, self.turns.acquire()).await {
            Ok(Ok(turn)) => Ok(turn),
            Ok(Err(_)) => Err(Error::new(ErrorKind::NotLinked, "the link has ended")),
            Err(_) => Err(Error::new(ErrorKind::Timeout, "other queries of the link are running")),
        }
    }

    /// A connection of the caller's own.
    pub(crate) async fn client(&self) -> Result<FalkorAsyncClient, Error> {
        if let Some(client) = self.idle.lock().pop() {
            return Ok(client);
        }
        if let Some(why) = self.backoff.lock().holds(Instant::now()) {
            return Err(Error::new(ErrorKind::Unavailable, why.to_owned()));
        }
        self.new_client().await
    }

    /// Takes a connection back that has answered.
    pub(crate) fn give_back(&self, client: FalkorAsyncClient) {
        if !self.turns.is_closed() {
            self.idle.lock().push(client);
        }
    }

    /// What a connection answered, and whether it is still one.
    pub(crate) fn answered<T>(
        &self,
        client: FalkorAsyncClient,
        answer: Result<T, FalkorDBError>,
    ) -> Result<T, Error> {
        match answer {
            Ok(value) => {
                self.give_back(client);
                Ok(value)
            }
            Err(error) if is_lost(&error) => {
                // Those that wait in line were to the same server.
                drop(mem::take(&mut *self.idle.lock()));
                Err(self.said(failed(&error)))
            }
            Err(error) => {
                self.give_back(client);
                Err(failed(&error))
            }
        }
    }

    /// No more connections are kept.
    pub(crate) fn close(&self) {
        self.turns.close();
        self.idle.lock().clear();
    }

    async fn new_client(&self) -> Result<FalkorAsyncClient, Error> {
        let building = FalkorClientBuilder::new_async()
            .with_connection_info(self.info.clone())
            .with_connection_strategy(ConnectionStrategy::Pooled { size: NonZeroU8::MIN })
            .with_tcp_keepalive(KEEPALIVE)
            .with_connect_timeout(Some(self.connect_timeout))
            .build();
        let answer = match timeout(self.connect_timeout, building).await {
            Ok(Ok(client)) => Ok(client),
            // Whatever it is, there is no connection.
            Ok(Err(error)) => Err(Error::new(ErrorKind::Unavailable, error.to_string())),
            Err(_) => Err(Error::new(ErrorKind::Timeout, "the server does not answer")),
        };
        let answer = answer.map_err(|error| self.said(error));
        match &answer {
            Ok(_) => self.backoff.lock().succeeded(),
            Err(error) => {
                log::warn!("no connection to {}", error.message());
                self.backoff.lock().failed(Instant::now(), error.message());
            }
        }
        answer
    }

    fn said(&self, error: Error) -> Error {
        error.context(format_args!("`{}`", self.address))
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}
