//! An asynchronous provider with a thread that never returns.
#![cfg(feature = "tokio")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::{Arc, Condvar, Mutex};

use provider_core::{
    AsyncAdapter, CapabilityProvider, DirectCalls, NullDispatcher, Service, contract_of, prelude::*,
};

/// Works elsewhere.
#[contract("test:elsewhere")]
trait Elsewhere {
    /// Begins something on another thread.
    fn work(&self, cx: Cx<'_, Self>) -> OpResult<()>;
}

/// Begins something that blocks until a gate opens, and leaves it alone.
#[derive(Default)]
struct Blocks(Arc<(Mutex<bool>, Condvar)>);

impl AsyncProvider for Blocks {
    type Link = ();

    async fn link(&self, _: &LinkConfig) -> Result<(), BoxError> {
        Ok(())
    }
}

impl ElsewhereAsync for Blocks {
    async fn work(&self, _: Cx<'_, Self>) -> OpResult<()> {
        let gate = Arc::clone(&self.0);
        drop(tokio::task::spawn_blocking(move || {
            let open = gate.0.lock().unwrap();
            drop(gate.1.wait_while(open, |open| !*open).unwrap());
        }));
        Ok(())
    }
}

#[test]
fn a_thread_that_never_returns_does_not_keep_stop_from_returning() {
    let gate = Arc::default();
    let blocks = Blocks(Arc::clone(&gate));
    let provider = AsyncAdapter::new(blocks, contract_of!(Blocks: ElsewhereAsync));
    let calls = DirectCalls(provider.clone());
    CapabilityProvider::configure_dispatch(&provider, Box::new(NullDispatcher)).unwrap();
    calls.bind("MACTOR", [("", ""); 0]).unwrap();
    ElsewhereClient::new(calls, "MACTOR").work().unwrap();
    let error = Service::stop(&provider).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert_eq!(error.message(), "a thread of the provider is blocked, 5s after its end");
    *gate.0.lock().unwrap() = true;
    gate.1.notify_all();
}
