//! `wasmcloud:httpserver`: a server of HTTP/1.1 and HTTP/2 for each link, with or without TLS, whose
//! requests the linked actor answers.
//!
//! Connections and requests are tasks and keep no thread while they wait. A call of the actor does, since
//! the host's dispatcher blocks: each link has threads of its own for that, as many as its calls need at
//! once, so that no actor waits for another one. An actor that answers in no time is called by a worker of
//! the runtime, which costs less.

mod activity;
mod calls;
mod cors;
mod listening;
mod messages;
mod serving;
mod settings;
mod sockets;
mod tls;
mod troubles;
mod workers;

use std::sync::Arc;

use provider_contracts::http_server::HttpServerAsync;
use provider_core::{ProviderEntry, prelude::*};

pub use self::{
    listening::Listening,
    settings::{Address, Allowed, Origin, Settings},
    tls::Pem,
};
use crate::{troubles::Troubles, workers::Workers};

/// Servers for actors.
#[derive(Debug, Default)]
pub struct Server {
    troubles: Arc<Troubles>,
    workers: Workers,
}

impl AsyncProvider for Server {
    type Link = Listening;

    const LINK: LinkSchema = Settings::SCHEMA;

    async fn link(&self, config: &LinkConfig) -> Result<Listening, BoxError> {
        Ok(Listening::begin(config, &self.troubles, self.workers.clone()).await?)
    }

    async fn unlink(&self, _actor: &str, link: &Listening) {
        link.end().await;
    }

    async fn health(&self) -> HealthResponse {
        self.troubles.health()
    }

    async fn stop(&self) {
        self.workers.stop().await;
    }
}

/// Nothing that actors could call: the provider calls them.
#[cfg_attr(feature = "export", capability_provider)]
impl HttpServerAsync for Server {}

/// For hosts that link this provider in.
pub const ENTRY: ProviderEntry = provider_core::provider_entry!(Server: HttpServerAsync);
