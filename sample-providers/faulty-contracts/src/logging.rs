//! `wasmcloud:logging` to nowhere.

use provider_core::prelude::*;

use crate::has;

/// Takes lines for the host's log.
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

/// A log that nobody reads.
#[derive(Debug, Default)]
pub struct Log;

impl Provider for Log {
    type Link = ();

    fn link(&self, _config: &LinkConfig) -> Result<(), BoxError> {
        Ok(())
    }
}

impl Logging for Log {
    fn write_log(
        &self,
        _cx: Cx<'_, Self>,
        _target: String,
        level: String,
        _text: String,
    ) -> OpResult<()> {
        let small = level.to_ascii_lowercase();
        let level = if has("logging-level-by-case") { &level } else { &small };
        let known = ["error", "warn", "info", "debug", "trace"].contains(&level.as_str());
        if known || has("logging-any-level") {
            Ok(())
        } else {
            Err(Error::new(ErrorKind::BadRequest, "another level than the five").into())
        }
    }
}
