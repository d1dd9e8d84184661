//! A call that was started, as a task of the runtime: it answers exactly once, whatever happens to it.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use super::{Answer, flights::Flights, form::Later};
use crate::{
    error::{Error, ErrorKind},
    logs::LogScope,
    panics,
};

/// The task of a started call.
pub(super) struct Flight {
    /// Nothing once it has ended.
    work: Option<Later<'static>>,
    scope: LogScope,
    landing: Landing,
}

impl Flight {
    pub(super) fn new(work: Later<'static>, landing: Landing) -> Self {
        Self { work: Some(work), scope: LogScope::current(), landing }
    }

    /// Drops what is left of the work.
    fn clear(&mut self) {
        let work = self.work.take();
        self.scope.enter(|| panics::discard(work));
    }
}

impl Future for Flight {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Self { work, scope, .. } = &mut *self;
        let Some(work) = work else { return Poll::Ready(()) };
        let polled = catch_unwind(AssertUnwindSafe(|| scope.enter(|| work.as_mut().poll(cx))));
        let outcome = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(outcome)) => outcome,
            Err(panic) => Err(Error::new(ErrorKind::Panic, panics::message(panic))),
        };
        // What the call holds is given back before its caller goes on.
        self.clear();
        self.landing.answer(outcome);
        Poll::Ready(())
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.clear();
    }
}

/// The end of a started call. Dropped without an answer it says why there is none.
pub(super) struct Landing {
    pub(super) flights: Arc<Flights>,
    pub(super) number: u64,
    pub(super) sequence: u64,
    pub(super) answer: Option<Answer>,
}

impl Landing {
    fn answer(&mut self, outcome: Result<Vec<u8>, Error>) {
        if let Some(answer) = self.answer.take() {
            // One of this process's own may panic.
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| answer(outcome))) {
                panics::message(panic);
            }
            // Only now: who waits for the last landing goes on.
            self.flights.land(self.number, self.sequence);
        }
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        let (kind, message) = if self.flights.is_closed() {
            (ErrorKind::Stopping, "the provider was stopped before the call ended")
        } else {
            (ErrorKind::Cancelled, "the call was cancelled")
        };
        if self.answer.is_some() {
            self.answer(Err(Error::new(kind, message)));
        }
    }
}
