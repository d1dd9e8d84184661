//! The reply of a call, on the provider's side: a safe face for the caller's sink.
//!
//! # Invariants
//!
//! `sink` is the sink that the caller passed for the call in progress (ABI invariants 1, 2, 4), used
//! only on the thread that the call came on and not after it returned: the lifetime of [`Reply`]
//! says so, and it is neither `Send` nor `Sync`.
#![expect(
    unsafe_code,
    reason = "the caller's sink is reached through addresses; see the invariants"
)]

use std::{ffi::c_void, fmt, io, marker::PhantomData, ptr};

use arrayvec::ArrayVec;
use serde::Serialize;

use crate::{
    abi::{self, Status, status},
    codec,
    error::{Error, ErrorKind},
};

/// From this size on handing a buffer over beats copying it.
const WORTH_GIVING: usize = 64 * 1024;
/// A reply is produced in pieces of up to so many bytes: most fit into one.
const PIECE: usize = 256;

/// Where an operation's reply goes: straight into the caller's memory.
pub struct Reply<'a> {
    sink: *mut abi::Sink,
    call: PhantomData<&'a mut abi::Sink>,
}

impl<'a> Reply<'a> {
    /// The reply that goes to `sink`.
    ///
    /// # Safety
    ///
    /// `sink` is a sink as the header describes it, nobody else uses it for `'a`, and `'a` ends
    /// before the call that it was passed to returns.
    pub(crate) unsafe fn new(sink: *mut abi::Sink) -> Self {
        Self { sink, call: PhantomData }
    }

    /// The reply that goes to `buffer`: for calling a provider without a host.
    #[must_use]
    pub fn into_buffer(buffer: &'a mut crate::ReplyBuffer) -> Self {
        // SAFETY: `buffer` makes a sink as the header describes it and is borrowed for `'a`.
        unsafe { Self::new(buffer.as_sink()) }
    }

    fn table(&self) -> &'a abi::SinkTable {
        // SAFETY: the caller's sink outlives `'a` (invariant).
        let table = unsafe { (*self.sink).table };
        // SAFETY: a sink's table is valid for as long as the sink is (ABI invariant 1).
        unsafe { &*table }
    }

    /// Appends bytes that exist anyway.
    ///
    /// # Errors
    ///
    /// [`TooLarge`](ErrorKind::TooLarge) or [`NoMemory`](ErrorKind::NoMemory) when the caller cannot
    /// take them.
    #[inline]
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        // SAFETY: the sink's own function, with a live slice.
        let status = unsafe { (self.table().write)(self.sink, bytes.as_ptr(), bytes.len()) };
        accepted(status, bytes.len())
    }

    /// Hands `bytes` over without copying them when they are large enough for that to pay.
    ///
    /// # Errors
    ///
    /// As for [`write`](Self::write).
    pub fn give(&mut self, bytes: Vec<u8>) -> Result<(), Error> {
        let length = bytes.len();
        if length < WORTH_GIVING {
            return self.write(&bytes);
        }
        let mut bytes = std::mem::ManuallyDrop::new(bytes);
        let buffer = abi::Buffer {
            ptr: bytes.as_mut_ptr(),
            len: length,
            // The vector's capacity: an address-sized number is all that freeing needs.
            ctx: ptr::without_provenance_mut(bytes.capacity()),
            free: Some(free_vec),
        };
        // SAFETY: the sink's own function; the buffer describes a vector that nobody else owns.
        let status = unsafe { (self.table().give)(self.sink, &raw const buffer) };
        accepted(status, length)
    }

    /// Encodes `value` into the caller's memory. `()` and other values without contents are no bytes
    /// at all.
    ///
    /// # Errors
    ///
    /// As for [`write`](Self::write), and [`BadRequest`](ErrorKind::BadRequest) when `value` cannot
    /// be represented.
    #[inline]
    pub fn send<T: Serialize>(&mut self, value: &T) -> Result<(), Error> {
        const NIL: u8 = 0xc0;
        if size_of::<T>() == 0 {
            let payload = codec::encode(value)?;
            return if payload == [NIL] { Ok(()) } else { self.write(&payload) };
        }
        let mut writer = Writer { reply: self, piece: ArrayVec::new() };
        codec::write(&mut writer, value)?;
        writer.pass_on()
    }

    /// Says why the call fails. What the sink returns is a foreign number and counts for nothing.
    #[cfg(feature = "export")]
    pub(crate) fn fail(&mut self, status: Status, message: &str) {
        // SAFETY: the sink's own function, with a live string.
        unsafe { (self.table().fail)(self.sink, status, message.as_ptr(), message.len()) };
    }
}

impl fmt::Debug for Reply<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").finish_non_exhaustive()
    }
}

#[inline]
fn accepted(status: Status, length: usize) -> Result<(), Error> {
    if status == status::OK { Ok(()) } else { Err(refused(status, length)) }
}

#[cold]
fn refused(status: Status, length: usize) -> Error {
    let kind = ErrorKind::from_status(status);
    Error::new(kind, format!("the caller did not take {length} bytes of the reply: {kind}"))
}

/// Frees a vector that [`Reply::give`] handed over.
unsafe extern "C" fn free_vec(ctx: *mut c_void, ptr: *mut u8, len: usize) {
    // SAFETY: `give` made `ptr`, `len` and the capacity in `ctx` from one vector and gave it away;
    // the holder calls this once.
    drop(unsafe { Vec::from_raw_parts(ptr, len, ctx.addr()) });
}

/// Collects what an encoder writes in tiny bits, so that the caller gets it in one piece.
struct Writer<'r, 'a> {
    reply: &'r mut Reply<'a>,
    piece: ArrayVec<u8, PIECE>,
}

impl Writer<'_, '_> {
    #[inline]
    fn pass_on(&mut self) -> Result<(), Error> {
        if self.piece.is_empty() { Ok(()) } else { self.reply.write(&self.piece) }
    }

    #[cold]
    fn make_room(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.pass_on()?;
        self.piece.clear();
        match self.piece.try_extend_from_slice(bytes) {
            Ok(()) => Ok(()),
            Err(_) => self.reply.write(bytes),
        }
    }
}

impl io::Write for Writer<'_, '_> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    #[inline]
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let collected = match bytes {
            // Markers and small integers: a store beats a copy of a length not known here.
            [byte] => self.piece.try_push(*byte).is_ok(),
            bytes => self.piece.try_extend_from_slice(bytes).is_ok(),
        };
        if collected { Ok(()) } else { self.make_room(bytes).map_err(io::Error::other) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
