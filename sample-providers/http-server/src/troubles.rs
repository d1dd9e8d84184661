//! What keeps the provider from being healthy.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
};

use parking_lot::Mutex;
use provider_core::HealthResponse;

/// What is wrong with which address, as long as it is.
#[derive(Debug, Default)]
pub(crate) struct Troubles {
    any: AtomicBool,
    of: Mutex<BTreeMap<SocketAddr, String>>,
}

impl Troubles {
    /// Nobody can connect to an address.
    pub(crate) fn has(&self, address: SocketAddr, what: String) {
        let mut of = self.of.lock();
        of.insert(address, what);
        self.any.store(true, Relaxed);
    }

    /// Somebody can.
    pub(crate) fn over(&self, address: SocketAddr) {
        // Every connection comes here.
        if self.any.load(Relaxed) {
            let mut of = self.of.lock();
            of.remove(&address);
            self.any.store(!of.is_empty(), Relaxed);
        }
    }

    pub(crate) fn health(&self) -> HealthResponse {
        match self.of.lock().values().next() {
            Some(first) => HealthResponse::unhealthy(first.as_str()),
            None => HealthResponse::healthy(),
        }
    }
}
