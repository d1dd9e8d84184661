//! `wasmcloud:graphdb` with a `FalkorDB` server.
//!
//! A link names its server with `URL` and has connections of its own there, up to `CONCURRENCY`. The
//! graphs of a server are those of all links that lead to it.

mod backoff;
mod failure;
mod operations;
mod server;
mod values;

use std::{collections::HashMap, sync::Arc, time::Duration};

use parking_lot::Mutex;
use provider_contracts::graphdb::{GraphDbAsync, Limits};
use provider_core::{ProviderEntry, prelude::*, provider_entry};

use self::server::Server;

/// For hosts and tests that link this provider in.
pub const ENTRY: ProviderEntry = provider_entry!(FalkorGraphDb: GraphDbAsync);

/// The values of a link.
#[derive(Debug, LinkValues)]
struct Settings {
    /// Where the server is, such as `falkor://user:password@127.0.0.1:6379`.
    #[value(secret)]
    url: String,
    /// How long a query may take, and wait for its turn.
    #[value(default = "10s")]
    timeout: Duration,
    /// How long the server may take to accept a connection.
    #[value(default = "5s")]
    connect_timeout: Duration,
    /// How many rows a reply may have.
    #[value(default = 10_000, range = 1..=1_000_000)]
    max_rows: u32,
    /// How large a reply may be, in bytes.
    #[value(default = 4_194_304, range = 1024..=1_073_741_824)]
    max_reply_bytes: u32,
    /// How many queries of the link run at the same time, on a connection each. Further ones wait.
    #[value(default = 4, range = 1..=64)]
    concurrency: u8,
}

/// A graph database on a server.
#[derive(Debug, Default)]
pub struct FalkorGraphDb {
    /// For its health: the servers of all links, by actor.
    servers: Mutex<HashMap<String, Arc<Server>>>,
}

/// What is kept for a linked actor.
#[derive(Debug)]
pub struct Link {
    server: Arc<Server>,
    timeout: Duration,
    limits: Limits,
}

impl AsyncProvider for FalkorGraphDb {
    type Link = Link;

    const LINK: LinkSchema = Settings::SCHEMA;

    async fn link(&self, config: &LinkConfig) -> Result<Link, BoxError> {
        let settings: Settings = config.read()?;
        let server =
            Server::connect(&settings.url, settings.connect_timeout, settings.concurrency.into())
                .await?;
        let server = Arc::new(server);
        let actor = config.actor().id().to_owned();
        self.servers.lock().insert(actor, Arc::clone(&server));
        let size = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        Ok(Link {
            server,
            timeout: settings.timeout,
            limits: Limits { rows: size(settings.max_rows), bytes: size(settings.max_reply_bytes) },
        })
    }

    async fn unlink(&self, actor: &str, link: &Link) {
        self.servers.lock().remove(actor);
        link.server.close();
    }

    async fn health(&self) -> HealthResponse {
        let servers: Vec<Arc<Server>> = self.servers.lock().values().cloned().collect();
        let asked: Vec<_> = servers
            .into_iter()
            .map(|server| tokio::spawn(async move { server.ask().await }))
            .collect();
        let mut troubles = Vec::new();
        for answer in asked {
            match answer.await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => troubles.push(error.message().to_owned()),
                Err(error) => troubles.push(error.to_string()),
            }
        }
        troubles.sort();
        troubles.dedup();
        if troubles.is_empty() {
            HealthResponse::healthy()
        } else {
            HealthResponse::unhealthy(troubles.join("; "))
        }
    }
}
