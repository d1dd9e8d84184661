//! Bytes that change their owner.

use core::ffi::c_void;

/// Bytes that change their owner.
///
/// Whoever holds it last calls `free(ctx, ptr, len)` once, on any thread, perhaps after the provider
/// was destroyed. Without `free` there is nothing to free.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Buffer {
    /// Address of the first byte.
    pub ptr: *mut u8,
    /// Length in bytes.
    pub len: usize,
    /// What `free` needs besides.
    pub ctx: *mut c_void,
    /// Frees the bytes.
    pub free: Option<unsafe extern "C" fn(ctx: *mut c_void, ptr: *mut u8, len: usize)>,
}
