//! The only doorway of a provider: the functions of the C ABI, their panic guard, and the macros that
//! export them.
//!
//! # Invariants
//!
//! 1. An [`Object`] begins with the ABI's provider structure, so the address that the host holds is
//!    the object's. [`create`] makes it, `destroy` frees it once, and the host calls nothing else on
//!    it at that time or later.
//! 2. What the host passes keeps the ABI's invariants: structures of at least their 1.0 size, live
//!    slices that are not null, strings that are UTF-8.
//! 3. The host's own structure lives as long as the process.
#![expect(
    unsafe_code,
    reason = "the host reaches a provider through addresses; see the invariants"
)]

use std::{
    ffi::c_void,
    panic::{AssertUnwindSafe, catch_unwind},
    ptr::{self, NonNull},
    slice, str,
};

use crate::{
    __private::Form,
    abi::{self, Status, status},
    contract::{Contract, OpEntry},
    description::Description,
    dispatcher::Dispatcher,
    error::{BoxError, Error, ErrorKind},
    logs::{self, Connection, Ear, Frame},
    ops::SYSTEM_ACTOR,
    panics,
    reply::Reply,
    reply_buffer::ReplyBuffer,
    service::{Call, Service},
};

// SAFETY: a descriptor holds addresses of statics only, and nothing changes them.
unsafe impl Sync for abi::Descriptor {}
// SAFETY: as above.
unsafe impl Sync for abi::Op {}
// SAFETY: as above.
unsafe impl Send for abi::Op {}

#[cfg(feature = "tokio")]
mod async_calls;

#[cfg(feature = "tokio")]
pub(crate) use self::async_calls::create_async;

/// The size of a structure, as the ABI writes it.
#[expect(clippy::cast_possible_truncation, reason = "the structures are a few words")]
const fn size<T>() -> u32 {
    size_of::<T>() as u32
}

/// The two functions of a provider that is linked in: what its library would export.
///
/// [`provider_entry!`](crate::provider_entry) makes one. `provider-host` calls it through the same
/// table as a library, without opening one.
#[derive(Debug, Clone, Copy)]
pub struct ProviderEntry {
    describe: extern "C" fn() -> *const abi::Descriptor,
    create: extern "C" fn() -> *mut abi::Provider,
}

impl ProviderEntry {
    /// Not public API. Used by [`provider_entry!`](crate::provider_entry).
    ///
    /// # Safety
    ///
    /// The functions return what [`describe`] and [`create`] return.
    #[doc(hidden)]
    #[must_use]
    pub const unsafe fn __new(
        describe: extern "C" fn() -> *const abi::Descriptor,
        create: extern "C" fn() -> *mut abi::Provider,
    ) -> Self {
        Self { describe, create }
    }

    /// [`abi::DESCRIBE_SYMBOL`].
    #[must_use]
    pub const fn describe(&self) -> extern "C" fn() -> *const abi::Descriptor {
        self.describe
    }

    /// [`abi::CREATE_SYMBOL`].
    #[must_use]
    pub const fn create(&self) -> extern "C" fn() -> *mut abi::Provider {
        self.create
    }
}

/// What a package says of itself, for its descriptor.
#[derive(Debug, Clone, Copy)]
pub struct Package {
    /// Who makes the provider.
    pub vendor: &'static str,
    /// The provider's name.
    pub name: &'static str,
    /// The provider's version, semver.
    pub version: &'static str,
}

/// What this crate was built with, for a descriptor.
const BUILD: &str = concat!(
    env!("PROVIDER_CORE_RUSTC"),
    ", provider-core ",
    env!("CARGO_PKG_VERSION"),
    ", ",
    env!("PROVIDER_CORE_TARGET"),
);

/// The descriptor of a provider with a contract. `describe_json` writes more of it.
#[must_use]
pub const fn describe<P, C>(
    contract: &'static Contract<P, C>,
    package: Package,
    describe_json: abi::DescribeJsonFn,
) -> abi::Descriptor {
    let ops = contract.declared();
    // The table's entries begin with the ABI's own; the rest is skipped by the stride.
    let size = size_of::<OpEntry>();
    abi::Descriptor {
        describe_json: Some(describe_json),
        ..described(contract.id(), package, ops.as_ptr().cast(), ops.len(), size)
    }
}

