//! The host as a provider sees it: what stands behind `cp_host`.
//!
//! # Invariants
//!
//! 1. A [`HostObject`] begins with the ABI's host structure, so the address that a provider holds is
//!    the object's. Objects are never freed: a thread that a provider left behind may call long after
//!    the provider was destroyed, and must find the object closed and not gone.
//! 2. What a provider passes is checked for null, alignment, size and UTF-8 before it is used; that
//!    its addresses point to what they should is the provider's word.
#![expect(
    unsafe_code,
    reason = "a provider reaches its host through addresses; see the invariants"
)]

use std::{
    ffi::c_void,
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    ptr,
    sync::Arc,
};

use parking_lot::{Mutex, RwLock};
use provider_core::{
    __private::{discard, panic_message},
    Dispatcher, Error, ErrorKind, MAX_ERROR_TEXT,
    abi::{self, Status, status},
};

use crate::{foreign, logs::Logs, records};

/// One provider's way to its actors.
#[repr(C)]
pub(crate) struct HostObject {
    base: abi::Host,
    way: RwLock<Way>,
    /// Nothing for a provider that is linked in: its records are the process's own.
    logs: Option<Logs>,
}

/// Whether a provider can call actors.
enum Way {
    /// Not yet.
    Fresh,
    Open(Arc<dyn Dispatcher>),
    /// Not any more.
    Closed,
}

// SAFETY: the ABI's part holds addresses of statics and never changes.
unsafe impl Send for HostObject {}
// SAFETY: as above; the rest is a lock.
unsafe impl Sync for HostObject {}

/// Keeps every object reachable (invariant 1).
static OBJECTS: Mutex<Vec<&'static HostObject>> = Mutex::new(Vec::new());

impl HostObject {
    pub(crate) fn new(logs: Option<Logs>) -> &'static Self {
        let base = abi::Host {
            #[expect(clippy::cast_possible_truncation, reason = "the structure is a few words")]
            size: size_of::<abi::Host>() as u32,
            abi_major: abi::ABI_MAJOR,
            abi_minor: abi::ABI_MINOR,
            name: abi::Str::new("provider-host"),
            version: abi::Str::new(env!("CARGO_PKG_VERSION")),
            dispatch,
            get_extension,
        };
        let object: &'static Self =
            Box::leak(Box::new(Self { base, way: RwLock::new(Way::Fresh), logs }));
        OBJECTS.lock().push(object);
        object
    }

    pub(crate) fn as_host(&'static self) -> *const abi::Host {
        (&raw const *self).cast()
    }

    /// From now on actors can be called, if it is the first time. Returns whether it is.
    pub(crate) fn open(&self, dispatcher: Arc<dyn Dispatcher>) -> bool {
        let mut way = self.way.write();
        let fresh = matches!(*way, Way::Fresh);
        if fresh {
            *way = Way::Open(dispatcher);
        }
        fresh
    }

    /// From now on calls are answered with `STOPPING`.
    pub(crate) fn close(&self) {
        let way = mem::replace(&mut *self.way.write(), Way::Closed);
        // Outside the lock: dropping a dispatcher runs foreign code.
        discard(way);
    }

    /// Where the provider's records go, if they come here.
    pub(crate) fn logs(&self) -> Option<&Logs> {
        self.logs.as_ref()
    }

    fn dispatch(&self, request: *const abi::Request) -> Result<Vec<u8>, Error> {
        // The lock is not held while the actor is called.
        let dispatcher = match &*self.way.read() {
            Way::Open(dispatcher) => Arc::clone(dispatcher),
            Way::Fresh | Way::Closed => {
                let message =
                    "the provider is not configured yet, or stopped: it can call no actor";
                return Err(Error::new(ErrorKind::Stopping, message));
            }
        };
        if request.is_null() || !request.is_aligned() {
            return Err(mismatch("the request has no address".into()));
        }
        // SAFETY: an aligned address that is not null (invariant 2).
        let size = unsafe { (*request).size } as usize;
        if size < size_of::<abi::Request>() {
            return Err(mismatch(format!("the request's size is {size}")));
        }
        // SAFETY: as above, and it says that it is large enough.
        let request = unsafe { &*request };
        let actor = text("actor", request.actor)?;
        let op = text("op", request.op)?;
        let msg = bytes("msg", request.msg)?;
        dispatcher.dispatch(actor, op, msg).map_err(Error::from_boxed)
    }
}

