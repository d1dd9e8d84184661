//! Calls that keep no thread of the caller's: the provider's extension `cp.async/1`.

use super::{Provider, Request, Sink, Status};

/// The name to ask [`get_extension`](super::ProviderTable::get_extension) for: the answer is the
/// address of an [`AsyncCalls`], valid for as long as the provider is, or null.
pub const ASYNC_CALLS: &str = "cp.async/1";

/// The caller's end of one call that was started.
#[repr(C)]
#[derive(Debug)]
pub struct Completion {
    /// The functions. The rest of the completion belongs to the caller.
    pub table: *const CompletionTable,
}

/// The functions of a [`Completion`].
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct CompletionTable {
    /// Size of this structure in bytes.
    pub size: u32,
    /// Where the reply, or the reason of a failure, goes: the same sink each time, never null, used
    /// by one thread at a time and not after `complete`.
    pub reply: unsafe extern "C" fn(this: *mut Completion) -> *mut Sink,
    /// The call ended with `status`: once, on any thread, perhaps before `start` returns. The
    /// completion is gone after it.
    pub complete: unsafe extern "C" fn(this: *mut Completion, status: Status),
}

/// The functions of `cp.async/1`. They are called like
/// [`handle_call`](super::ProviderTable::handle_call): from any thread, many at a time.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct AsyncCalls {
    /// Size of this structure in bytes.
    pub size: u32,
    /// Begins a call and does not wait for its end. `OK`: it was taken and is completed exactly
    /// once. Anything else: it was not taken, `complete` is never called, and the reason is in the
    /// completion's sink. `request` is borrowed until this returns. `call` is the caller's number for
    /// it, unique among the calls in flight.
    pub start: unsafe extern "C" fn(
        this: *mut Provider,
        request: *const Request,
        completion: *mut Completion,
        call: u64,
    ) -> Status,
    /// A wish: the call completes all the same, as a rule soon and with `CANCELLED`. A number that
    /// is not in flight: nothing.
    pub cancel: unsafe extern "C" fn(this: *mut Provider, call: u64),
}
