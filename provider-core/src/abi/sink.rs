//! Where a reply goes.

use super::{Buffer, Status};

/// The caller's place for the reply of one call, used on the calling thread only.
///
/// To answer with no bytes, call nothing. What was written is thrown away when the call does not
/// return [`OK`](super::status::OK).
#[repr(C)]
#[derive(Debug)]
pub struct Sink {
    /// The functions. The rest of the sink belongs to the caller.
    pub table: *const SinkTable,
}

/// The functions of a [`Sink`].
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct SinkTable {
    /// Size of this structure in bytes.
    pub size: u32,
    /// Appends bytes. `TOO_LARGE` and `NO_MEMORY` leave the reply as it was.
    pub write: unsafe extern "C" fn(this: *mut Sink, ptr: *const u8, len: usize) -> Status,
    /// Room for `len` more bytes behind the reply, null when they cannot be had. Valid until the
    /// next call on this sink.
    pub reserve: unsafe extern "C" fn(this: *mut Sink, len: usize) -> *mut u8,
    /// Appends the first `len` bytes of the reserved room. `ABI_MISMATCH` when that is more than
    /// was reserved.
    pub commit: unsafe extern "C" fn(this: *mut Sink, len: usize) -> Status,
    /// Hands an owned buffer over, worth it from about 64 KiB. It belongs to the caller from now
    /// on, whatever is returned.
    pub give: unsafe extern "C" fn(this: *mut Sink, buffer: *const Buffer) -> Status,
    /// Says why the call fails. Returns `status`. The status that the call returns is what counts.
    pub fail:
        unsafe extern "C" fn(this: *mut Sink, status: Status, ptr: *const u8, len: usize) -> Status,
}