fn mismatch(message: String) -> Error {
    Error::new(ErrorKind::AbiMismatch, message)
}

fn text<'a>(name: &str, text: abi::Str) -> Result<&'a str, Error> {
    // SAFETY: the provider's word (invariant 2); it is used within the call.
    unsafe { foreign::text(text, usize::MAX) }
        .map_err(|problem| mismatch(format!("the request's {name} {problem}")))
}

fn bytes<'a>(name: &str, bytes: abi::Bytes) -> Result<&'a [u8], Error> {
    // SAFETY: the provider's word (invariant 2); it is used within the call.
    unsafe { foreign::bytes(bytes) }
        .map_err(|problem| mismatch(format!("the request's {name} {problem}")))
}

/// The functions of a provider's sink, if they are there.
fn sink_table(sink: *mut abi::Sink) -> Option<abi::SinkTable> {
    const NAMES: [&str; 5] = ["write", "reserve", "commit", "give", "fail"];
    const FIRST: usize = std::mem::offset_of!(abi::SinkTable, write);
    if sink.is_null() || !sink.is_aligned() {
        return None;
    }
    // SAFETY: an aligned address that is not null (invariant 2).
    let table = unsafe { (*sink).table };
    // SAFETY: a sink's table is a size and these functions (ABI).
    unsafe { foreign::table(table, FIRST, &NAMES) }.ok()
}

unsafe extern "C" fn dispatch(
    this: *const abi::Host,
    request: *const abi::Request,
    reply: *mut abi::Sink,
) -> Status {
    let Some(sink) = sink_table(reply) else {
        return status::ABI_MISMATCH;
    };
    if this.is_null() {
        return status::ABI_MISMATCH;
    }
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: invariant 1.
        let object = unsafe { &*this.cast::<HostObject>() };
        object.dispatch(request)
    }));
    let error = match outcome {
        // SAFETY: the provider's own function with a live slice.
        Ok(Ok(payload)) => return unsafe { (sink.write)(reply, payload.as_ptr(), payload.len()) },
        Ok(Err(error)) => error,
        Err(panic) => {
            let message = format!("the host's dispatcher {}", panic_message(panic));
            Error::new(ErrorKind::Panic, message)
        }
    };
    let message = error.message();
    let message = &message[..message.floor_char_boundary(MAX_ERROR_TEXT)];
    let status = error.kind().status();
    // SAFETY: the provider's own function with a live string.
    unsafe { (sink.fail)(reply, status, message.as_ptr(), message.len()) };
    // What it was made from is the dispatcher's, with whatever destructor.
    discard(error);
    status
}

unsafe extern "C" fn get_extension(
    this: *const abi::Host,
    name: *const u8,
    len: usize,
) -> *const c_void {
    // SAFETY: the provider's word (invariant 2); it is used within the call.
    let name = unsafe { foreign::bytes(abi::Bytes { ptr: name, len }) };
    // SAFETY: the provider's word (invariant 2).
    match (name, unsafe { logs_of(this) }) {
        (Ok(name), Some(_)) if name == abi::LOG_EXTENSION.as_bytes() => {
            (&raw const HOST_LOG).cast()
        }
        _ => ptr::null(),
    }
}

static HOST_LOG: abi::HostLog = abi::HostLog {
    #[expect(clippy::cast_possible_truncation, reason = "the structure is a few words")]
    size: size_of::<abi::HostLog>() as u32,
    max_level,
    write,
};

/// Where the records of the provider that holds `this` go.
///
/// # Safety
///
/// `this` is null or an object's address (invariant 1).
unsafe fn logs_of(this: *const abi::Host) -> Option<&'static Logs> {
    // SAFETY: the caller's promise.
    let object = unsafe { this.cast::<HostObject>().as_ref() };
    object?.logs()
}

unsafe extern "C" fn max_level(this: *const abi::Host) -> u32 {
    // SAFETY: the provider's word (invariant 2).
    unsafe { logs_of(this) }.map_or(abi::log_level::OFF, |logs| logs.level() as u32)
}

unsafe extern "C" fn write(this: *const abi::Host, record: *const abi::LogRecord) {
    // SAFETY: the provider's word (invariant 2).
    if let Some(logs) = unsafe { logs_of(this) } {
        // SAFETY: the provider's word (invariant 2); it is used within the call.
        logs.take(&unsafe { records::read(record) });
    }
}
