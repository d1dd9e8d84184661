//! `wasmcloud:telnet`: a server for each link, whose sessions the linked actor talks to.
//!
//! A session is a task and keeps no thread while nobody types. What a client sends is taken apart by
//! `protocol` and put together to lines by `lines`; the actor gets the lines of a session one after
//! the other, and the client's next line waits in its socket meanwhile.

mod lines;
mod listening;
mod protocol;
mod session;
mod settings;

use provider_contracts::telnet::{TelnetAsync, TelnetResult};
use provider_core::{ProviderEntry, prelude::*};

pub use self::{listening::Listening, settings::Settings};

/// Servers for actors.
#[derive(Debug, Default)]
pub struct Terminals;

impl AsyncProvider for Terminals {
    type Link = Listening;

    const LINK: LinkSchema = Settings::SCHEMA;

    async fn link(&self, config: &LinkConfig) -> Result<Listening, BoxError> {
        Ok(Listening::begin(config.read()?, config.actor().clone())?)
    }

    async fn unlink(&self, _actor: &str, link: &Listening) {
        link.end().await;
    }
}

#[cfg_attr(feature = "export", capability_provider)]
impl TelnetAsync for Terminals {
    async fn send_text(
        &self,
        cx: Cx<'_, Self>,
        session: String,
        text: String,
    ) -> OpResult<TelnetResult> {
        Ok(match cx.link().send(&session, text) {
            Ok(()) => TelnetResult::done(),
            Err(reason) => TelnetResult::refused(reason),
        })
    }
}

/// For hosts that link this provider in.
pub const ENTRY: ProviderEntry = provider_core::provider_entry!(Terminals: TelnetAsync);
