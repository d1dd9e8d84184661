//! The workers of the runtime that may call actors, and a thread that watches over them.
//!
//! A worker that waits for an actor does not look after sockets and clocks. The others do, but those that
//! sleep are not told: whoever fell asleep last does it, and that may have been the one that waits now. The
//! watch wakes one of the others when no call ends for a moment.

use std::{
    fmt, io,
    sync::{
        Arc, OnceLock,
        atomic::{
            AtomicBool, AtomicUsize,
            Ordering::{Relaxed, SeqCst},
        },
    },
    thread,
    time::Duration,
};

use parking_lot::Mutex;
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
};

/// How long a call may take before another worker is woken.
const MOMENT: Duration = Duration::from_millis(1);
/// After how many moments without a call the watch ends.
const QUIET: usize = 100;

/// How many workers may call actors at once, those of all links together: all but one, which is left for
/// connections and clocks.
///
/// A provider that is linked into its host may share the host's `tokio`. There an actor that blocks on a
/// future of its host's would panic on a worker, so none is called by one.
#[derive(Default)]
pub(crate) struct Workers(Arc<Shared>);

#[derive(Default)]
struct Shared {
    places: OnceLock<Arc<Semaphore>>,
    /// How many calls were begun, and how many of them have ended.
    begun: AtomicUsize,
    ended: AtomicUsize,
    /// Whether there is a watch.
    watched: AtomicBool,
    stopped: AtomicBool,
    watch: Mutex<Option<thread::JoinHandle<()>>>,
}

/// Leave for one call, until it is dropped.
pub(crate) struct Place {
    shared: Arc<Shared>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shared.ended.fetch_add(1, SeqCst);
    }
}

impl Workers {
    /// Leave for a call, if a worker can be spared. To be asked for on the runtime.
    pub(crate) fn place(&self) -> Option<Place> {
        let places = self.0.places.get_or_init(|| {
            let workers = Handle::current().metrics().num_workers();
            let spare = if cfg!(feature = "export") { workers.saturating_sub(1) } else { 0 };
            Arc::new(Semaphore::new(spare))
        });
        let permit = Arc::clone(places).try_acquire_owned().ok()?;
        self.0.begun.fetch_add(1, SeqCst);
        let place = Place { shared: Arc::clone(&self.0), _permit: permit };
        // Looked at after `begun`: a watch that ends looks at that afterwards.
        if !self.0.watched.swap(true, SeqCst)
            && let Err(error) = self.0.begin_watch()
        {
            self.0.watched.store(false, SeqCst);
            log::warn!("no worker calls an actor, since none can be watched: {error}");
            return None;
        }
        Some(place)
    }

    /// Ends the watch, which has not to wait for any call.
    pub(crate) async fn stop(&self) {
        self.0.stopped.store(true, SeqCst);
        let watch = self.0.watch.lock().take();
        if let Some(watch) = watch {
            // A panic in it was told, and what it did is not needed any more.
            let _ = spawn_blocking(|| watch.join()).await;
        }
    }
}

impl Clone for Workers {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl fmt::Debug for Workers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workers").finish_non_exhaustive()
    }
}

impl Shared {
    fn begin_watch(self: &Arc<Self>) -> io::Result<()> {
        let (shared, runtime) = (Arc::clone(self), Handle::current());
        let thread = thread::Builder::new().name("http-watch".into());
        *self.watch.lock() = Some(thread.spawn(move || shared.watch(&runtime))?);
        Ok(())
    }

    fn watch(&self, runtime: &Handle) {
        let (mut before, mut woken_for, mut quiet) = (self.ended.load(SeqCst), None, 0);
        while !self.stopped.load(Relaxed) {
            thread::sleep(MOMENT);
            let (begun, ended) = (self.begun.load(SeqCst), self.ended.load(SeqCst));
            let (busy, moved) = (begun != ended, ended != before);
            before = ended;
            // Whoever was woken looks after everything, until a call is begun that may keep it.
            if busy && !moved && woken_for != Some(begun) {
                woken_for = Some(begun);
                drop(runtime.spawn(async {}));
            }
            quiet = if busy || moved { 0 } else { quiet + 1 };
            if quiet < QUIET {
                continue;
            }
            self.watched.store(false, SeqCst);
            if self.begun.load(SeqCst) == begun || self.watched.swap(true, SeqCst) {
                return;
            }
            quiet = 0;
        }
    }
}
