//! Calls of the actor. The host's way to an actor is a function that returns when the actor has answered,
//! so a call keeps a thread; a request that waits for its turn keeps none.
//!
//! Each link has threads of its own, so no actor waits because another one takes its time. They are started
//! when they are needed and end when they are not. A call that takes no time costs less than to hand it to
//! another thread does: an actor whose calls are like that is called by a worker of the runtime, as long as
//! other workers are left for everything else. Should it take its time one day, that worker is missed until
//! it answers, and its next calls are made by threads.

use std::{
    collections::VecDeque,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::{
        Arc,
        atomic::{
            AtomicBool, AtomicU32, AtomicUsize,
            Ordering::{Relaxed, SeqCst},
        },
    },
    thread,
    time::Duration,
};

use parking_lot::{Condvar, Mutex, MutexGuard};
use provider_contracts::http_server::{Request, Response};
use provider_core::{Actor, Error, ErrorKind};
use tokio::{
    select,
    sync::{oneshot, watch},
    time::{Instant, sleep_until, timeout},
};

use crate::workers::{Place, Workers};

/// How long a thread waits for the next call before it ends.
const IDLE: Duration = Duration::from_secs(10);
/// Calls that take less are quick, in microseconds.
const QUICK: u32 = 100;
/// What an actor that was not called yet is taken for: it is quick after a dozen quick calls.
const UNKNOWN: u32 = 400;
/// How long a call waits for a thread that is busy with quick ones.
const PATIENCE: Duration = Duration::from_millis(1);
/// The operation.
const HANDLE_REQUEST: &str = "HandleRequest";

/// The actor of one link, called by at most so many threads at once.
pub(crate) struct Calls {
    shared: Arc<Shared>,
    /// Changes when a thread ends.
    ended: watch::Receiver<()>,
}

struct Shared {
    actor: Actor,
    most: usize,
    state: Mutex<State>,
    called: Condvar,
    /// How long calls take lately, in microseconds.
    usual: AtomicU32,
    /// The workers of the runtime that may make calls, those of other links too.
    workers: Workers,
    /// How many of them make calls of this link.
    by_workers: AtomicUsize,
    closed: AtomicBool,
    ended: watch::Sender<()>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Call>,
    threads: usize,
    /// Threads that wait for a call.
    idle: usize,
    /// How many of these were woken.
    woken: usize,
}

impl State {
    /// How many threads make calls or are about to.
    fn awake(&self) -> usize {
        self.threads - self.idle + self.woken
    }
}

/// A call that waits for a thread.
struct Call {
    request: Request,
    answer: oneshot::Sender<Result<Response, Error>>,
}

impl Calls {
    pub(crate) fn new(actor: Actor, most: usize, workers: Workers) -> Self {
        let (sender, ended) = watch::channel(());
        let (state, called, by_workers, closed) = Default::default();
        let usual = AtomicU32::new(UNKNOWN);
        let shared = Shared {
            actor,
            most,
            state,
            called,
            usual,
            workers,
            by_workers,
            closed,
            ended: sender,
        };
        Self { shared: Arc::new(shared), ended }
    }

    /// What the actor answers within `limit`, nothing when that takes longer. When the future is dropped or
    /// the time is over before the actor was called, it is not called; afterwards it works on, and nobody
    /// hears of its reply.
    ///
    /// # Errors
    ///
    /// The host's or the actor's, and *no memory* when the system gives no thread.
    pub(crate) async fn call(
        &self,
        request: Request,
        limit: Duration,
    ) -> Result<Option<Response>, Error> {
        let (answer, mut answered) = oneshot::channel();
        let call = Call { request, answer };
        match self.shared.worker() {
            // A task of its own, so that this one hears of the time-out.
            Some(worker) => drop(tokio::spawn(async move { worker.shared.make(call) })),
            None => self.shared.enter(call)?,
        }
        let began = Instant::now();
        let mut waited = pin!(sleep_until(began + PATIENCE.min(limit)));
        let reply = select! {
            biased;
            reply = &mut answered => reply,
            () = waited.as_mut() => {
                self.shared.hurry();
                waited.as_mut().reset(began + limit);
                select! {
                    biased;
                    reply = &mut answered => reply,
                    () = waited => return Ok(None),
                }
            }
        };
        match reply {
            Ok(reply) => reply.map(Some),
            Err(_) => Err(Error::new(ErrorKind::Stopping, "the link was removed")),
        }
    }

