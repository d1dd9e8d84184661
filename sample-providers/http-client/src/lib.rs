//! `wasmcloud:httpclient`: requests over HTTP/1.1 and HTTP/2, with or without TLS, through proxies.
//!
//! Each link has a pool of connections of its own, which ends with it. A request in flight is a task
//! and keeps no thread.

mod client;
mod failure;
mod headers;
mod settings;
mod tls;

use provider_contracts::http_client::{HttpClientAsync, Request, Response};
use provider_core::{ProviderEntry, prelude::*};

pub use self::{
    client::Client,
    settings::{ProxyChoice, Settings},
};
use crate::tls::Roots;

/// Sends requests for actors.
#[derive(Debug, Default)]
pub struct Requests {
    /// Whom links without a `ca_file` trust, read when the first of them is made.
    roots: Roots,
}

/// For hosts that link this provider in.
pub const ENTRY: ProviderEntry = provider_core::provider_entry!(Requests: HttpClientAsync);

impl AsyncProvider for Requests {
    type Link = Client;

    const LINK: LinkSchema = Settings::SCHEMA;

    async fn link(&self, config: &LinkConfig) -> Result<Client, BoxError> {
        let settings: Settings = config.read()?;
        Ok(Client::new(settings, &self.roots).await?)
    }
}

#[cfg_attr(feature = "export", capability_provider)]
impl HttpClientAsync for Requests {
    async fn request(&self, cx: Cx<'_, Self>, request: Request) -> OpResult<Response> {
        Ok(cx.link().send(request).await?)
    }
}
