//! The runtime of one provider.

use std::{
    cell::Cell,
    mem, panic,
    sync::atomic::{AtomicU64, Ordering},
    thread,
};

use once_cell::sync::OnceCell;
use parking_lot::Mutex;
use tokio::runtime::{Builder, Handle, Runtime};

use crate::error::{Error, ErrorKind};

/// The most workers. Others are there only while something blocks.
const WORKERS: usize = 4;
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
    handle: OnceCell<Handle>,
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
        Self { id, handle: OnceCell::new(), phase: Mutex::new(Phase::NotYet) }
    }

    /// The runtime, which is made the first time.
    ///
    /// # Errors
    ///
    /// `Stopping` once it was ended, `NoMemory` when the system gives no threads.
    pub(super) fn handle(&self) -> Result<&Handle, Error> {
        self.handle.get_or_try_init(|| {
            let mut phase = self.phase.lock();
            if let Phase::Ended = *phase {
                return Err(Error::new(ErrorKind::Stopping, "the provider was stopped"));
            }
            let id = self.id;
            let workers =
                thread::available_parallelism().map_or(1, |count| count.get().min(WORKERS));
            let runtime = Builder::new_multi_thread()
                .worker_threads(workers)
                .thread_name(NAME)
                .on_thread_start(move || ENGINE.set(id))
                .enable_all()
                .build()
                .map_err(|error| {
                    let message = format!("the provider's runtime cannot be made: {error}");
                    Error::new(ErrorKind::NoMemory, message)
                })?;
            let handle = runtime.handle().clone();
            *phase = Phase::Runs(runtime);
            Ok(handle)
        })
    }

    /// Ends the runtime with all its tasks and threads.
    pub(super) fn end(&self) {
        let phase = mem::replace(&mut *self.phase.lock(), Phase::Ended);
        let Phase::Runs(runtime) = phase else { return };
        if ENGINE.get() == self.id {
            // A thread cannot wait for itself.
            return runtime.shutdown_background();
        }
        // This thread may belong to a runtime of its own, on which nobody may wait.
        let ended = thread::Builder::new().name(NAME.into()).spawn(move || drop(runtime));
        if let Ok(ended) = ended
            && let Err(panic) = ended.join()
        {
            panic::resume_unwind(panic);
        }
    }
}
