//! `wasmcloud:keyvalue` on Redis, or a server that speaks its protocol, such as Valkey.
//!
//! Each link has one connection, which all of its calls share and which is made again when it is lost.
//! A change is as durable as the server makes it.

mod backoff;
mod connection;
mod failure;
mod health;
mod namespace;
mod operations;
mod reply;
mod server;

use std::{fmt, path::PathBuf, time::Duration};

use provider_contracts::keyvalue::KeyValueAsync;
use provider_core::{ProviderEntry, prelude::*};
use redis::ConnectionInfo;

use self::{
    connection::Connection,
    health::{Links, Place},
    namespace::Namespace,
    server::Server,
};

/// What an actor is linked with.
#[derive(Debug, LinkValues)]
pub struct Settings {
    /// The server: `redis://[[user]:password@]host[:port][/database]`, `rediss://..` with TLS, or
    /// `unix:///path/to/socket`.
    #[value(expected = "a URL such as `redis://127.0.0.1:6379/0`")]
    pub url: Secret<ConnectionInfo>,
    /// The user to connect as. It takes the place of the one in `URL`.
    pub username: Option<String>,
    /// The user's password, or the server's. It takes the place of the one in `URL`.
    pub password: Option<Secret>,
    /// The number of the database. It takes the place of the one in `URL`.
    pub database: Option<u32>,
    /// A file with the certificates (PEM) that a server with TLS is trusted by, in the place of the
    /// system's.
    pub ca_file: Option<PathBuf>,
    /// The namespace that this actor shares with others. Without it, or empty, the actor has its own.
    pub namespace: Option<String>,
    /// How long connecting may take, signing in included.
    #[value(default = "5s")]
    pub connect_timeout: Duration,
    /// How long the server may take for an answer.
    #[value(default = "5s")]
    pub response_timeout: Duration,
    /// How often the server is asked whether it is there. A connection that ends is noticed at once; one
    /// on which nobody answers only in this way.
    #[value(default = "2s")]
    pub ping_interval: Duration,
    /// The most bytes that a key or a value may have. A server refuses more than 512 MiB as a rule.
    #[value(default = 536870912)]
    pub max_value_bytes: usize,
}

/// For hosts that link this provider in.
pub const ENTRY: ProviderEntry = provider_core::provider_entry!(RedisKv: KeyValueAsync);

/// A key-value store on servers.
#[derive(Default)]
pub struct RedisKv {
    links: Links,
}

impl fmt::Debug for RedisKv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisKv").finish_non_exhaustive()
    }
}

/// An actor's namespace on a server.
pub struct Link {
    connection: Connection,
    namespace: Namespace,
    max_value_bytes: usize,
    _place: Place,
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("namespace", &self.namespace).finish_non_exhaustive()
    }
}

impl AsyncProvider for RedisKv {
    type Link = Link;

    const LINK: LinkSchema = Settings::SCHEMA;

    async fn link(&self, config: &LinkConfig) -> Result<Link, BoxError> {
        let settings: Settings = config.read()?;
        let actor = config.actor().id();
        let namespace = match settings.namespace.as_deref() {
            None | Some("") => Namespace::own(actor),
            Some(name) => Namespace::shared(name),
        };
        let max_value_bytes = settings.max_value_bytes;
        let server = Server::new(settings)?;
        let address = server.to_string();
        let connection = Connection::new(server).await?;
        let place = self.links.enter(actor, address, connection.state());
        Ok(Link { connection, namespace, max_value_bytes, _place: place })
    }

    async fn unlink(&self, _actor: &str, link: &Link) {
        link.connection.end().await;
    }

    async fn health(&self) -> HealthResponse {
        self.links.health()
    }
}
