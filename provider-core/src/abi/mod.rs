//! The C ABI's types, exactly as `include/capability_provider.h` has them.
//!
//! Only layouts and constants live here; no logic and no `unsafe` block. The provider's side of the
//! doorway is the crate's `export` module, the host's side is the crate `provider-host`. A test
//! holds every size, offset and constant against the header.
//!
//! # Invariants
//!
//! 1. A structure with a `size` member is at least as large as that number of bytes says, and `size`
//!    covers every member of ABI 1.0.
//! 2. An address and a length name initialised memory that stays as it is until the function they
//!    were passed to returns; an address may be null only in what a provider passes, and only with
//!    a length of zero.
//! 3. A [`Str`] is UTF-8.
//! 4. Function addresses are never null.
//!
//! The side that fills a structure keeps them. The provider's side relies on the host for all four;
//! the host relies on nobody and checks what can be checked.

mod async_calls;
mod buffer;
mod descriptor;
mod host;
mod log;
mod provider;
mod request;
mod sink;
pub mod status;

pub use self::{
    async_calls::{ASYNC_CALLS, AsyncCalls, Completion, CompletionTable},
    buffer::Buffer,
    descriptor::{Descriptor, Op, descriptor_flags, direction, op_flags},
    host::Host,
    log::{HostLog, LOG_EXTENSION, LogField, LogRecord, ProviderLog, log_level, log_limit},
    provider::{Provider, ProviderTable},
    request::{NO_OP_ID, Request},
    sink::{Sink, SinkTable},
    status::Status,
};

/// The major version of this interface: equal on both sides or no deal.
pub const ABI_MAJOR: u32 = 1;
/// The minor version of this interface: what came since is at the end of the structures.
pub const ABI_MINOR: u32 = 1;
/// The exported function that returns a [`Descriptor`], as a C string's bytes.
pub const DESCRIBE_SYMBOL: &str = "__capability_provider_describe";
/// The exported function that returns a [`Provider`]. The specification names it.
pub const CREATE_SYMBOL: &str = "__capability_provider_create";

/// The type of the exported function [`DESCRIBE_SYMBOL`].
pub type DescribeFn = unsafe extern "C" fn() -> *const Descriptor;
/// The type of the exported function [`CREATE_SYMBOL`].
pub type CreateFn = unsafe extern "C" fn() -> *mut Provider;
/// The type of [`Descriptor::describe_json`].
pub type DescribeJsonFn = unsafe extern "C" fn(reply: *mut Sink) -> Status;

/// A string: UTF-8, not terminated.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Str {
    /// Address of the first byte.
    pub ptr: *const u8,
    /// Length in bytes.
    pub len: usize,
}

impl Str {
    /// Borrows `text`. Whoever passes it on keeps `text` alive until the callee returns.
    #[must_use]
    pub const fn new(text: &str) -> Self {
        Self { ptr: text.as_ptr(), len: text.len() }
    }
}

/// Bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Bytes {
    /// Address of the first byte.
    pub ptr: *const u8,
    /// Length in bytes.
    pub len: usize,
}

impl Bytes {
    /// Borrows `bytes`. Whoever passes it on keeps `bytes` alive until the callee returns.
    #[must_use]
    pub const fn new(bytes: &[u8]) -> Self {
        Self { ptr: bytes.as_ptr(), len: bytes.len() }
    }
}
