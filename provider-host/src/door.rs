//! The provider's functions that are called without borrowing its instance.
//!
//! # Invariants
//!
//! 1. The door's functions and its object are those of an instance, which checked them. Its owner
//!    (`Calls`) uses it only while the provider lives: by a caller who borrows the instance, for a
//!    call in flight, or as a visitor; the instance waits for both before it destroys the provider,
//!    and does not destroy it when they do not come to an end.
//! 2. What is passed to the provider keeps the ABI's promises to it, as in `instance.rs`.
#![expect(unsafe_code, reason = "a provider is reached through addresses; see the invariants")]

use std::{fmt, mem::offset_of, ptr::NonNull, sync::OnceLock};

use provider_core::{
    ReplyBuffer,
    abi::{self, Status},
};

use crate::{answer::Outcome, foreign};

/// A call that is to be made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) actor: &'a str,
    pub(crate) op: &'a str,
    pub(crate) op_id: u32,
    pub(crate) msg: &'a [u8],
}

impl Asked<'_> {
    /// The same for the ABI.
    #[inline]
    pub(crate) fn request(&self) -> abi::Request {
        abi::Request {
            #[expect(clippy::cast_possible_truncation, reason = "the structure is a few words")]
            size: size_of::<abi::Request>() as u32,
            op_id: self.op_id,
            flags: 0,
            actor: abi::Str::new(self.actor),
            op: abi::Str::new(self.op),
            msg: abi::Bytes::new(self.msg),
        }
    }
}

/// A provider's way in.
pub(crate) struct Door {
    object: NonNull<abi::Provider>,
    table: abi::ProviderTable,
    /// `cp.async/1`: asked for once.
    started: OnceLock<Result<Option<abi::AsyncCalls>, String>>,
}

// SAFETY: the ABI lets these functions be called from any thread, many at a time.
unsafe impl Send for Door {}
// SAFETY: as above.
unsafe impl Sync for Door {}

impl Door {
    /// The door of the provider `object` with the checked functions `table`.
    pub(crate) fn new(object: NonNull<abi::Provider>, table: abi::ProviderTable) -> Self {
        Self { object, table, started: OnceLock::new() }
    }

    /// The functions of `cp.async/1`, if the provider has them; else what is wrong with them.
    ///
    /// To be called while the provider lives (invariant 1).
    pub(crate) fn extension(&self) -> Result<Option<&abi::AsyncCalls>, &str> {
        const NAMES: [&str; 2] = ["start", "cancel"];
        let found = self.started.get_or_init(|| {
            let name = abi::ASYNC_CALLS;
            // SAFETY: invariants 1 and 2.
            let table = unsafe {
                (self.table.get_extension)(self.object.as_ptr(), name.as_ptr(), name.len())
            };
            if table.is_null() {
                return Ok(None);
            }
            // SAFETY: the extension's table is a size and these functions (ABI).
            unsafe { foreign::table(table.cast(), offset_of!(abi::AsyncCalls, start), &NAMES) }
                .map(Some)
                .map_err(|problem| format!("its extension `{name}`: {problem}"))
        });
        found.as_ref().map(Option::as_ref).map_err(String::as_str)
    }

    /// Starts a call. To be called while the provider lives (invariant 1).
    pub(crate) fn start(
        &self,
        functions: &abi::AsyncCalls,
        asked: &Asked<'_>,
        completion: *mut abi::Completion,
        number: u64,
    ) -> Status {
        let request = asked.request();
        // SAFETY: invariants 1 and 2; a completion is there for ever (`completion.rs`).
        unsafe { (functions.start)(self.object.as_ptr(), &raw const request, completion, number) }
    }

    /// Asks for the end of a call. To be called while the provider lives (invariant 1).
    pub(crate) fn cancel(&self, functions: &abi::AsyncCalls, number: u64) {
        // SAFETY: invariants 1 and 2.
        unsafe { (functions.cancel)(self.object.as_ptr(), number) };
    }

    /// Makes a call and waits for it. To be called while the provider lives (invariant 1).
    pub(crate) fn call(&self, asked: &Asked<'_>) -> Outcome {
        let mut reply = ReplyBuffer::new();
        let request = asked.request();
        // SAFETY: invariants 1 and 2; the sink is used within the call only.
        let status = unsafe {
            (self.table.handle_call)(self.object.as_ptr(), &raw const request, reply.as_sink())
        };
        reply.outcome(status).map(|()| reply.take())
    }
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Door").field("object", &self.object).finish_non_exhaustive()
    }
}
