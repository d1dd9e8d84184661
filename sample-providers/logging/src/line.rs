//! A record.

use jiff::Timestamp;
use provider_contracts::logging::Level;
use provider_core::{Error, ErrorKind};
use serde::Serialize;

/// What a line of a file says.
#[derive(Debug, Serialize)]
pub(crate) struct Line<'a> {
    time: String,
    level: Level,
    /// Nobody, where the provider itself has something to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) actor: Option<&'a str>,
    pub(crate) target: &'a str,
    pub(crate) text: &'a str,
}

impl<'a> Line<'a> {
    /// A record of an actor that is written now.
    pub(crate) fn new(actor: &'a str, target: &'a str, level: Level, text: &'a str) -> Self {
        Self { time: Timestamp::now().to_string(), level, actor: Some(actor), target, text }
    }

    /// A record of the provider's own.
    pub(crate) fn own(text: &'a str) -> Self {
        let time = Timestamp::now().to_string();
        Self { time, level: Level::Warn, actor: None, target: module_path!(), text }
    }

    pub(crate) fn level(&self) -> Level {
        self.level
    }

    /// One line of JSON with its end.
    pub(crate) fn json(&self) -> Result<Vec<u8>, Error> {
        let mut line = serde_json::to_vec(self)
            .map_err(|error| Error::with_source(ErrorKind::Failed, error))?;
        line.push(b'\n');
        Ok(line)
    }
}
