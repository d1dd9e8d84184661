//! A call and a `stop` that meet, every time, in the provider whose `stop` waits for calls that wait
//! for it.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    thread,
    time::{Duration, Instant},
};

/// How long a call takes that is to be there when the provider is stopped.
const UNDER_WAY: Duration = Duration::from_millis(20);
/// How long one waits for the other.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often those who wait look again.
const A_LITTLE: Duration = Duration::from_millis(1);

/// Where they meet.
#[derive(Debug, Default)]
pub(crate) struct Crossing {
    /// Whether there are calls on other threads than the one that stops.
    busy: AtomicBool,
    calls: AtomicUsize,
    stop_came: AtomicBool,
    stop_has_the_lock: AtomicBool,
}

impl Crossing {
    /// A call begins, on a thread of its own or not.
    pub(crate) fn call(&self, elsewhere: bool) {
        if !elsewhere {
            return;
        }
        self.busy.store(true, SeqCst);
        self.calls.fetch_add(1, SeqCst);
        wait(UNDER_WAY, || self.stop_came.load(SeqCst));
        if self.stop_came.load(SeqCst) {
            wait(PATIENCE, || self.stop_has_the_lock.load(SeqCst));
        }
        self.calls.fetch_sub(1, SeqCst);
    }

    /// `stop` begins.
    pub(crate) fn stop(&self) {
        self.stop_came.store(true, SeqCst);
        if self.busy.load(SeqCst) {
            wait(PATIENCE, || self.calls.load(SeqCst) > 0);
        }
    }

    /// `stop` has what calls need.
    pub(crate) fn locked(&self) {
        self.stop_has_the_lock.store(true, SeqCst);
    }
}

fn wait(most: Duration, until: impl Fn() -> bool) {
    let began = Instant::now();
    while !until() && began.elapsed() < most {
        thread::sleep(A_LITTLE);
    }
}
