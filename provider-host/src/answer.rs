//! The answer of one call, between whoever waits for it and whoever gives it.

use std::{
    mem,
    task::{Poll, Waker},
};

use parking_lot::Mutex;
use provider_core::{__private::discard, Error, ReplyBytes};

/// What a call ends with.
pub(crate) type Outcome = Result<ReplyBytes, Error>;

/// The place where a call's outcome is put, once.
#[derive(Debug)]
pub(crate) struct Answer(Mutex<State>);

#[derive(Debug)]
enum State {
    /// There is none yet. Whoever waits for it, if anybody does at the moment.
    Awaited(Option<Waker>),
    /// Nobody wants it any more.
    Unwanted,
    Given(Outcome),
    /// It was taken.
    Taken,
}

impl Answer {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(State::Awaited(None)))
    }

    /// Gives the outcome, and returns whoever waits for it, to be woken. Only the first one counts.
    #[must_use]
    pub(crate) fn give(&self, outcome: Outcome) -> Option<Waker> {
        let mut state = self.0.lock();
        let waker = match &mut *state {
            State::Awaited(waker) => waker.take(),
            State::Unwanted | State::Given(_) | State::Taken => {
                drop(state);
                // It may be in the provider's memory, which the provider's function frees.
                discard(outcome);
                return None;
            }
        };
        *state = State::Given(outcome);
        waker
    }

    /// Whether the outcome is there, or was.
    pub(crate) fn is_given(&self) -> bool {
        matches!(&*self.0.lock(), State::Given(_) | State::Taken)
    }

    /// The outcome, once; without it `waker` is woken when it comes.
    ///
    /// # Panics
    ///
    /// When the outcome was taken before.
    pub(crate) fn poll(&self, waker: &Waker) -> Poll<Outcome> {
        // Outside the lock, in every case: a waker is the caller's, with whatever functions.
        let fresh = waker.clone();
        let mut state = self.0.lock();
        let old = match &mut *state {
            State::Given(_) => {
                let State::Given(outcome) = mem::replace(&mut *state, State::Taken) else {
                    unreachable!("it was there a line before")
                };
                return Poll::Ready(outcome);
            }
            State::Awaited(Some(known)) if known.will_wake(waker) => return Poll::Pending,
            State::Awaited(known) => known.replace(fresh),
            State::Unwanted | State::Taken => panic!("a call was polled after its end"),
        };
        drop(state);
        drop(old);
        Poll::Pending
    }

    /// Nobody waits any more. Returns whether the outcome is still to come.
    pub(crate) fn abandon(&self) -> bool {
        let old = {
            let mut state = self.0.lock();
            if matches!(&*state, State::Taken) {
                return false;
            }
            mem::replace(&mut *state, State::Unwanted)
        };
        let awaited = matches!(old, State::Awaited(_));
        // Outside the lock, as above.
        discard(old);
        awaited
    }
}

/// Wakes whoever waits. The waker is the caller's: it may panic, and does so in vain.
pub(crate) fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        discard(WakeOnDrop(Some(waker)));
    }
}

/// Wakes when it is dropped, so that what guards against destructors guards against wakers too.
struct WakeOnDrop(Option<Waker>);

impl Drop for WakeOnDrop {
    fn drop(&mut self) {
        if let Some(waker) = self.0.take() {
            waker.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
        task::Wake,
    };

    use provider_core::ErrorKind;

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    struct Panics;

    impl Wake for Panics {
        fn wake(self: Arc<Self>) {
            panic!("a waker that panics, on purpose");
        }
    }

    fn bytes(byte: u8) -> ReplyBytes {
        ReplyBytes::Copied(vec![byte])
    }

    #[test]
    fn the_first_outcome_counts_and_wakes_the_last_waker_once() {
        let answer = Answer::new();
        let (first, last) = (Arc::new(Count::default()), Arc::new(Count::default()));
        assert!(answer.poll(&Waker::from(Arc::clone(&first))).is_pending());
        assert!(answer.poll(&Waker::from(Arc::clone(&last))).is_pending());
        assert!(!answer.is_given());
        wake(answer.give(Ok(bytes(1))));
        wake(answer.give(Ok(bytes(2))));
        wake(answer.give(Err(Error::new(ErrorKind::Failed, "too late"))));
        assert_eq!(first.0.load(Ordering::Relaxed), 0);
        assert_eq!(last.0.load(Ordering::Relaxed), 1);
        let Poll::Ready(Ok(reply)) = answer.poll(Waker::noop()) else { panic!("it is there") };
        assert_eq!(*reply, [1]);
        assert!(answer.is_given() && !answer.abandon());
    }

    #[test]
    fn an_answer_that_nobody_wants_wakes_nobody() {
        let answer = Answer::new();
        let count = Arc::new(Count::default());
        assert!(answer.poll(&Waker::from(Arc::clone(&count))).is_pending());
        assert!(answer.abandon());
        wake(answer.give(Ok(bytes(1))));
        assert_eq!(count.0.load(Ordering::Relaxed), 0);
        assert!(!answer.is_given() && !answer.abandon());
    }

    #[test]
    fn a_waker_that_panics_harms_nobody() {
        let answer = Answer::new();
        assert!(answer.poll(&Waker::from(Arc::new(Panics))).is_pending());
        wake(answer.give(Ok(bytes(1))));
        assert!(answer.poll(Waker::noop()).is_ready());
    }
}
