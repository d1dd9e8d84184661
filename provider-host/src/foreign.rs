//! What a provider passes: addresses and lengths that are somebody else's word.
//!
//! # Invariant
//!
//! Every function here checks what can be checked (null, alignment, length, UTF-8) before it looks at
//! an address. That an address points to what it should, and that this stays there for as long as the
//! ABI says, is the provider's word.
#![expect(unsafe_code, reason = "addresses of a provider are read here; see the invariant")]

use std::{ffi::c_void, slice};

use provider_core::abi;

/// The bytes that a provider names.
///
/// # Safety
///
/// If the address is not null, it names `len` initialised bytes that stay as they are for `'a`.
pub(crate) unsafe fn bytes<'a>(bytes: abi::Bytes) -> Result<&'a [u8], String> {
    let abi::Bytes { ptr, len } = bytes;
    if len == 0 {
        return Ok(&[]);
    }
    if ptr.is_null() || isize::try_from(len).is_err() {
        return Err(format!("has {len} bytes at {ptr:p}"));
    }
    // SAFETY: an address that is not null and a possible length; the rest is the caller's promise.
    Ok(unsafe { slice::from_raw_parts(ptr, len) })
}

/// The string that a provider names, of at most `max` bytes.
///
/// # Safety
///
/// As for [`bytes`].
pub(crate) unsafe fn text<'a>(text: abi::Str, max: usize) -> Result<&'a str, String> {
    if text.len > max {
        return Err(format!("is {} bytes long, at most {max} are allowed", text.len));
    }
    // SAFETY: the caller's promise.
    let bytes = unsafe { bytes(abi::Bytes { ptr: text.ptr, len: text.len }) }?;
    str::from_utf8(bytes).map_err(|error| format!("is not UTF-8: {error}"))
}

/// A copy of a provider's table of functions.
///
/// `names` are the functions', in order: they begin `first` bytes into the table and fill the rest of
/// it.
///
/// # Safety
///
/// `T` begins with its size as a `u32` and is otherwise made of numbers before `first` and functions
/// from there on. If `table` is not null and aligned, it names as many initialised bytes as the first
/// four say.
pub(crate) unsafe fn table<T: Copy>(
    table: *const T,
    first: usize,
    names: &[&str],
) -> Result<T, String> {
    if table.is_null() || !table.is_aligned() {
        return Err(format!("the address of its table is {table:p}"));
    }
    // SAFETY: an aligned address that is not null; the rest is the caller's promise.
    let size = unsafe { *table.cast::<u32>() } as usize;
    if size < size_of::<T>() {
        let needed = size_of::<T>();
        return Err(format!("its table's size is {size}, at least {needed} is needed"));
    }
    // SAFETY: within the table.
    let functions = unsafe { table.byte_add(first) }.cast::<*const c_void>();
    for (index, name) in names.iter().enumerate() {
        // SAFETY: within the table, aligned as its functions are.
        let function = unsafe { functions.add(index) };
        // SAFETY: as above; an address is read as an address.
        if unsafe { *function }.is_null() {
            return Err(format!("`{name}` in its table is null"));
        }
    }
    // SAFETY: it is large enough and its functions are not null.
    Ok(unsafe { *table })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[repr(C)]
    #[derive(Debug, Clone, Copy)]
    struct Table {
        size: u32,
        first: Option<extern "C" fn()>,
        second: Option<extern "C" fn()>,
    }

    extern "C" fn function() {}

    fn checked(given: *const Table) -> Result<Table, String> {
        // SAFETY: null, not aligned, or a live table.
        unsafe { table(given, std::mem::offset_of!(Table, first), &["first", "second"]) }
    }

    #[test]
    fn a_table_is_copied_only_when_it_is_whole() {
        let whole = Table { size: 24, first: Some(function), second: Some(function) };
        assert!(checked(&raw const whole).is_ok());
        let gap = Table { second: None, ..whole };
        assert_eq!(checked(&raw const gap).unwrap_err(), "`second` in its table is null");
        let small = Table { size: 8, ..whole };
        assert!(checked(&raw const small).unwrap_err().contains("size is 8"));
        assert!(checked(std::ptr::null()).unwrap_err().contains("address"));
        assert!(checked(std::ptr::without_provenance(3)).unwrap_err().contains("0x3"));
    }

    #[test]
    fn strings_are_checked_before_they_are_used() {
        // SAFETY: null, or live bytes.
        let read = |ptr: *const u8, len| unsafe { text(abi::Str { ptr, len }, 4) };
        assert_eq!(read(std::ptr::null(), 0), Ok(""));
        assert_eq!(read(b"abcd".as_ptr(), 4), Ok("abcd"));
        assert!(read(b"abcde".as_ptr(), 5).unwrap_err().contains("at most 4"));
        assert!(read(std::ptr::null(), 1).unwrap_err().contains("1 bytes at 0x0"));
        assert!(read(b"\xff".as_ptr(), 1).unwrap_err().contains("not UTF-8"));
    }
}
