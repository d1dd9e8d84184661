//! What a provider says with `log`, `tracing` or the extension `cp.log/1` while it is watched.

use std::{
    fmt,
    sync::atomic::{AtomicUsize, Ordering},
    time::Instant,
};

use provider_host::{LogRecord, LogSink};
use serde::{Deserialize, Serialize};

use crate::{payload::shortened, protocol::Record, subject::short_actor, worker::Reporter};

/// How many records of a check are told, at most: a check may make a million calls.
pub(crate) const OF_CHECK: usize = 2000;
/// How much of a record of a check is told, in bytes.
pub(crate) const SHOWN: usize = 500;

/// One record of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LogLine {
    /// When, in milliseconds since the provider's process began.
    pub at_ms: u64,
    /// `error`, `warn`, `info`, `debug` or `trace`.
    pub level: String,
    /// What it is about, as a rule the module.
    pub target: String,
    /// What is said.
    pub message: String,
    /// The actor on whose behalf.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// The operation that was served.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub op: Option<String>,
    /// Keys and values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<(String, String)>,
}

impl fmt::Display for LogLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<5} {}", self.level, self.target)?;
        if let Some(actor) = &self.actor {
            write!(f, " {}", short_actor(actor))?;
        }
        write!(f, ": {}", self.message)?;
        for (key, value) in &self.fields {
            write!(f, " {key}={value}")?;
        }
        Ok(())
    }
}

/// Tells what a provider says.
pub(crate) struct Listener {
    reporter: Reporter,
    began: Instant,
    left: AtomicUsize,
    shown: usize,
}

impl Listener {
    /// Tells all of it.
    pub(crate) fn new(reporter: &Reporter) -> Self {
        Self::with(reporter, usize::MAX, usize::MAX)
    }

    /// Tells as much as a check's report has room for.
    pub(crate) fn of_check(reporter: &Reporter) -> Self {
        Self::with(reporter, OF_CHECK, SHOWN)
    }

    fn with(reporter: &Reporter, most: usize, shown: usize) -> Self {
        let left = AtomicUsize::new(most);
        Self { reporter: reporter.clone(), began: Instant::now(), left, shown }
    }
}

impl LogSink for Listener {
    fn record(&self, record: &LogRecord<'_>) {
        let one_less = |left: usize| left.checked_sub(1);
        if self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_err() {
            return;
        }
        let text = |text: &str| shortened(text, self.shown);
        let line = LogLine {
            at_ms: u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX),
            level: record.level.name().to_owned(),
            target: text(record.target),
            message: text(record.message),
            actor: record.actor.map(text),
            op: record.op.map(text),
            fields: record.fields.iter().map(|(key, value)| (text(key), text(value))).collect(),
        };
        self.reporter.send(&Record::Log { line });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_what_is_known() {
        let mut line = LogLine {
            at_ms: 7,
            level: "warn".into(),
            target: "db".into(),
            message: "slow".into(),
            actor: None,
            op: None,
            fields: Vec::new(),
        };
        assert_eq!(line.to_string(), "warn  db: slow");
        line.actor = Some(crate::lab::actor(0));
        line.fields = vec![("ms".into(), "70".into())];
        assert_eq!(line.to_string(), "warn  db MTESTKITA…: slow ms=70");
    }
}
