//! The workers of the runtime that may call actors.

use std::sync::{Arc, OnceLock};

use tokio::{runtime::Handle, sync::Semaphore};

/// How many workers may call actors at once, those of all links together: all but one, which is left for
/// connections and clocks.
///
/// A provider that is linked into its host may share the host's `tokio`. There an actor that blocks on a
/// future of its host's would panic on a worker, so none is called by one.
#[derive(Debug, Default)]
pub(crate) struct Workers(OnceLock<Arc<Semaphore>>);

impl Workers {
    /// The places. To be called on the runtime.
    pub(crate) fn places(&self) -> Arc<Semaphore> {
        let places = self.0.get_or_init(|| {
            let workers = Handle::current().metrics().num_workers();
            let spare = if cfg!(feature = "export") { workers.saturating_sub(1) } else { 0 };
            Arc::new(Semaphore::new(spare))
        });
        Arc::clone(places)
    }
}
