//! The runtime of one provider.

use std::{
    cell::Cell,
    mem, panic,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use arc_swap::ArcSwapOption;
use parking_lot::Mutex;
use tokio::runtime::{Builder, Handle, Runtime};

use crate::error::{Error, ErrorKind};

/// The most workers. There is one more than processors, so that one that is busy with a call which blocks for
/// a moment leaves enough of them; others are there only while something blocks.
const WORKERS: usize = 4;
/// How long threads that are blocked are waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// The name of all threads; Linux shows fifteen bytes.
const NAME: &str = "provider-async";

static NEXT: AtomicU64 = AtomicU64::new(1);

thread_local! {
    /// The engine that this thread belongs to, zero when to none.
    static ENGINE: Cell<u64> = const { Cell::new(0) };
}

/// A runtime, once it is needed and until it is ended.
pub(super) struct Engine {
    id: u64,
    /// There from when the runtime is made until it is ended: it keeps the drivers' files open.
    handle: ArcSwapOption<Handle>,
    phase: Mutex<Phase>,
}

enum Phase {
    NotYet,
    Runs(Runtime),
    Ended,
}

impl Engine {
    pub(super) fn new() -> Self {
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        Self { id, handle: ArcSwapOption::empty(), phase: Mutex::new(Phase::NotYet) }
    }

    /// The runtime, which is made the first time.
    ///
    /// # Errors
    ///
    /// `Stopping` once it was ended, `NoMemory` when the system gives no threads.
    pub(super) fn handle(&self) -> Result<Arc<Handle>, Error> {
        if let Some(handle) = self.handle.load_full() {
            return Ok(handle);
        }
        let mut phase = self.phase.lock();
        if let Phase::NotYet = *phase {
            *phase = Phase::Runs(self.runtime()?);
        }
        let Phase::Runs(runtime) = &*phase else {
            return Err(Error::new(ErrorKind::Stopping, "the provider was stopped"));
        };
        let handle = Arc::new(runtime.handle().clone());
        self.handle.store(Some(Arc::clone(&handle)));
        Ok(handle)
    }

    fn runtime(&self) -> Result<Runtime, Error> {
        let id = self.id;
        let workers =
            thread::available_parallelism().map_or(2, |count| (count.get() + 1).min(WORKERS));
        Builder::new_multi_thread()
            .worker_threads(workers)
            .thread_name(NAME)
            .on_thread_start(move || ENGINE.set(id))
            .enable_all()
            .build()
            .map_err(|error| {
                let message = format!("the provider's runtime cannot be made: {error}");
                Error::new(ErrorKind::NoMemory, message)
            })
    }

    /// Ends the runtime with all its tasks and threads.
    ///
    /// # Errors
    ///
    /// `Timeout` when a thread has not returned from what blocks it: an actor that never answers, for
    /// example. It ends when it has.
    pub(super) fn end(&self) -> Result<(), Error> {
        let phase = {
            let mut phase = self.phase.lock();
            self.handle.store(None);
            mem::replace(&mut *phase, Phase::Ended)
        };
        let Phase::Runs(runtime) = phase else { return Ok(()) };
        if ENGINE.get() == self.id {
            // A thread cannot wait for itself.
            runtime.shutdown_background();
            return Ok(());
        }
        // This thread may belong to a runtime of its own, on which nobody may wait.
        let (ending, ended) = mpsc::channel::<()>();
        let end = move || {
            let _ending = ending;
            drop(runtime);
        };
        let Ok(thread) = thread::Builder::new().name(NAME.into()).spawn(end) else { return Ok(()) };
        if let Err(mpsc::RecvTimeoutError::Timeout) = ended.recv_timeout(PATIENCE) {
            let message =
                format!("a thread of the provider is blocked, {PATIENCE:?} after its end");
            return Err(Error::new(ErrorKind::Timeout, message));
        }
        thread.join().unwrap_or_else(|panic| panic::resume_unwind(panic));
        Ok(())
    }
}
