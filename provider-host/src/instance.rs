//! A provider, called through its table.
//!
//! # Invariants
//!
//! 1. `object` is what the library's `create` returned, checked for null and alignment, and `table`
//!    a checked copy of its functions: none is null. Both are valid as long as the library is
//!    loaded, which the [`Library`] handle sees to.
//! 2. `destroy` is called once, by [`Instance::end`], which has the only handle: nothing else is being
//!    called, because every call borrows the instance, and those that do not (`Calls`) have come to
//!    their end. If they do not, the provider is not destroyed.
//! 3. What is passed to the provider keeps the ABI's promises to it: live slices, never null, strings
//!    that are UTF-8, structures of their full size.
#![expect(unsafe_code, reason = "a provider is reached through addresses; see the invariants")]

use std::{
    ffi::c_void,
    fmt,
    ptr::NonNull,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use provider_core::{
    Dispatcher, Error, ErrorKind, ReplyBuffer, ReplyBytes,
    abi::{self, Status, status},
};

use crate::{
    CallFaults, Library, LogLevel, LogSink, OpRef, PendingCall,
    calls::{Calls, PATIENCE},
    dispatch::HostObject,
    door::{Asked, Door},
    foreign,
    logs::Logs,
};

/// A provider whose functions may be called in any order.
///
/// The ABI wants a provider to answer calls out of order with errors; nothing here keeps a caller
/// from finding out whether it does. [`Running`](crate::Running) is the same with the order in its
/// types.
///
/// Only one thread at a time should configure and stop it, and each only once: the ABI asks that of a
/// host. A dispatcher that comes too late is not used, whatever the provider answers.
///
/// Dropping it frees the provider, and stops it before if it was configured and not stopped;
/// [`destroy`](Self::destroy) frees it as it is.
pub struct Instance {
    object: NonNull<abi::Provider>,
    table: abi::ProviderTable,
    host: &'static HostObject,
    /// What positions in an [`OpRef`] must belong to.
    ops: usize,
    library: Library,
    /// Those that were started and not waited for.
    calls: Arc<Calls>,
    /// Configured and not stopped yet: then dropping the instance stops it first.
    running: AtomicBool,
    /// `configure_dispatch` returned: from now on the provider can be told of another level.
    configured: AtomicBool,
    destroyed: bool,
}

// SAFETY: the ABI lets a provider be called from any thread, many at a time, and be destroyed on any.
unsafe impl Send for Instance {}
// SAFETY: as above.
unsafe impl Sync for Instance {}

/// Where a provider's parts are, to find out which module they belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    /// The object that `create` returned.
    pub object: usize,
    /// Its table of functions.
    pub table: usize,
    /// The functions, with their names.
    pub functions: [(&'static str, usize); 5],
}

impl Instance {
    /// Checks what `create` returned.
    pub(crate) fn new(object: *mut abi::Provider, library: Library) -> Result<Self, String> {
        let Some(object) = NonNull::new(object) else {
            return Err(format!("`{}` returned null", abi::CREATE_SYMBOL));
        };
        if !object.is_aligned() {
            return Err(format!("the provider's address {object:p} is not aligned"));
        }
        // SAFETY: an aligned address that is not null; that it is a provider is the library's word.
        let table = unsafe { (*object.as_ptr()).table };
        let table = read_table(table)?;
        Ok(Self {
            object,
            table,
            host: HostObject::new((!library.is_linked()).then(Logs::default)),
            ops: library.description().table(),
            library,
            calls: Calls::new(Door::new(object, table)),
            running: AtomicBool::new(false),
            configured: AtomicBool::new(false),
            destroyed: false,
        })
    }

    /// The library that made it.
    #[must_use]
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// Gives the provider its way to the actors.
    ///
    /// # Errors
    ///
    /// The provider's own, with its kind.
    pub fn configure_dispatch(&self, dispatcher: impl Dispatcher + 'static) -> Result<(), Error> {
        if self.host.open(Arc::new(dispatcher)) {
            self.running.store(true, Ordering::Release);
        }
        let level = self.log_level();
        let mut reason = ReplyBuffer::new();
        // SAFETY: invariants 1 and 3; the host object lives as long as the process.
        let status = unsafe {
            (self.table.configure_dispatch)(
                self.object.as_ptr(),
                self.host.as_host(),
                reason.as_sink(),
            )
        };
        self.configured.store(true, Ordering::SeqCst);
        // It was changed meanwhile, and nobody could be told.
        if self.log_level() != level {
            self.tell_level();
        }
        reason.outcome(status)
    }

    /// From now on the provider's records up to `level` go to `sink`.
    ///
    /// Without that they go to this program's own logger (feature `log`), up to the level that it had
    /// when the provider was made. What a provider says that is linked in goes to this program's own
    /// logger by itself, and nothing comes here.
    pub fn log_to(&self, level: LogLevel, sink: impl LogSink) {
        if let Some(logs) = self.host.logs() {
            logs.set_sink(Some(Arc::new(sink)));
            self.set_log_level(level);
        }
    }

    /// From now on the provider's records up to `level` are wanted. A record that is being written may
    /// still come; see [`LogSink::unwanted`].
    pub fn set_log_level(&self, level: LogLevel) {
        if let Some(logs) = self.host.logs() {
            logs.set_level(level);
            if self.configured.load(Ordering::SeqCst) {
                self.tell_level();
            }
        }
    }

    fn log_level(&self) -> LogLevel {
        self.host.logs().map_or(LogLevel::Off, Logs::level)
    }

    /// Tells the provider that another level is wanted, if it can be told. Others may ask before each
    /// record.
    fn tell_level(&self) {
        const FIRST: usize = std::mem::offset_of!(abi::ProviderLog, level_changed);
        let Some(table) = self.extension(abi::LOG_EXTENSION) else {
            return;
        };
        let table = table.as_ptr().cast::<abi::ProviderLog>();
        // SAFETY: the extension's table is a size and this function (ABI).
        match unsafe { foreign::table(table, FIRST, &["level_changed"]) } {
            // SAFETY: the provider's own function; it is configured and not destroyed.
            Ok(table) => unsafe { (table.level_changed)(self.object.as_ptr()) },
            Err(problem) => {
                if let Some(logs) = self.host.logs() {
                    logs.take(&Err(format!("`{}`: {problem}", abi::LOG_EXTENSION)));
                }
            }
        }
    }

    /// Sends `msg` to operation `op` on behalf of `actor`, and puts the reply into `reply`, whose
    /// memory is used again from call to call.
    ///
    /// # Errors
    ///
    /// The provider's own, with its kind; [`AbiMismatch`](ErrorKind::AbiMismatch) when it broke the
    /// ABI's rules with its reply.
    #[inline]
    pub fn call_into<'op>(
        &self,
        actor: &str,
        op: impl Into<OpRef<'op>>,
        msg: &[u8],
        reply: &mut ReplyBuffer,
    ) -> Result<(), Error> {
        let status = self.call_status(actor, op, msg, reply);
        reply.outcome(status)
    }

    /// Like [`call_into`](Self::call_into), with the number that the provider returned.
    #[inline]
    pub fn call_status<'op>(
        &self,
        actor: &str,
        op: impl Into<OpRef<'op>>,
        msg: &[u8],
        reply: &mut ReplyBuffer,
    ) -> Status {
        let request = self.asked(actor, &op.into(), msg).request();
        reply.clear();
        // SAFETY: invariants 1 and 3; the sink is used within the call only.
        unsafe {
            (self.table.handle_call)(self.object.as_ptr(), &raw const request, reply.as_sink())
        }
    }

    /// Sends `msg` to operation `op` on behalf of `actor` and returns the reply.
    ///
    /// # Errors
    ///
    /// As for [`call_into`](Self::call_into).
    pub fn call<'op>(
        &self,
        actor: &str,
        op: impl Into<OpRef<'op>>,
        msg: &[u8],
    ) -> Result<ReplyBytes, Error> {
        let mut reply = ReplyBuffer::new();
        self.call_into(actor, op, msg, &mut reply)?;
        Ok(reply.take())
    }

    #[inline]
    fn asked<'a>(&self, actor: &'a str, op: &OpRef<'a>, msg: &'a [u8]) -> Asked<'a> {
        let op_id = if op.table == self.ops { op.id } else { abi::NO_OP_ID };
        Asked { actor, op: op.name, op_id, msg }
    }

    /// Sends `msg` to operation `op` on behalf of `actor` and does not wait for the reply.
    ///
    /// A provider that has the extension `cp.async/1` is called through it, on this thread; it does
    /// not block. For any other one the call is made by a thread of a few that the host keeps for this
    /// provider, at most eight, and waits for its turn if need be. Who calls sees no difference.
    pub fn start<'op>(&self, actor: &str, op: impl Into<OpRef<'op>>, msg: &[u8]) -> PendingCall {
        self.calls.start(&self.asked(actor, &op.into(), msg))
    }

    /// Whether the provider has asynchronous calls: the extension `cp.async/1`.
    ///
    /// # Errors
    ///
    /// [`AbiMismatch`](ErrorKind::AbiMismatch): it has something of that name that breaks the ABI's
    /// rules. Each started call is answered with the same.
    pub fn has_async_calls(&self) -> Result<bool, Error> {
        self.calls.asynchronous()
    }

    /// Asks the provider to end the started call of that number, whether there is one or not. It is a
    /// wish: the call is completed all the same. Without asynchronous calls it does nothing.
    pub fn cancel(&self, number: u64) {
        self.calls.ask_for_end(number);
    }

    /// How many started calls were not completed yet.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.calls.in_flight()
    }

    /// What the provider did wrong with started calls so far.
    #[must_use]
    pub fn call_faults(&self) -> CallFaults {
        self.calls.faults()
    }

    /// Tells the provider that it is being removed. Its calls to actors are answered with
    /// [`Stopping`](ErrorKind::Stopping) from now on.
    ///
    /// Waits for the calls that were started, 5 s at the most. Those that the provider still has then
    /// are answered with [`Stopping`](ErrorKind::Stopping).
    ///
    /// # Errors
    ///
    /// The provider's own, with its kind; [`Timeout`](ErrorKind::Timeout) when it still has calls. Such
    /// a provider is never freed: it may be at work on them.
    pub fn stop(&self) -> Result<(), Error> {
        self.stop_within(PATIENCE)
    }

    /// [`stop`](Self::stop) with another time to wait for the calls that were started, after the
    /// provider's own `stop` returned.
    ///
    /// # Errors
    ///
    /// As for [`stop`](Self::stop).
    pub fn stop_within(&self, patience: Duration) -> Result<(), Error> {
        self.running.store(false, Ordering::Release);
        self.calls.refuse_waiting();
        let mut reason = ReplyBuffer::new();
        // SAFETY: invariants 1 and 3; the sink is used within the call only.
        let status = unsafe { (self.table.stop)(self.object.as_ptr(), reason.as_sink()) };
        self.host.close();
        let left = self.calls.settle(patience);
        reason.outcome(status)?;
        if left == 0 { Ok(()) } else { Err(unfinished(left)) }
    }

    /// Frees the provider, with or without [`stop`](Self::stop) before it. Calls that were started and
    /// are in flight are cancelled and waited for, 5 s at the most.
    ///
    /// # Errors
    ///
    /// The provider's own: it panicked. It is gone all the same. [`Timeout`](ErrorKind::Timeout) when
    /// it still has calls: then it is not freed.
    pub fn destroy(mut self) -> Result<(), Error> {
        self.end()
    }

    /// A further table of the provider's, if it has one of that name.
    #[must_use]
    pub fn extension(&self, name: &str) -> Option<NonNull<c_void>> {
        // SAFETY: invariants 1 and 3.
        let table =
            unsafe { (self.table.get_extension)(self.object.as_ptr(), name.as_ptr(), name.len()) };
        NonNull::new(table.cast_mut())
    }

    /// Where its parts are.
    #[must_use]
    pub fn addresses(&self) -> Addresses {
        // SAFETY: invariant 1.
        let table = unsafe { (*self.object.as_ptr()).table };
        Addresses {
            object: self.object.as_ptr().addr(),
            table: table.addr(),
            functions: [
                ("configure_dispatch", self.table.configure_dispatch as usize),
                ("handle_call", self.table.handle_call as usize),
                ("stop", self.table.stop as usize),
                ("destroy", self.table.destroy as usize),
                ("get_extension", self.table.get_extension as usize),
            ],
        }
    }

    fn end(&mut self) -> Result<(), Error> {
        if std::mem::replace(&mut self.destroyed, true) {
            return Ok(());
        }
        let open = self.calls.close(PATIENCE);
        // With calls it is at work: its memory must stay.
        let status = open.is_ok().then(|| {
            // SAFETY: invariants 1 and 2.
            unsafe { (self.table.destroy)(self.object.as_ptr()) }
        });
        self.host.close();
        if let Some(logs) = self.host.logs() {
            logs.close();
        }
        open.map_err(unfinished)?;
        self.library.instance_ended();
        let status = status.unwrap_or(status::OK);
        if status == status::OK {
            return Ok(());
        }
        let kind = ErrorKind::from_status(status);
        Err(Error::new(kind, format!("the provider's destructor ended with: {kind}")))
    }
}

