//! The order of calls: what the SDK sees to for others, and this provider can get wrong.

use std::{
    sync::{
        PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use provider_core::{
    Call, CapabilityProvider, Dispatcher, Error, ErrorKind, Reply, Service, ops::OP_HEALTH_REQUEST,
};

use faulty_defects::Kind;

use crate::{operations::OP_ECHO, provider::Faulty};

/// How long a reply lies where others find it.
const A_MOMENT: Duration = Duration::from_millis(1);

/// A call in progress.
struct InProgress<'a>(&'a AtomicUsize);

impl<'a> InProgress<'a> {
    fn begin(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for InProgress<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Faulty {
    /// Puts the reply where the replies of other calls are put, and takes one from there.
    fn shared(&self, reply: Vec<u8>) -> Vec<u8> {
        let place = || self.inner().reply.lock().unwrap_or_else(PoisonError::into_inner);
        *place() = reply;
        if self.is_elsewhere() {
            thread::sleep(A_MOMENT);
        }
        place().clone()
    }
}

impl Service for Faulty {
    fn configure_dispatch(&self, dispatcher: Box<dyn Dispatcher>) -> Result<(), Error> {
        let inner = self.inner();
        if inner.stopped.load(Ordering::SeqCst) {
            return Err(Error::new(ErrorKind::Stopping, "it was stopped"));
        }
        if inner.dispatcher.get().is_some() && !self.has(Kind::SecondConfigurePanics) {
            return Err(Error::new(ErrorKind::Already, "it has a dispatcher"));
        }
        CapabilityProvider::configure_dispatch(self, dispatcher).map_err(Error::from_boxed)
    }

    fn handle_call(&self, call: &Call<'_>, reply: &mut Reply<'_>) -> Result<(), Error> {
        let inner = self.inner();
        let stopped = inner.stopped.load(Ordering::SeqCst);
        assert!(
            !stopped || !self.has(Kind::PanicsAfterStop),
            "what it needs was taken, on purpose"
        );
        if stopped {
            return Err(Error::new(ErrorKind::Stopping, "it was stopped"));
        }
        let _in_progress = InProgress::begin(&inner.calls);
        let answer = CapabilityProvider::handle_call(self, call.actor, call.op, call.msg);
        let answer = answer.map_err(Error::from_boxed)?;
        let small = matches!(call.op, OP_ECHO | OP_HEALTH_REQUEST);
        if small && self.has(Kind::SharesAReply) {
            return reply.give(self.shared(answer));
        }
        reply.give(answer)
    }

    fn stop(&self) -> Result<(), Error> {
        if self.has(Kind::StopWaitsForCalls) {
            self.inner().crossing.stop();
        }
        if self.inner().stopped.swap(true, Ordering::SeqCst) {
            assert!(!self.has(Kind::SecondStopPanics), "what it ends is gone, on purpose");
            return Err(Error::new(ErrorKind::Already, "it was stopped before"));
        }
        CapabilityProvider::stop(self);
        Ok(())
    }
}
