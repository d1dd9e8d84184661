//! A provider, as a host sees it.

use core::ffi::c_void;

use super::{Host, Request, Sink, Status};

/// A provider: the address of this, and whatever the provider keeps behind it.
#[repr(C)]
#[derive(Debug)]
pub struct Provider {
    /// The functions.
    pub table: *const ProviderTable,
}

/// The functions of a [`Provider`].
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct ProviderTable {
    /// Size of this structure in bytes.
    pub size: u32,
    /// The provider's [`ABI_MAJOR`](super::ABI_MAJOR).
    pub abi_major: u32,
    /// The provider's [`ABI_MINOR`](super::ABI_MINOR).
    pub abi_minor: u32,
    /// Once, before the first call. The sink takes the reason of a failure. A second time:
    /// `ALREADY`.
    pub configure_dispatch:
        unsafe extern "C" fn(this: *mut Provider, host: *const Host, reason: *mut Sink) -> Status,
    /// An actor's call, or a standard operation from actor `system`.
    pub handle_call: unsafe extern "C" fn(
        this: *mut Provider,
        request: *const Request,
        reply: *mut Sink,
    ) -> Status,
    /// Once, as the last thing but `destroy`. The sink takes the reason of a failure. Calls that
    /// come afterwards answer `STOPPING`.
    pub stop: unsafe extern "C" fn(this: *mut Provider, reason: *mut Sink) -> Status,
    /// Frees the provider, with or without `stop` before it. No other call is in progress.
    pub destroy: unsafe extern "C" fn(this: *mut Provider) -> Status,
    /// A further table, null when it is not supported.
    pub get_extension:
        unsafe extern "C" fn(this: *mut Provider, name: *const u8, len: usize) -> *const c_void,
}
