//! The started calls of one provider: which are in flight, who answers them, and their end.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use parking_lot::{Condvar, Mutex, MutexGuard};
use provider_core::{__private::discard, Error, ErrorKind, abi::status};

use crate::{
    PendingCall,
    answer::{Answer, Outcome, wake},
    completion::Place,
    door::{Asked, Door},
    workers::{Job, Workers},
};

/// How long the end of a provider waits for its started calls, unless the caller says otherwise.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// The next call's number: no two calls of a process have the same.
static NEXT: AtomicU64 = AtomicU64::new(1);

/// What a provider did wrong with calls that it was started with. Nothing of it does harm: the host
/// sees it and goes on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallFaults {
    /// How often a call was completed that was not in flight: completed before, or never taken.
    pub completed_again: u64,
    /// How often something was written into the reply of a call that was not in flight.
    pub written_late: u64,
    /// How many calls were not completed when the provider ended, and were answered by the host.
    pub left_open: u64,
}

/// The started calls of one provider.
#[derive(Debug)]
pub(crate) struct Calls {
    door: Door,
    workers: Workers,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Every call that the provider has, or that waits for a thread.
    flight: HashMap<u64, Arc<Answer>>,
    /// How many threads are in a function of the provider without a call of their own.
    visitors: usize,
    /// The provider is about to be destroyed: nobody goes in any more.
    closed: bool,
    /// It was waited for calls in vain.
    gave_up: bool,
    faults: CallFaults,
}

impl Calls {
    pub(crate) fn new(door: Door) -> Arc<Self> {
        Arc::new(Self {
            door,
            workers: Workers::default(),
            state: Mutex::default(),
            changed: Condvar::new(),
        })
    }

    /// Starts a call. The instance is borrowed: the provider lives.
    pub(crate) fn start(self: &Arc<Self>, asked: &Asked<'_>) -> PendingCall {
        let (number, answer) = self.begin();
        match self.door.extension() {
            Ok(Some(functions)) => {
                let (place, completion) = Place::take(self, number);
                let status = self.door.start(functions, asked, completion, number);
                if status != status::OK {
                    match place.end(number, status) {
                        Some(outcome) => self.finish(number, outcome),
                        // It refused a call that it completed.
                        None => self.completed_again(),
                    }
                }
            }
            Ok(None) => {
                if let Err(error) = self.workers.submit(self, Job::new(number, asked)) {
                    let message = format!("no thread can be made for the call: {error}");
                    self.finish(number, Err(Error::new(ErrorKind::Unavailable, message)));
                }
            }
            Err(problem) => self.finish(number, Err(Error::new(ErrorKind::AbiMismatch, problem))),
        }
        PendingCall::new(answer, Arc::clone(self), number)
    }

    /// A call that is in flight from now on: its number, and where its answer will be.
    pub(crate) fn begin(&self) -> (u64, Arc<Answer>) {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let answer = Arc::new(Answer::new());
        self.state.lock().flight.insert(number, Arc::clone(&answer));
        (number, answer)
    }

    /// Whether the provider has asynchronous calls. The instance is borrowed: the provider lives.
    pub(crate) fn asynchronous(&self) -> Result<bool, Error> {
        let found = self.door.extension().map(|found| found.is_some());
        found.map_err(|problem| Error::new(ErrorKind::AbiMismatch, problem))
    }

    pub(crate) fn workers(&self) -> &Workers {
        &self.workers
    }

    /// Makes call `number` on this thread. It is in flight: the provider lives.
    pub(crate) fn make(&self, number: u64, asked: &Asked<'_>) {
        let outcome = self.door.call(asked);
        self.finish(number, outcome);
    }

    /// Call `number` has ended.
    pub(crate) fn finish(&self, number: u64, outcome: Outcome) {
        let mut state = self.state.lock();
        let Some(answer) = state.flight.get(&number).map(Arc::clone) else {
            drop(state);
            discard(outcome);
            return;
        };
        drop(state);
        let waker = answer.give(outcome);
        state = self.state.lock();
        state.flight.remove(&number);
        self.changed.notify_all();
        drop(state);
        // The last thing: whoever is woken may end the provider at once.
        wake(waker);
    }

    /// Asks for the end of call `number`, if it is in flight.
    pub(crate) fn cancel(&self, number: u64) {
        for job in self.workers.take(Some(number)) {
            let error = Error::new(ErrorKind::Cancelled, "it was cancelled before it began");
            self.finish(job.number, Err(error));
        }
        {
            let mut state = self.state.lock();
            if state.closed || !state.flight.contains_key(&number) {
                return;
            }
            state.visitors += 1;
        }
        self.ask_for_end(number);
        self.state.lock().visitors -= 1;
        self.changed.notify_all();
    }

    /// Asks the provider for the end of call `number`. The provider lives.
    pub(crate) fn ask_for_end(&self, number: u64) {
        if let Ok(Some(functions)) = self.door.extension() {
            self.door.cancel(functions, number);
        }
    }

    /// Answers what no thread has begun yet: the provider is being stopped.
    pub(crate) fn refuse_waiting(&self) {
        for job in self.workers.take(None) {
            let error = Error::new(ErrorKind::Stopping, "the provider is being stopped");
            self.finish(job.number, Err(error));
        }
    }

    /// Waits until no call is in flight, and after `patience` answers those that are. Returns how
    /// many they were.
    pub(crate) fn settle(&self, patience: Duration) -> usize {
        let mut state = self.state.lock();
        self.wait(&mut state, patience, |state| state.flight.is_empty());
        if state.flight.is_empty() {
            return 0;
        }
        // They stay in flight: the provider still has them.
        let answers: Vec<Arc<Answer>> = state.flight.values().map(Arc::clone).collect();
        state.gave_up = true;
        state.faults.left_open += answers.len() as u64;
        drop(state);
        for answer in &answers {
            let message = "the provider was stopped and did not complete the call";
            wake(answer.give(Err(Error::new(ErrorKind::Stopping, message))));
        }
        answers.len()
    }

    /// Ends what is in flight, so that the provider can be destroyed.
    ///
    /// # Errors
    ///
    /// How many calls the provider still has: it must not be destroyed.
    pub(crate) fn close(&self, patience: Duration) -> Result<(), usize> {
        self.refuse_waiting();
        let mut state = self.state.lock();
        let numbers: Vec<u64> = state.flight.keys().copied().collect();
        let gave_up = state.gave_up;
        if !gave_up && !numbers.is_empty() {
            drop(state);
            for number in numbers {
                self.cancel(number);
            }
            self.settle(patience);
            state = self.state.lock();
        }
        state.closed = true;
        // Whoever is inside asks for the end of a call, which does not block.
        self.wait(&mut state, patience, |state| state.visitors == 0);
        let left = state.flight.len() + state.visitors;
        drop(state);
        if left > 0 {
            return Err(left);
        }
        self.workers.close();
        Ok(())
    }

    fn wait(
        &self,
        state: &mut MutexGuard<'_, State>,
        patience: Duration,
        enough: impl Fn(&State) -> bool,
    ) {
        let began = Instant::now();
        while !enough(state) {
            let Some(rest) = patience.checked_sub(began.elapsed()).filter(|rest| !rest.is_zero())
            else {
                return;
            };
            self.changed.wait_for(state, rest);
        }
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.state.lock().flight.len()
    }

    pub(crate) fn faults(&self) -> CallFaults {
        self.state.lock().faults
    }

    pub(crate) fn completed_again(&self) {
        self.state.lock().faults.completed_again += 1;
    }

    pub(crate) fn written_late(&self) {
        self.state.lock().faults.written_late += 1;
    }
}