/// Writes what a provider with a contract says of itself: [`abi::Descriptor::describe_json`].
///
/// # Safety
///
/// `reply` is a sink as the header describes it, for the call in progress.
pub unsafe fn describe_json<P, C>(
    contract: &'static Contract<P, C>,
    Form { link, asynchronous, .. }: Form<P, C>,
    reply: *mut abi::Sink,
) -> Status {
    guarded(reply, |reply| {
        let description = Description { asynchronous, ..Description::of(contract, &link) };
        reply.give(description.to_json())
    })
}

/// The descriptor of a hand-written provider.
#[must_use]
pub const fn describe_by_hand(
    contract: &'static str,
    package: Package,
    ops: &'static [abi::Op],
) -> abi::Descriptor {
    described(contract, package, ops.as_ptr(), ops.len(), size_of::<abi::Op>())
}

/// An operation of a hand-written provider, for its descriptor.
#[must_use]
pub const fn op_by_hand(name: &'static str) -> abi::Op {
    abi::Op {
        name: abi::Str::new(name),
        doc: abi::Str::new(""),
        flags: 0,
        direction: abi::direction::ACTOR_TO_PROVIDER,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "nobody declares four billion operations")]
const fn described(
    contract: &'static str,
    package: Package,
    ops: *const abi::Op,
    op_count: usize,
    op_stride: usize,
) -> abi::Descriptor {
    abi::Descriptor {
        size: size::<abi::Descriptor>(),
        abi_major: abi::ABI_MAJOR,
        abi_minor: abi::ABI_MINOR,
        flags: 0,
        revision: 0,
        op_count: op_count as u32,
        ops,
        op_stride,
        contract: abi::Str::new(contract),
        vendor: abi::Str::new(package.vendor),
        name: abi::Str::new(package.name),
        version: abi::Str::new(package.version),
        build: abi::Str::new(BUILD),
        describe_json: None,
    }
}

/// A provider as the host holds it (invariant 1).
#[repr(C)]
struct Object<S> {
    base: abi::Provider,
    /// The provider, or what its constructor's panic said: then every call says it too.
    service: Result<S, String>,
    /// The last to go: the provider's destructor is heard as well.
    logs: Connection,
}

/// Makes a provider, behind the panic guard.
///
/// A constructor that panics makes an object that answers every call with the panic's message.
pub fn create<S: Service>(construct: impl FnOnce() -> S) -> *mut abi::Provider {
    create_in(Object::<S>::TABLE, construct)
}

/// Makes a provider with the functions of `table`.
fn create_in<S: Service>(
    table: &'static abi::ProviderTable,
    construct: impl FnOnce() -> S,
) -> *mut abi::Provider {
    let service = catch_unwind(AssertUnwindSafe(construct)).map_err(panics::message);
    let base = abi::Provider { table: &raw const *table };
    Box::into_raw(Box::new(Object { base, service, logs: Connection::default() })).cast()
}

impl<S: Service> Object<S> {
    const TABLE: &'static abi::ProviderTable = &abi::ProviderTable {
        size: size::<abi::ProviderTable>(),
        abi_major: abi::ABI_MAJOR,
        abi_minor: abi::ABI_MINOR,
        configure_dispatch: configure_dispatch::<S>,
        handle_call: handle_call::<S>,
        stop: stop::<S>,
        destroy: destroy::<S>,
        get_extension,
    };

    fn service(&self) -> Result<&S, Error> {
        self.service.as_ref().map_err(|message| {
            Error::new(ErrorKind::Panic, format!("the constructor panicked: {message}"))
        })
    }

    /// Calls `act`; what is logged meanwhile is this provider's, said on behalf of `actor`.
    fn heard<T>(&self, actor: &str, op: &str, act: impl FnOnce() -> T) -> T {
        match self.logs.ear() {
            Some(ear) => logs::within(&Frame { ear, actor, op }, act),
            None => act(),
        }
    }
}

/// The panic guard: runs `act`, and turns an error or a panic into a status and a text.
#[inline]
fn guarded(sink: *mut abi::Sink, act: impl FnOnce(&mut Reply<'_>) -> Result<(), Error>) -> Status {
    // After a panic nothing of the call is used again but the provider itself, whose state is its
    // author's to keep whole; the sink throws a half-written reply away.
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: the sink that the host passed for this call (invariant 2), used within it.
        let mut reply = unsafe { Reply::new(sink) };
        act(&mut reply)
    }));
    match outcome {
        Ok(Ok(())) => status::OK,
        Ok(Err(error)) => refuse(sink, error),
        Err(panic) => {
            let message = panics::message(panic);
            refuse(sink, Error::new(ErrorKind::Panic, message))
        }
    }
}

