//! `wasmcloud:logging`: what actors write goes to the host's log and, where the link names one, to a
//! file as lines of JSON.
//!
//! A file is written by a thread of its own, one for all links that name it. A call that waits for it
//! is a task and keeps no thread.

mod file;
mod files;
mod host_log;
mod line;
mod settings;
mod writer;

use std::sync::Arc;

use provider_contracts::logging::{Level, LoggingAsync};
use provider_core::{ProviderEntry, abi::log_limit, prelude::*};

pub use self::settings::{Settings, Threshold};
use self::{files::Files, line::Line, writer::Writer};

/// The log of actors.
#[derive(Debug, Default)]
pub struct Log {
    files: Files,
}

/// For hosts that link this provider in.
pub const ENTRY: ProviderEntry = provider_core::provider_entry!(Log: LoggingAsync);

/// What an actor is linked to.
#[derive(Debug)]
pub struct Link {
    threshold: Threshold,
    file: Option<Arc<Writer>>,
}

impl AsyncProvider for Log {
    type Link = Link;

    const LINK: LinkSchema = Settings::SCHEMA;

    async fn link(&self, config: &LinkConfig) -> Result<Link, BoxError> {
        let settings: Settings = config.read()?;
        let threshold = settings.level;
        let file = match settings.rotating_file() {
            Some(rotating) => Some(self.files.open(rotating?).await?),
            None => None,
        };
        Ok(Link { threshold, file })
    }

    async fn unlink(&self, _actor: &str, link: &Link) {
        if let Some(file) = &link.file {
            self.files.close(file).await;
        }
    }

    async fn health(&self) -> HealthResponse {
        self.files.health().await
    }
}

#[cfg_attr(feature = "export", capability_provider)]
impl LoggingAsync for Log {
    async fn write_log(
        &self,
        cx: Cx<'_, Self>,
        target: String,
        level: Level,
        text: String,
    ) -> OpResult<()> {
        if target.len() > log_limit::NAME {
            let text = format!("`target` has {} bytes, at most {}", target.len(), log_limit::NAME);
            return Err(Error::new(ErrorKind::BadRequest, text).into());
        }
        let link = cx.link();
        if !link.threshold.passes(level) {
            return Ok(());
        }
        let record = Line::new(cx.actor(), &target, level, &text);
        host_log::write(&record);
        if let Some(file) = &link.file {
            file.write(record.json()?).await?;
        }
        Ok(())
    }
}
