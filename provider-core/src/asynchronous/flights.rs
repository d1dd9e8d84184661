//! The calls that are in flight: those that were started, and those that a thread waits for.

use std::{
    collections::HashMap,
    panic::resume_unwind,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};

use foldhash::fast::RandomState;
use parking_lot::{Condvar, Mutex};
use tokio::{
    runtime::Handle,
    task::{self, AbortHandle},
};

use crate::{
    error::{Error, ErrorKind},
    logs::LogScope,
};

/// The calls in flight of one provider.
#[derive(Default)]
pub(super) struct Flights {
    table: Mutex<Table>,
    landed: Condvar,
}

#[derive(Default)]
struct Table {
    /// Nothing takes off any more.
    closed: bool,
    next: u64,
    /// By the caller's number. A number may come again before its last owner is quite gone.
    started: HashMap<u64, Started, RandomState>,
    /// How many were started and have not landed.
    in_flight: usize,
    /// The threads that wait for a call.
    waiting: HashMap<u64, Arc<Waiter>, RandomState>,
}

struct Started {
    sequence: u64,
    /// It ends by itself, and soon.
    firm: bool,
    given_up: bool,
    task: Option<AbortHandle>,
}

impl Flights {
    /// Enters a call that is about to be started. Returns what [`land`](Self::land) wants.
    ///
    /// # Errors
    ///
    /// `Stopping`.
    pub(super) fn enter(&self, number: u64, firm: bool) -> Result<u64, Error> {
        let mut table = self.table.lock();
        let sequence = table.next()?;
        table.in_flight += 1;
        let started = Started { sequence, firm, given_up: false, task: None };
        table.started.insert(number, started);
        Ok(sequence)
    }

    /// The call has become `task`.
    pub(super) fn started(&self, number: u64, sequence: u64, task: AbortHandle) {
        let mut table = self.table.lock();
        if let Some(started) = table.started.get_mut(&number)
            && started.sequence == sequence
        {
            if !started.given_up {
                started.task = Some(task);
                return;
            }
            drop(table);
            task.abort();
        }
    }

    /// The call was completed.
    pub(super) fn land(&self, number: u64, sequence: u64) {
        let mut table = self.table.lock();
        if table.started.get(&number).is_some_and(|started| started.sequence == sequence) {
            table.started.remove(&number);
        }
        table.in_flight -= 1;
        self.landed.notify_all();
    }

    /// The caller of a started call gave up.
    pub(super) fn cancel(&self, number: u64) {
        let task = self.table.lock().started.get_mut(&number).and_then(Started::give_up);
        if let Some(task) = task {
            task.abort();
        }
    }

    /// Whether nothing takes off any more.
    pub(super) fn is_closed(&self) -> bool {
        self.table.lock().closed
    }

    /// Lets nothing take off any more and ends what is in flight, but for firm calls.
    pub(super) fn close(&self) {
        let mut table = self.table.lock();
        table.closed = true;
        let tasks: Vec<_> = table.started.values_mut().filter_map(Started::give_up).collect();
        table.waiting.values().for_each(|waiter| waiter.interrupt());
        drop(table);
        tasks.iter().for_each(AbortHandle::abort);
    }

    /// Waits until nothing is in flight, but for calls that this very thread is in.
    pub(super) fn settle(&self) {
        let this = thread::current().id();
        let mut table = self.table.lock();
        while table.in_flight > 0 || table.waiting.values().any(|waiter| waiter.thread.id() != this)
        {
            self.landed.wait(&mut table);
        }
    }

    /// Runs `future` on this thread, in the context of `runtime`.
    ///
    /// # Errors
    ///
    /// `Stopping` when the table is or was closed meanwhile, unless the call is firm.
    pub(super) fn wait<F: Future>(
        &self,
        runtime: &Handle,
        firm: bool,
        future: F,
    ) -> Result<F::Output, Error> {
        let waiter = Arc::new(Waiter::new(firm));
        let mut table = self.table.lock();
        let sequence = table.next()?;
        table.waiting.insert(sequence, Arc::clone(&waiter));
        drop(table);
        let _waiting = Waiting { flights: self, sequence };
        let outcome = run(runtime, &waiter, future);
        outcome.ok_or_else(|| Error::new(ErrorKind::Stopping, "the provider was stopped"))
    }
}

impl Table {
    fn next(&mut self) -> Result<u64, Error> {
        if self.closed {
            return Err(Error::new(ErrorKind::Stopping, "the provider was stopped"));
        }
        self.next += 1;
        Ok(self.next)
    }
}

impl Started {
    fn give_up(&mut self) -> Option<AbortHandle> {
        self.given_up = !self.firm;
        self.task.clone().filter(|_| self.given_up)
    }
}

/// A call that a thread waits for is in the table until this is dropped.
struct Waiting<'a> {
    flights: &'a Flights,
    sequence: u64,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.flights.table.lock().waiting.remove(&self.sequence);
        self.flights.landed.notify_all();
    }
}

/// A thread that waits for a call.
pub(super) struct Waiter {
    thread: Thread,
    firm: bool,
    woken: AtomicBool,
    interrupted: AtomicBool,
}

impl Waiter {
    pub(super) fn new(firm: bool) -> Self {
        let thread = thread::current();
        Self { thread, firm, woken: AtomicBool::new(false), interrupted: AtomicBool::new(false) }
    }

    fn interrupt(&self) {
        if !self.firm {
            self.interrupted.store(true, Ordering::Release);
            self.awaken();
        }
    }

    fn awaken(&self) {
        self.woken.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

impl Wake for Waiter {
    fn wake(self: Arc<Self>) {
        self.awaken();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.awaken();
    }
}

/// Calls `act` on a thread that may wait: this one, unless it works for another runtime, of a host that
/// has this provider linked in. What a future leaves for such a runtime to do next (`yield_now`) would not
/// be done as long as its thread waits here.
pub(super) fn where_waiting_is_allowed<T: Send>(
    runtime: &Handle,
    act: impl FnOnce() -> T + Send,
) -> T {
    if Handle::try_current().is_ok_and(|current| current.id() != runtime.id()) {
        let scope = LogScope::current();
        let outcome = thread::scope(|threads| threads.spawn(|| scope.enter(act)).join());
        return outcome.unwrap_or_else(|panic| resume_unwind(panic));
    }
    act()
}

/// Runs `future` on this thread until it ends, or nothing when the waiter was interrupted before.
pub(super) fn run<F: Future>(
    runtime: &Handle,
    waiter: &Arc<Waiter>,
    future: F,
) -> Option<F::Output> {
    let _context = runtime.enter();
    let mut future = pin!(task::unconstrained(future));
    let waker = Waker::from(Arc::clone(waiter));
    loop {
        if waiter.interrupted.load(Ordering::Acquire) {
            return None;
        }
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Some(output);
        }
        while !waiter.woken.swap(false, Ordering::AcqRel) {
            thread::park();
        }
    }
}
