//! Threads on which calls of a provider wait that has no asynchronous ones.

use std::{
    collections::VecDeque,
    io, mem,
    sync::Arc,
    thread::{self, JoinHandle},
};

use parking_lot::{Condvar, Mutex};

use crate::{calls::Calls, door::Asked};

/// How many threads a provider has at the most. A call beyond that waits for its turn.
pub(crate) const MOST: usize = 8;

/// A call that waits for a thread: what was borrowed from its caller is its own.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) number: u64,
    actor: String,
    op: String,
    op_id: u32,
    msg: Vec<u8>,
}

impl Job {
    pub(crate) fn new(number: u64, asked: &Asked<'_>) -> Self {
        Self {
            number,
            actor: asked.actor.to_owned(),
            op: asked.op.to_owned(),
            op_id: asked.op_id,
            msg: asked.msg.to_owned(),
        }
    }

    fn asked(&self) -> Asked<'_> {
        Asked { actor: &self.actor, op: &self.op, op_id: self.op_id, msg: &self.msg }
    }
}

/// One provider's threads. They begin when they are needed and end with [`Workers::close`].
#[derive(Debug, Default)]
pub(crate) struct Workers {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    jobs: VecDeque<Job>,
    threads: Vec<JoinHandle<()>>,
    /// How many threads wait for a job.
    idle: usize,
    closed: bool,
}

impl Workers {
    /// Queues `job` for a thread.
    ///
    /// # Errors
    ///
    /// There is no thread and none can be made.
    pub(crate) fn submit(&self, calls: &Arc<Calls>, job: Job) -> io::Result<()> {
        let mut state = self.state.lock();
        if state.idle <= state.jobs.len() && state.threads.len() < MOST {
            let calls = Arc::clone(calls);
            let name = format!("provider-call-{}", state.threads.len());
            let begun = thread::Builder::new().name(name).spawn(move || work(&calls));
            match begun {
                Ok(thread) => state.threads.push(thread),
                Err(error) if state.threads.is_empty() => return Err(error),
                // The threads that are there will come to it.
                Err(_) => {}
            }
        }
        state.jobs.push_back(job);
        self.changed.notify_one();
        Ok(())
    }

    /// Takes the calls out that no thread has begun: all of them, or the one of that number.
    pub(crate) fn take(&self, number: Option<u64>) -> Vec<Job> {
        let mut state = self.state.lock();
        match number {
            None => mem::take(&mut state.jobs).into(),
            Some(number) => {
                let place = state.jobs.iter().position(|job| job.number == number);
                place.and_then(|place| state.jobs.remove(place)).into_iter().collect()
            }
        }
    }

    /// The next job, or the end.
    fn next(&self) -> Option<Job> {
        let mut state = self.state.lock();
        state.idle += 1;
        loop {
            if let Some(job) = state.jobs.pop_front() {
                state.idle -= 1;
                return Some(job);
            }
            if state.closed {
                state.idle -= 1;
                return None;
            }
            self.changed.wait(&mut state);
        }
    }

    /// Lets the threads end, and waits until they have: a library may be unloaded afterwards, and
    /// their thread-local values may be the library's.
    pub(crate) fn close(&self) {
        let threads = {
            let mut state = self.state.lock();
            state.closed = true;
            self.changed.notify_all();
            mem::take(&mut state.threads)
        };
        for thread in threads {
            // Whoever waits for an answer may end the provider on the thread that gave it.
            if thread.thread().id() != thread::current().id() {
                // It makes calls and nothing else: it does not panic.
                let _ = thread.join();
            }
        }
    }
}

fn work(calls: &Calls) {
    while let Some(job) = calls.workers().next() {
        calls.make(job.number, &job.asked());
    }
}
