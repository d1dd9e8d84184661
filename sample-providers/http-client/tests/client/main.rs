//! What actors get from servers that behave, and from those that do not.
#![expect(clippy::unwrap_used, reason = "in a test, where it fails is the message")]

mod faults;
mod messages;
mod pool;
mod proxies;
mod redirects;
mod server;
mod tls;

use std::sync::Arc;

use provider_contracts::http_client::{HttpClientClient, Request};
use provider_core::{Error, NullDispatcher};
use provider_host::{Library, Running};

pub(crate) type Client = HttpClientClient<Arc<Running>>;

/// The provider, through its real table.
pub(crate) fn provider() -> Arc<Running> {
    let library = Library::linked(&http_client::ENTRY).unwrap();
    Arc::new(library.create().unwrap().configure(NullDispatcher).unwrap())
}

/// Links an actor. No proxy of the machine's own gets in the way.
pub(crate) fn link(
    provider: &Arc<Running>,
    actor: &str,
    values: &[(&str, &str)],
) -> Result<Client, Error> {
    let direct = [("proxy", "none")];
    let given = values.iter().any(|(key, _)| *key == "proxy" || *key == "no_proxy");
    let direct = direct.iter().filter(|_| !given);
    provider.bind(actor, direct.chain(values).copied())?;
    Ok(HttpClientClient::new(Arc::clone(provider), actor))
}

/// A provider with one link.
pub(crate) fn linked(values: &[(&str, &str)]) -> (Arc<Running>, Client) {
    let provider = provider();
    let client = link(&provider, "MACTOR", values).unwrap();
    (provider, client)
}

pub(crate) fn get(url: impl Into<String>) -> Request {
    Request::new("GET", url)
}