fn unfinished(left: usize) -> Error {
    let calls = if left == 1 { "call that was" } else { "calls that were" };
    Error::new(
        ErrorKind::Timeout,
        format!("the provider still has {left} {calls} started: it is not freed"),
    )
}

impl Drop for Instance {
    fn drop(&mut self) {
        if !self.destroyed && *self.running.get_mut() {
            // There is nobody left to tell.
            let _ = self.stop();
        }
        let _ = self.end();
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instance").field("library", &self.library).finish_non_exhaustive()
    }
}

/// Copies a provider's table, checking it first.
fn read_table(table: *const abi::ProviderTable) -> Result<abi::ProviderTable, String> {
    const NAMES: [&str; 5] =
        ["configure_dispatch", "handle_call", "stop", "destroy", "get_extension"];
    const FIRST: usize = std::mem::offset_of!(abi::ProviderTable, configure_dispatch);
    // SAFETY: a provider's table is a size, numbers and these functions (ABI).
    let table = unsafe { foreign::table(table, FIRST, &NAMES) }?;
    if table.abi_major != abi::ABI_MAJOR {
        return Err(format!(
            "its table is of ABI {}.{}, this host speaks {}.{}",
            table.abi_major,
            table.abi_minor,
            abi::ABI_MAJOR,
            abi::ABI_MINOR
        ));
    }
    Ok(table)
}