#[cold]
fn refuse(sink: *mut abi::Sink, error: Error) -> Status {
    // SAFETY: as in `guarded`; the reply of the call is gone.
    let mut reply = unsafe { Reply::new(sink) };
    let status = error.kind().status();
    reply.fail(status, error.message());
    if error.has_origin() {
        // What it was made from is the author's, with whatever destructor.
        panics::discard(error);
    }
    status
}

unsafe extern "C" fn configure_dispatch<S: Service>(
    this: *mut abi::Provider,
    host: *const abi::Host,
    reason: *mut abi::Sink,
) -> Status {
    guarded(reason, |_| {
        // SAFETY: invariant 1; nothing but `destroy` takes the object exclusively.
        let object = unsafe { &*this.cast::<Object<S>>() };
        // SAFETY: invariant 2.
        let dispatcher = unsafe { HostDispatcher::new(host) }?;
        // SAFETY: invariants 2 and 3.
        if let Some(ear) = unsafe { Ear::of(dispatcher.0) } {
            object.logs.connect(ear);
        }
        let service = object.service()?;
        object.heard("", "", || service.configure_dispatch(Box::new(dispatcher)))
    })
}

unsafe extern "C" fn handle_call<S: Service>(
    this: *mut abi::Provider,
    request: *const abi::Request,
    reply: *mut abi::Sink,
) -> Status {
    // SAFETY: invariant 2.
    let actor = unsafe { (*request).actor };
    // The host's own calls are few, and what they begin may be heard later. Others pay for it only
    // when somebody listens.
    if logs::on() || actor.len == SYSTEM_ACTOR.len() {
        // SAFETY: the caller's promises.
        unsafe { handle_heard::<S>(this, request, reply) }
    } else {
        // SAFETY: the caller's promises.
        unsafe { handle::<S>(this, request, reply) }
    }
}

/// Serves a call whose records the host may want.
///
/// # Safety
///
/// The arguments are those of `handle_call`.
#[cold]
unsafe extern "C" fn handle_heard<S: Service>(
    this: *mut abi::Provider,
    request: *const abi::Request,
    reply: *mut abi::Sink,
) -> Status {
    // SAFETY: invariant 1; nothing but `destroy` takes the object exclusively.
    let object = unsafe { &*this.cast::<Object<S>>() };
    // SAFETY: invariant 2.
    let request = unsafe { &*request };
    // SAFETY: invariant 2.
    let actor = unsafe { text(request.actor) };
    // SAFETY: invariant 2.
    let op = unsafe { text(request.op) };
    let actor = if actor == SYSTEM_ACTOR { "" } else { actor };
    // SAFETY: the caller's promises.
    object.heard(actor, op, || unsafe { handle::<S>(this, request, reply) })
}

/// Serves a call.
///
/// # Safety
///
/// The arguments are those of `handle_call`.
// Never inlined and `extern "C"`: then `handle_call` ends with a jump to here.
#[inline(never)]
unsafe extern "C" fn handle<S: Service>(
    this: *mut abi::Provider,
    request: *const abi::Request,
    reply: *mut abi::Sink,
) -> Status {
    guarded(reply, |reply| {
        // SAFETY: invariant 1; nothing but `destroy` takes the object exclusively.
        let object = unsafe { &*this.cast::<Object<S>>() };
        // SAFETY: invariant 2.
        let call = unsafe { call_of(request) }?;
        match &object.service {
            Ok(service) => service.handle_call(&call, reply),
            Err(_) => object.service().map(drop),
        }
    })
}

/// What a request asks for.
///
/// # Safety
///
/// It is the host's request of a call in progress (invariant 2).
#[expect(clippy::inline_always, reason = "it is part of each call")]
#[inline(always)]
unsafe fn call_of<'a>(request: *const abi::Request) -> Result<Call<'a>, Error> {
    // SAFETY: invariant 2.
    let request = unsafe { &*request };
    if request.size < size::<abi::Request>() {
        return Err(undersized("request"));
    }
    Ok(Call {
        op_id: (request.op_id != abi::NO_OP_ID).then_some(request.op_id),
        // SAFETY: invariant 2.
        actor: unsafe { text(request.actor) },
        // SAFETY: invariant 2.
        op: unsafe { text(request.op) },
        // SAFETY: invariant 2.
        msg: unsafe { slice::from_raw_parts(request.msg.ptr, request.msg.len) },
    })
}

