//! The host, as a provider sees it.

use core::ffi::c_void;

use super::{Request, Sink, Status, Str};

/// The host, as a provider sees it.
///
/// Valid for as long as the process lives: after `stop`, `dispatch` answers `STOPPING`.
#[repr(C)]
#[derive(Debug)]
pub struct Host {
    /// Size of this structure in bytes.
    pub size: u32,
    /// The host's [`ABI_MAJOR`](super::ABI_MAJOR).
    pub abi_major: u32,
    /// The host's [`ABI_MINOR`](super::ABI_MINOR).
    pub abi_minor: u32,
    /// Name of the host.
    pub name: Str,
    /// Version of the host, semver.
    pub version: Str,
    /// Calls an actor.
    pub dispatch: unsafe extern "C" fn(
        this: *const Host,
        request: *const Request,
        reply: *mut Sink,
    ) -> Status,
    /// A further table, null when it is not supported.
    pub get_extension:
        unsafe extern "C" fn(this: *const Host, name: *const u8, len: usize) -> *const c_void,
}
