//! `wasmcloud:keyvalue` in memory.
//!
//! Each actor has a namespace of its own that ends with its link; the link value `NAMESPACE` names
//! one that actors share, which ends with the last of their links. Keys expire by a clock that never
//! goes back. An operation holds the lock of its namespace and of nothing else, reading ones share
//! it.

mod clock;
mod entries;
mod namespaces;
mod operations;

use std::{fmt, sync::Arc, time::Duration};

use provider_contracts::keyvalue::KeyValue;
use provider_core::{ProviderEntry, prelude::*};

pub use self::{
    clock::{Clock, Monotonic},
    namespaces::Membership,
};
use self::{entries::Entries, namespaces::Namespaces};

/// What an actor is linked with.
#[derive(Debug, LinkValues)]
pub struct Settings {
    /// The namespace that this actor shares with others. Without it, or empty, the actor has its own.
    pub namespace: Option<String>,
}

/// For hosts that link this provider in.
pub const ENTRY: ProviderEntry = provider_core::provider_entry!(MemoryKv: KeyValue);

/// A key-value store in memory.
pub struct MemoryKv {
    namespaces: Arc<Namespaces>,
    clock: Box<dyn Clock>,
}

impl MemoryKv {
    /// A store whose keys expire by `clock`.
    #[must_use]
    pub fn with_clock(clock: impl Clock) -> Self {
        Self { namespaces: Arc::default(), clock: Box::new(clock) }
    }

    /// Runs an operation that changes nothing.
    fn read<R>(&self, cx: Cx<'_, Self>, act: impl FnOnce(&Entries, Duration) -> R) -> R {
        act(&cx.link().namespace().read(), self.clock.now())
    }

    /// Runs an operation that may change something.
    fn write<R>(&self, cx: Cx<'_, Self>, act: impl FnOnce(&mut Entries, Duration) -> R) -> R {
        let mut entries = cx.link().namespace().write();
        // Asked for under the lock: what one change sees as expired, the next one does too.
        let now = self.clock.now();
        entries.sweep(now);
        act(&mut entries, now)
    }
}

impl Default for MemoryKv {
    fn default() -> Self {
        Self::with_clock(Monotonic::default())
    }
}

impl fmt::Debug for MemoryKv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryKv").finish_non_exhaustive()
    }
}

impl Provider for MemoryKv {
    type Link = Membership;

    const LINK: LinkSchema = Settings::SCHEMA;

    fn link(&self, config: &LinkConfig) -> Result<Membership, BoxError> {
        let settings: Settings = config.read()?;
        Ok(match settings.namespace.as_deref() {
            None | Some("") => Membership::alone(),
            Some(name) => self.namespaces.join(name),
        })
    }
}