    /// Lets all threads end, and waits until they have, but not for longer than `limit`. Returns how many
    /// are left: those whose calls have not returned.
    pub(crate) async fn close(&self, limit: Duration) -> usize {
        self.shared.close();
        let mut ended = self.ended.clone();
        let none_left = ended.wait_for(|()| self.shared.left() == 0);
        let waited = timeout(limit, none_left).await;
        if matches!(waited, Ok(Ok(_))) { 0 } else { self.shared.left() }
    }
}

impl Drop for Calls {
    fn drop(&mut self) {
        self.shared.close();
    }
}

/// A worker of the runtime that may make a call.
struct Worker {
    shared: Arc<Shared>,
    _place: Place,
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.shared.by_workers.fetch_sub(1, SeqCst);
        if self.shared.closed.load(SeqCst) {
            self.shared.ended.send_replace(());
        }
    }
}

impl Shared {
    /// A worker for a call that takes no time, if one can be spared.
    fn worker(self: &Arc<Self>) -> Option<Worker> {
        if self.usual.load(Relaxed) >= QUICK {
            return None;
        }
        let place = self.workers.place()?;
        self.by_workers.fetch_add(1, SeqCst);
        let worker = Worker { shared: Arc::clone(self), _place: place };
        // Looked at now: `close` either sees this worker or is seen.
        if self.closed.load(SeqCst) { None } else { Some(worker) }
    }

    /// How many threads and workers have not ended.
    fn left(&self) -> usize {
        self.state.lock().threads + self.by_workers.load(SeqCst)
    }

    fn enter(self: &Arc<Self>, call: Call) -> Result<(), Error> {
        let mut state = self.state.lock();
        if self.closed.load(SeqCst) {
            return Err(Error::new(ErrorKind::Stopping, "the link was removed"));
        }
        state.waiting.push_back(call);
        // To wake a thread costs more than a call that takes no time: as long as calls are like that, one
        // thread makes them all.
        if state.awake() > 0 && self.usual.load(Relaxed) < QUICK {
            return Ok(());
        }
        self.one_more(state)
    }

    /// A call waits for longer than a quick one takes.
    fn hurry(self: &Arc<Self>) {
        let state = self.state.lock();
        if !state.waiting.is_empty() {
            // Those that are there take it in the end.
            let _ = self.one_more(state);
        }
    }

    /// Lets one more thread make calls, if there may be one.
    fn one_more(self: &Arc<Self>, mut state: MutexGuard<'_, State>) -> Result<(), Error> {
        if state.idle > state.woken {
            state.woken += 1;
            drop(state);
            self.called.notify_one();
        } else if state.threads < self.most {
            match self.start() {
                Ok(()) => state.threads += 1,
                Err(_) if state.threads > 0 => {}
                Err(error) => {
                    state.waiting.pop_back();
                    return Err(Error::with_source(ErrorKind::NoMemory, error).context("no thread"));
                }
            }
        }
        Ok(())
    }

    fn start(self: &Arc<Self>) -> io::Result<()> {
        let shared = Arc::clone(self);
        thread::Builder::new().name("http-actor".into()).spawn(move || shared.work()).map(drop)
    }

    /// A thread's life.
    fn work(&self) {
        let mut state = self.state.lock();
        loop {
            if let Some(call) = state.waiting.pop_front() {
                drop(state);
                self.make(call);
                state = self.state.lock();
                continue;
            }
            if self.closed.load(SeqCst) {
                break;
            }
            state.idle += 1;
            let waited = self.called.wait_for(&mut state, IDLE);
            state.idle -= 1;
            if state.woken > 0 {
                state.woken -= 1;
            } else if waited.timed_out() && state.waiting.is_empty() {
                break;
            }
        }
        state.threads -= 1;
        drop(state);
        self.ended.send_replace(());
    }

    fn make(&self, Call { request, answer }: Call) {
        if answer.is_closed() {
            // Nobody waits for it any more.
            return;
        }
        let call = || self.actor.dispatch(HANDLE_REQUEST, &request);
        // A dispatcher that is linked in may panic; the host's is caught at the doorway.
        let began = Instant::now();
        let reply = catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|_| {
            Err(Error::new(ErrorKind::Panic, "the host's dispatcher panicked"))
        });
        // Nobody may want it any more.
        let _ = answer.send(reply);
        let took = u32::try_from(began.elapsed().as_micros()).unwrap_or(u32::MAX);
        // A mean that forgets; two threads that write it at once spoil nothing.
        let usual = self.usual.load(Relaxed);
        self.usual.store(usual - usual / 8 + took / 8, Relaxed);
    }

    fn close(&self) {
        let mut state = self.state.lock();
        self.closed.store(true, SeqCst);
        // Whoever waits for one of these learns that it will not be made.
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        drop(waiting);
        self.called.notify_all();
    }
}
