//! `wasmcloud:graphdb` in the process: Cypher, in memory or in files.
//!
//! A link without `PATH` has graphs of its own in memory, which are gone with it. A link with `PATH` has
//! them in that folder, a file each; all links of one folder share its graphs. The engine is graphdblite,
//! on `SQLite`.

mod failure;
mod folder;
mod graph;
mod operations;
mod query;
mod root;
mod slots;
mod values;

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use provider_contracts::graphdb::{GraphDb, Limits};
use provider_core::{ProviderEntry, prelude::*, provider_entry};

use self::{
    root::{Root, Roots},
    slots::Slots,
};

/// For hosts and tests that link this provider in.
pub const ENTRY: ProviderEntry = provider_entry!(EmbeddedGraphDb: GraphDb);

/// How long a bind waits for another process to let go of a folder, as when a host is restarted.
const PATIENCE: Duration = Duration::from_secs(2);

/// The values of a link.
#[derive(Debug, LinkValues)]
struct Settings {
    /// The folder of the graphs. Its parent must be there. Without it, the link's graphs are in memory.
    path: Option<PathBuf>,
    /// How long a query may take, and wait for its turn.
    #[value(default = "10s")]
    timeout: Duration,
    /// How many rows a reply may have.
    #[value(default = 10_000, range = 1..=1_000_000)]
    max_rows: u32,
    /// How large a reply may be, in bytes.
    #[value(default = 4_194_304, range = 1024..=1_073_741_824)]
    max_reply_bytes: u32,
    /// How many queries of the link run at the same time. Further ones wait.
    #[value(default = 4, range = 1..=64)]
    concurrency: u8,
}

/// A graph database in the process.
#[derive(Debug)]
pub struct EmbeddedGraphDb {
    roots: Arc<Roots>,
}

impl Default for EmbeddedGraphDb {
    fn default() -> Self {
        Self { roots: Arc::new(Roots::new(PATIENCE)) }
    }
}

/// What is kept for a linked actor.
pub struct Link {
    root: Arc<Root>,
    slots: Arc<Slots>,
    timeout: Duration,
    limits: Limits,
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("root", &self.root).finish_non_exhaustive()
    }
}

impl Provider for EmbeddedGraphDb {
    type Link = Link;

    const LINK: LinkSchema = Settings::SCHEMA;

    fn link(&self, config: &LinkConfig) -> Result<Link, BoxError> {
        let settings: Settings = config.read()?;
        let root = match &settings.path {
            None => Arc::new(Root::in_memory()),
            Some(path) => self.roots.open(path)?,
        };
        let size = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        Ok(Link {
            root,
            slots: Arc::new(Slots::new(settings.concurrency.into())),
            timeout: settings.timeout,
            limits: Limits { rows: size(settings.max_rows), bytes: size(settings.max_reply_bytes) },
        })
    }

    fn health(&self) -> HealthResponse {
        match self.roots.trouble() {
            None => HealthResponse::healthy(),
            Some(trouble) => HealthResponse::unhealthy(trouble),
        }
    }
}
