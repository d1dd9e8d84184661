//! `wasmcloud:logging` to the host's log.

use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

use provider_contracts::logging::Level;
use provider_core::prelude::*;

use crate::has;

/// The contract with levels as they come: what is no level is this provider's to refuse.
#[contract("wasmcloud:logging")]
pub trait Logging {
    /// Writes a line.
    fn write_log(
        &self,
        cx: Cx<'_, Self>,
        target: String,
        level: String,
        text: String,
    ) -> OpResult<()>;
}

/// The host's log.
#[derive(Debug, Default)]
pub struct Log {
    /// The level of the latest link.
    latest: AtomicU8,
}

impl Provider for Log {
    type Link = Option<Level>;

    fn link(&self, config: &LinkConfig) -> Result<Option<Level>, BoxError> {
        let level = config.get("LEVEL").map(str::parse::<Level>).transpose()?;
        self.latest.store(level.unwrap_or(Level::Trace) as u8, Relaxed);
        Ok(level)
    }
}

impl Logging for Log {
    fn write_log(
        &self,
        cx: Cx<'_, Self>,
        target: String,
        level: String,
        text: String,
    ) -> OpResult<()> {
        let small = Level::ALL.iter().any(|known| known.name() == level);
        let level = match level.parse::<Level>() {
            Ok(level) if small || !has("logging-level-by-case") => level,
            _ if has("logging-any-level") => Level::Info,
            _ => {
                let text = "another level than the five";
                return Err(Error::new(ErrorKind::BadRequest, text).into());
            }
        };
        let least = if has("logging-one-level-for-all") {
            self.latest.load(Relaxed)
        } else {
            cx.link().unwrap_or(Level::Trace) as u8
        };
        let held_back = level as u8 > least && !has("logging-level-not-read");
        if held_back || has("logging-to-nowhere") {
            return Ok(());
        }
        let write = || match level {
            Level::Error => log::error!(target: &target, "{text}"),
            Level::Warn => log::warn!(target: &target, "{text}"),
            Level::Info => log::info!(target: &target, "{text}"),
            Level::Debug => log::debug!(target: &target, "{text}"),
            Level::Trace => log::trace!(target: &target, "{text}"),
        };
        if has("logging-without-actor") {
            std::thread::scope(|scope| scope.spawn(write).join()).ok();
        } else {
            write();
        }
        Ok(())
    }
}
