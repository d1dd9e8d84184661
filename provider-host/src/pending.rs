//! A call that was started: a future, and something that can be waited for.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
    time::{Duration, Instant},
};

use provider_core::{Error, ReplyBytes};

use crate::{answer::Answer, calls::Calls};

/// A call that was started, by [`Running::start`](crate::Running::start).
///
/// It is a future, of no particular runtime, and can be waited for by a thread. It borrows nothing: it
/// may outlive the provider, and is answered with [`Stopping`](provider_core::ErrorKind::Stopping)
/// then.
///
/// Dropping it before it is ready cancels the call: the provider is told that nobody waits for the
/// reply. What it does about that is its affair; a call that is cancelled may have been done.
#[must_use = "dropping it cancels the call"]
pub struct PendingCall {
    answer: Arc<Answer>,
    calls: Arc<Calls>,
    number: u64,
}

impl PendingCall {
    pub(crate) fn new(answer: Arc<Answer>, calls: Arc<Calls>, number: u64) -> Self {
        Self { answer, calls, number }
    }

    /// The number that the provider knows the call by. No two calls of a process have the same.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Whether the reply is there.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.answer.is_given()
    }

    /// Asks the provider to end the call. It is answered all the same, as a rule soon and with
    /// [`Cancelled`](provider_core::ErrorKind::Cancelled).
    pub fn cancel(&self) {
        if !self.is_ready() {
            self.calls.cancel(self.number);
        }
    }

    /// Waits for the reply.
    ///
    /// # Errors
    ///
    /// The provider's own, with its kind; [`AbiMismatch`](provider_core::ErrorKind::AbiMismatch) when
    /// it broke the ABI's rules.
    ///
    /// # Panics
    ///
    /// When the reply was taken before, by polling or by [`wait_for`](Self::wait_for).
    pub fn wait(self) -> Result<ReplyBytes, Error> {
        self.wait_until(None).unwrap_or_else(|| unreachable!("it is waited for without a limit"))
    }

    /// Waits for the reply for so long. Nothing means that it is not there yet: the call goes on.
    ///
    /// # Errors
    ///
    /// As for [`wait`](Self::wait).
    ///
    /// # Panics
    ///
    /// As for [`wait`](Self::wait).
    pub fn wait_for(&mut self, limit: Duration) -> Option<Result<ReplyBytes, Error>> {
        self.wait_until(Some(limit))
    }

    fn wait_until(&self, limit: Option<Duration>) -> Option<Result<ReplyBytes, Error>> {
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let began = Instant::now();
        loop {
            if let Poll::Ready(outcome) = self.answer.poll(&waker) {
                return Some(outcome);
            }
            match limit {
                None => thread::park(),
                Some(limit) => {
                    let rest = limit.checked_sub(began.elapsed()).filter(|rest| !rest.is_zero())?;
                    thread::park_timeout(rest);
                }
            }
        }
    }
}

impl Future for PendingCall {
    type Output = Result<ReplyBytes, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.answer.poll(cx.waker())
    }
}

impl Drop for PendingCall {
    fn drop(&mut self) {
        if self.answer.abandon() {
            self.calls.cancel(self.number);
        }
    }
}

impl fmt::Debug for PendingCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingCall")
            .field("number", &self.number)
            .field("ready", &self.is_ready())
            .finish_non_exhaustive()
    }
}

/// Wakes a thread.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
