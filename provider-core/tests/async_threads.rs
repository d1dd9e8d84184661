//! What an asynchronous provider's runtime leaves behind.
#![cfg(feature = "tokio")]

use std::{
    fs,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use provider_core::{
    AsyncAdapter, CapabilityProvider, DirectCalls, NullDispatcher, contract_of, prelude::*,
};

/// The threads of the provider that have done something and have not ended.
static ALIVE: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static SEEN: Alive = Alive::begins();
}

/// Ends with its thread: whoever joins the thread sees it gone.
struct Alive;

impl Alive {
    fn begins() -> Self {
        ALIVE.fetch_add(1, Ordering::SeqCst);
        Self
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        ALIVE.fetch_sub(1, Ordering::SeqCst);
    }
}

fn mark() -> thread::ThreadId {
    SEEN.with(|_| thread::current().id())
}

/// Works elsewhere.
#[contract("test:elsewhere")]
trait Elsewhere {
    /// Runs on a worker, and on a thread that may block.
    fn work(&self, cx: Cx<'_, Self>) -> OpResult<()>;
}

#[derive(Default)]
struct Spawns;

impl AsyncProvider for Spawns {
    type Link = ();

    async fn link(&self, _: &LinkConfig) -> Result<(), BoxError> {
        // One that nobody ends but the runtime.
        tokio::spawn(async {
            mark();
            std::future::pending::<()>().await;
        });
        Ok(())
    }
}

impl ElsewhereAsync for Spawns {
    async fn work(&self, _: Cx<'_, Self>) -> OpResult<()> {
        let worker = tokio::spawn(async { mark() }).await?;
        let blocking = tokio::task::spawn_blocking(mark).await?;
        assert_ne!(worker, blocking);
        Ok(())
    }
}

/// How many descriptors of this process wait for others, as a runtime with sockets has them. Where there
/// is no `/proc` nobody can tell.
fn waiting_for_sockets() -> usize {
    let open = fs::read_dir("/proc/self/fd").into_iter().flatten().flatten();
    let targets = open.filter_map(|entry| fs::read_link(entry.path()).ok());
    targets.filter(|target| target.as_os_str() == "anon_inode:[eventpoll]").count()
}

#[test]
fn no_thread_and_no_descriptor_of_the_runtime_outlives_stop() {
    let before = waiting_for_sockets();
    let provider = AsyncAdapter::new(Spawns, contract_of!(Spawns: ElsewhereAsync));
    CapabilityProvider::configure_dispatch(&provider, Box::new(NullDispatcher)).unwrap();
    let calls = DirectCalls(provider.clone());
    calls.bind("MACTOR", [("", ""); 0]).unwrap();
    ElsewhereClient::new(calls, "MACTOR").work().unwrap();
    assert!(ALIVE.load(Ordering::SeqCst) >= 2, "a worker and a thread that may block");
    assert!(waiting_for_sockets() > before || cfg!(not(target_os = "linux")));
    CapabilityProvider::stop(&provider);
    assert_eq!(ALIVE.load(Ordering::SeqCst), 0);
    // While the provider is still there: a host may keep it for long.
    assert_eq!(waiting_for_sockets(), before);
}
