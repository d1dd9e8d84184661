//! The reply of a call, on the provider's side: a safe face for the caller's sink.
//!
//! # Invariants
//!
//! `sink` is the sink that the caller passed for the call in progress (ABI invariants 1, 2, 4), used
//! only on the thread that the call came on and not after it returned: the lifetime of [`Reply`]
//! says so, and it is neither `Send` nor `Sync`. `room` is what `reserve` returned for `capacity`
//! bytes, and no other function of the sink was called since.
#![expect(
    unsafe_code,
    reason = "the caller's sink is reached through addresses; see the invariants"
)]

use std::{ffi::c_void, fmt, io, marker::PhantomData, ptr};

use serde::Serialize;

use crate::{
    abi::{self, Status, status},
    codec,
    error::{Error, ErrorKind},
};

/// From this size on handing a buffer over beats copying it.
const WORTH_GIVING: usize = 64 * 1024;
/// How much room to ask for first: most replies fit. Then twice as much each time ...
const FIRST_ROOM: usize = 256;
/// ... up to this. A piece larger than the room goes to the sink at once.
const LAST_ROOM: usize = 16 * 1024;

/// Where an operation's reply goes: straight into the caller's memory.
pub struct Reply<'a> {
    sink: *mut abi::Sink,
    room: *mut u8,
    capacity: usize,
    used: usize,
    asked: usize,
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
        Self {
            sink,
            room: ptr::null_mut(),
            capacity: 0,
            used: 0,
            asked: 0,
            call: PhantomData,
        }
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
        self.commit()?;
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
        self.commit()?;
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
    pub fn send<T: Serialize>(&mut self, value: &T) -> Result<(), Error> {
        const NIL: u8 = 0xc0;
        if size_of::<T>() == 0 {
            let payload = codec::encode(value)?;
            return if payload == [NIL] {
                Ok(())
            } else {
                self.write(&payload)
            };
        }
        codec::write(&mut Writer(self), value)?;
        self.commit()
    }

    /// Says why the call fails. Returns the status to end it with.
    pub(crate) fn fail(&mut self, kind: ErrorKind, message: &str) -> Status {
        // SAFETY: the sink's own function, with a live string.
        unsafe { (self.table().fail)(self.sink, kind.status(), message.as_ptr(), message.len()) }
    }

    /// Appends what was produced into the reserved room.
    #[inline]
    fn commit(&mut self) -> Result<(), Error> {
        if self.used == 0 {
            return Ok(());
        }
        let used = std::mem::take(&mut self.used);
        self.capacity = 0;
        // SAFETY: `used` bytes of the room reserved last were written (invariant).
        accepted(unsafe { (self.table().commit)(self.sink, used) }, used)
    }

    #[inline]
    fn produce(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if bytes.len() > self.capacity - self.used {
            let asked = (self.asked * 2).clamp(FIRST_ROOM, LAST_ROOM);
            if bytes.len() > asked {
                return self.write(bytes);
            }
            self.commit()?;
            self.reserve(asked)?;
        }
        // SAFETY: `room` is `capacity` bytes of the caller's memory, of which `used` are filled; the
        // piece fits behind them, as just checked.
        let place = unsafe { self.room.add(self.used) };
        // SAFETY: as above; the caller's room and our slice are different memory.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), place, bytes.len()) };
        self.used += bytes.len();
        Ok(())
    }

    #[cold]
    fn reserve(&mut self, asked: usize) -> Result<(), Error> {
        // SAFETY: the sink's own function.
        let room = unsafe { (self.table().reserve)(self.sink, asked) };
        if room.is_null() {
            return Err(Error::new(
                ErrorKind::TooLarge,
                format!("the caller has no room for {asked} more bytes of the reply"),
            ));
        }
        (self.room, self.capacity, self.asked) = (room, asked, asked);
        Ok(())
    }
}

impl fmt::Debug for Reply<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").finish_non_exhaustive()
    }
}

fn accepted(status: Status, length: usize) -> Result<(), Error> {
    if status == status::OK {
        Ok(())
    } else {
        Err(refused(status, length))
    }
}

#[cold]
fn refused(status: Status, length: usize) -> Error {
    let kind = ErrorKind::from_status(status);
    Error::new(
        kind,
        format!("the caller did not take {length} bytes of the reply: {kind}"),
    )
}

/// Frees a vector that [`Reply::give`] handed over.
unsafe extern "C" fn free_vec(ctx: *mut c_void, ptr: *mut u8, len: usize) {
    // SAFETY: `give` made `ptr`, `len` and the capacity in `ctx` from one vector and gave it away;
    // the holder calls this once.
    drop(unsafe { Vec::from_raw_parts(ptr, len, ctx.addr()) });
}

struct Writer<'r, 'a>(&'r mut Reply<'a>);

impl io::Write for Writer<'_, '_> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    #[inline]
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.produce(bytes).map_err(io::Error::other)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
