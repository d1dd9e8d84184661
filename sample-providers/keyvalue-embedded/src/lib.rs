//! `wasmcloud:keyvalue` in a file.
//!
//! Every change is on the disk before it is acknowledged. Links name their file with `PATH`; all
//! links of one file share one open database, which is closed with the last of them. Keys expire by
//! the wall clock, since they must expire while nobody runs as well.

mod clock;
mod failure;
mod files;
mod format;
mod operations;
mod place;
#[cfg(test)]
mod power_loss;
mod reading;
mod store;
mod writing;

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use provider_contracts::keyvalue::KeyValue;
use provider_core::{ProviderEntry, prelude::*};

use self::files::Files;
pub use self::{
    clock::{Clock, WallClock},
    files::OpenFile,
};

/// What an actor is linked with.
#[derive(Debug, LinkValues)]
pub struct Settings {
    /// The file. Without it, the store lies where programs keep this user's data.
    pub path: Option<PathBuf>,
    /// The namespace that this actor shares with others. Without it, or empty, the actor has its own.
    pub namespace: Option<String>,
    /// The most bytes that a key or a value may have. No file holds more than 3 GiB in one.
    #[value(default = 3221225472)]
    pub max_value_bytes: u64,
}

/// For hosts that link this provider in.
pub const ENTRY: ProviderEntry = provider_core::provider_entry!(EmbeddedKv: KeyValue);

/// How long a bind waits for another process to let go of the file: one that is about to end, as
/// when a host is restarted.
const PATIENCE: Duration = Duration::from_secs(2);

/// A key-value store in files.
pub struct EmbeddedKv {
    files: Arc<Files>,
    clock: Box<dyn Clock>,
}

impl EmbeddedKv {
    /// A store whose keys expire by `clock`, and whose binds wait for `patience` when another process
    /// has the file.
    #[must_use]
    pub fn new(clock: impl Clock, patience: Duration) -> Self {
        Self { files: Arc::new(Files::new(patience)), clock: Box::new(clock) }
    }
}

impl Default for EmbeddedKv {
    fn default() -> Self {
        Self::new(WallClock, PATIENCE)
    }
}

impl fmt::Debug for EmbeddedKv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddedKv").field("files", &self.files).finish_non_exhaustive()
    }
}

/// An actor's namespace in an open file.
#[derive(Debug)]
pub struct Namespace {
    file: OpenFile,
    name: String,
    max_value_bytes: u64,
}

impl Provider for EmbeddedKv {
    type Link = Namespace;

    const LINK: LinkSchema = Settings::SCHEMA;

    fn link(&self, config: &LinkConfig) -> Result<Namespace, BoxError> {
        let settings: Settings = config.read()?;
        let file = match settings.path {
            Some(path) => self.files.open(&place::given(path)?)?,
            None => self.files.open(&place::default()?)?,
        };
        // The first letter keeps the actors' own namespaces apart from those with a name.
        let name = match settings.namespace.as_deref() {
            None | Some("") => format!("@{}", config.actor().id()),
            Some(name) => format!("={name}"),
        };
        Ok(Namespace { file, name, max_value_bytes: settings.max_value_bytes })
    }

    fn health(&self) -> HealthResponse {
        match self.files.troubles() {
            troubles if troubles.is_empty() => HealthResponse::healthy(),
            troubles => HealthResponse::unhealthy(troubles.join("; ")),
        }
    }
}