unsafe extern "C" fn stop<S: Service>(this: *mut abi::Provider, reason: *mut abi::Sink) -> Status {
    guarded(reason, |_| {
        // SAFETY: invariant 1; nothing but `destroy` takes the object exclusively.
        let object = unsafe { &*this.cast::<Object<S>>() };
        match &object.service {
            Ok(service) => object.heard("", "", || service.stop()),
            // There is nothing to stop.
            Err(_) => Ok(()),
        }
    })
}

unsafe extern "C" fn destroy<S: Service>(this: *mut abi::Provider) -> Status {
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: invariant 1: `create` made the box and the host calls this once, last.
        let Object { service, logs, .. } = *unsafe { Box::from_raw(this.cast::<Object<S>>()) };
        match logs.ear() {
            Some(ear) => logs::within(&Frame { ear, actor: "", op: "" }, || drop(service)),
            None => drop(service),
        }
    }));
    match outcome {
        Ok(()) => status::OK,
        Err(panic) => {
            panics::message(panic);
            status::PANIC
        }
    }
}

unsafe extern "C" fn get_extension(
    _: *mut abi::Provider,
    name: *const u8,
    len: usize,
) -> *const c_void {
    // SAFETY: invariant 2.
    match unsafe { text(abi::Str { ptr: name, len }) } {
        abi::LOG_EXTENSION if logs::MADE => (&raw const logs::PROVIDER_LOG).cast(),
        _ => ptr::null(),
    }
}

#[cold]
fn undersized(what: &str) -> Error {
    let message =
        format!("the host's {what} is smaller than in ABI {}.{}", abi::ABI_MAJOR, abi::ABI_MINOR);
    Error::new(ErrorKind::AbiMismatch, message)
}

/// A string of the host's.
///
/// # Safety
///
/// It is UTF-8 at a live address (invariant 2).
#[inline]
unsafe fn text<'a>(text: abi::Str) -> &'a str {
    // SAFETY: invariant 2.
    let bytes = unsafe { slice::from_raw_parts(text.ptr, text.len) };
    // SAFETY: invariant 2: the host guarantees UTF-8, and checking it again would triple the cost of
    // a small call.
    unsafe { str::from_utf8_unchecked(bytes) }
}

/// The host's dispatcher, for the provider's side.
struct HostDispatcher(NonNull<abi::Host>);

// SAFETY: the host's structure lives as long as the process (invariant 3) and its `dispatch` may be
// called from any thread, many at a time (ABI).
unsafe impl Send for HostDispatcher {}
// SAFETY: as above.
unsafe impl Sync for HostDispatcher {}

impl HostDispatcher {
    /// # Safety
    ///
    /// `host` is a host as the header describes it, and lives as long as the process.
    unsafe fn new(host: *const abi::Host) -> Result<Self, Error> {
        let Some(pointer) = NonNull::new(host.cast_mut()) else {
            return Err(Error::new(ErrorKind::AbiMismatch, "the host has no address"));
        };
        // SAFETY: the caller's promise.
        let host = unsafe { pointer.as_ref() };
        if host.abi_major != abi::ABI_MAJOR {
            let message = format!(
                "the host speaks ABI {}.{}, this provider ABI {}.{}",
                host.abi_major,
                host.abi_minor,
                abi::ABI_MAJOR,
                abi::ABI_MINOR
            );
            return Err(Error::new(ErrorKind::AbiMismatch, message));
        }
        if host.size < size::<abi::Host>() {
            return Err(undersized("own structure"));
        }
        Ok(Self(pointer))
    }
}

impl Dispatcher for HostDispatcher {
    fn dispatch(&self, actor: &str, op: &str, msg: &[u8]) -> Result<Vec<u8>, BoxError> {
        let request = abi::Request {
            size: size::<abi::Request>(),
            op_id: abi::NO_OP_ID,
            flags: 0,
            actor: abi::Str::new(actor),
            op: abi::Str::new(op),
            msg: abi::Bytes::new(msg),
        };
        let mut reply = ReplyBuffer::new();
        // SAFETY: invariant 3.
        let dispatch = unsafe { self.0.as_ref() }.dispatch;
        // SAFETY: the host's own function with live arguments; the sink is used within the call.
        let status = unsafe { dispatch(self.0.as_ptr(), &raw const request, reply.as_sink()) };
        reply.outcome(status)?;
        Ok(reply.into_vec())
    }
}
