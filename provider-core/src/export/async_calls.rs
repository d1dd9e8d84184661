//! The doorway of calls that are started: the functions of `cp.async/1`.
//!
//! # Invariants
//!
//! Those of [`export`](super), and:
//!
//! 1. A completion that the host passes to `start` is as the header describes it, lives until it was
//!    completed, and may be used on any thread. When `start` does not answer `OK` it is not used any more.
//! 2. Each completion is completed once: the one [`Ticket`] of it is used up by that.
#![expect(unsafe_code, reason = "completions are reached through addresses; see the invariants")]

use std::{
    ffi::c_void,
    panic::{AssertUnwindSafe, catch_unwind},
};

use super::{Object, call_of, create_in, get_extension, guarded, size, text};
use crate::{
    abi::{self, Status},
    asynchronous::AsyncService,
    error::Error,
    logs,
    ops::SYSTEM_ACTOR,
    panics,
};

/// Makes an asynchronous provider, behind the panic guard, as [`create`](super::create) does.
pub(crate) fn create_async<S: AsyncService>(construct: impl FnOnce() -> S) -> *mut abi::Provider {
    create_in(Object::<S>::ASYNC_TABLE, construct)
}

impl<S: AsyncService> Object<S> {
    const ASYNC_TABLE: &'static abi::ProviderTable =
        &abi::ProviderTable { get_extension: get_async_extension::<S>, ..*Object::<S>::TABLE };
    const ASYNC_CALLS: &'static abi::AsyncCalls = &abi::AsyncCalls {
        size: size::<abi::AsyncCalls>(),
        start: start::<S>,
        cancel: cancel::<S>,
    };
}

unsafe extern "C" fn get_async_extension<S: AsyncService>(
    this: *mut abi::Provider,
    name: *const u8,
    len: usize,
) -> *const c_void {
    // SAFETY: the export module's invariant 2.
    if unsafe { text(abi::Str { ptr: name, len }) } == abi::ASYNC_CALLS {
        return (&raw const *Object::<S>::ASYNC_CALLS).cast();
    }
    // SAFETY: the caller's promises.
    unsafe { get_extension(this, name, len) }
}

unsafe extern "C" fn start<S: AsyncService>(
    this: *mut abi::Provider,
    request: *const abi::Request,
    completion: *mut abi::Completion,
    number: u64,
) -> Status {
    let ticket = Ticket(completion);
    guarded(ticket.sink(), |_| {
        // SAFETY: invariant 1 of the export module; nothing but `destroy` takes the object exclusively.
        let object = unsafe { &*this.cast::<Object<S>>() };
        // SAFETY: invariant 2 of the export module.
        let call = unsafe { call_of(request) }?;
        let service = object.service()?;
        let answer = Box::new(move |outcome| ticket.complete(outcome));
        let start = || service.start(&call, number, answer);
        match call.actor {
            SYSTEM_ACTOR => object.heard("", call.op, start),
            actor if logs::on() => object.heard(actor, call.op, start),
            _ => start(),
        }
    })
}

unsafe extern "C" fn cancel<S: AsyncService>(this: *mut abi::Provider, number: u64) {
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: invariant 1 of the export module; nothing but `destroy` takes the object exclusively.
        let object = unsafe { &*this.cast::<Object<S>>() };
        if let Ok(service) = &object.service {
            service.cancel(number);
        }
    }));
    if let Err(panic) = outcome {
        panics::message(panic);
    }
}

/// The right to complete a call.
struct Ticket(*mut abi::Completion);

// SAFETY: a completion may be used on any thread (invariant 1).
unsafe impl Send for Ticket {}

impl Ticket {
    fn table(&self) -> abi::CompletionTable {
        // SAFETY: it was not completed, so it lives (invariants 1 and 2).
        let table = unsafe { (*self.0).table };
        // SAFETY: a completion's table is valid for as long as the completion is.
        unsafe { *table }
    }

    /// Where the reply goes.
    fn sink(&self) -> *mut abi::Sink {
        let reply = self.table().reply;
        // SAFETY: the host's function for its own completion, which lives.
        unsafe { reply(self.0) }
    }

    fn complete(self, outcome: Result<Vec<u8>, Error>) {
        let complete = self.table().complete;
        let status = guarded(self.sink(), |reply| reply.give(outcome?));
        // SAFETY: the host's function for its own completion, which lives until this call.
        unsafe { complete(self.0, status) };
    }
}
