//! The reply of a call, on the caller's side: a sink that trusts nobody.
//!
//! A host uses it for a provider's replies, and the SDK for an actor's.
//!
//! # Invariants
//!
//! `sink` is the first member of a `repr(C)` structure, so that the sink's address is the buffer's.
//! Each function of [`TABLE`] is only ever called with the address that [`ReplyBuffer::as_sink`]
//! returned, while the buffer is borrowed for the call: the callee's duty, the same as for every
//! address in the ABI. Addresses and lengths that come back are checked as far as that can be done.
#![expect(
    unsafe_code,
    reason = "the callee reaches this sink through addresses; see the invariants"
)]

use std::{
    fmt,
    ptr::{self, NonNull},
    slice,
};

use crate::{
    abi::{self, Status, status},
    error::{Error, ErrorKind},
};

/// How large a reply may be unless the caller says otherwise, in bytes: 64 MiB.
pub const DEFAULT_REPLY_LIMIT: usize = 64 << 20;
/// How long the text of an error may be, in bytes; the rest is cut off.
pub const MAX_ERROR_TEXT: usize = 64 << 10;

/// Takes the reply of one call after another and keeps its memory in between.
///
/// What a callee does wrong with it (more committed than was reserved, an address that is null) is an error of kind [`AbiMismatch`](ErrorKind::AbiMismatch) and never
/// more than that.
#[repr(C)]
pub struct ReplyBuffer {
    sink: abi::Sink,
    bytes: Vec<u8>,
    /// How long the reply may get without growing `bytes` or breaking the limit; zero while `special`
    /// holds a given buffer. The one thing that a plain reply looks at.
    room: usize,
    reserved: usize,
    limit: usize,
    /// Whether `special` holds anything.
    is_special: bool,
    special: Special,
}

/// What a plain reply does not have.
#[derive(Default)]
struct Special {
    given: Option<GivenBytes>,
    text: Vec<u8>,
    failed: Option<Status>,
    /// Why a piece of the reply was not taken, if one was not.
    refused: Option<Status>,
    misuse: Option<&'static str>,
}

// SAFETY: the sink's table is a static and everything else is owned; a callee uses the sink only
// while the buffer is borrowed for its call.
unsafe impl Send for ReplyBuffer {}
// SAFETY: as above; nothing changes through a shared reference.
unsafe impl Sync for ReplyBuffer {}

static TABLE: abi::SinkTable = abi::SinkTable {
    #[expect(clippy::cast_possible_truncation, reason = "the structure is a few words")]
    size: size_of::<abi::SinkTable>() as u32,
    write,
    reserve,
    commit,
    give,
    fail,
};

impl ReplyBuffer {
    /// A buffer for replies of at most [`DEFAULT_REPLY_LIMIT`] bytes.
    #[must_use]
    pub fn new() -> Self {
        Self::with_limit(DEFAULT_REPLY_LIMIT)
    }

    /// A buffer for replies of at most `limit` bytes; a larger one is refused as
    /// [`TooLarge`](ErrorKind::TooLarge).
    #[must_use]
    pub fn with_limit(limit: usize) -> Self {
        Self {
            sink: abi::Sink { table: &raw const TABLE },
            bytes: Vec::new(),
            room: 0,
            reserved: 0,
            limit,
            is_special: false,
            special: Special::default(),
        }
    }

    /// The sink to pass to a callee, after [`clear`](Self::clear).
    pub fn as_sink(&mut self) -> *mut abi::Sink {
        (&raw mut *self).cast()
    }

    /// Makes room for the next reply.
    #[inline]
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.reserved = 0;
        if self.is_special {
            self.forget_special();
        }
        self.measure_room();
    }

    #[cold]
    fn forget_special(&mut self) {
        self.is_special = false;
        self.special.given = None;
        self.special.text.clear();
        self.special.failed = None;
        self.special.refused = None;
        self.special.misuse = None;
    }

    /// The reply.
    #[must_use]
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        if self.is_special
            && let Some(given) = &self.special.given
        {
            return given.bytes();
        }
        &self.bytes
    }

    /// The reply, owned.
    #[must_use]
    pub fn into_vec(mut self) -> Vec<u8> {
        self.take().into()
    }

    /// Takes the reply out; what the callee gave stays where it is.
    #[must_use]
    pub fn take(&mut self) -> ReplyBytes {
        self.room = 0;
        match self.special.given.take() {
            Some(given) => ReplyBytes::Given(given),
            None => ReplyBytes::Copied(std::mem::take(&mut self.bytes)),
        }
    }

    /// What the callee did wrong with the sink, if anything.
    #[must_use]
    pub fn misuse(&self) -> Option<&'static str> {
        self.special.misuse
    }

    /// The status that the callee passed to `fail`, if it did.
    #[must_use]
    pub fn failed(&self) -> Option<Status> {
        self.special.failed
    }

    /// What the callee passed to `fail`, as it came and cut at [`MAX_ERROR_TEXT`].
    #[must_use]
    pub fn error_text(&self) -> &[u8] {
        &self.special.text
    }

    /// Judges a call that ended with `status`.
    ///
    /// # Errors
    ///
    /// The callee's error, or [`AbiMismatch`](ErrorKind::AbiMismatch) when it misused the sink.
    #[inline]
    pub fn outcome(&self, status: Status) -> Result<(), Error> {
        if status == status::OK && !self.is_special {
            return Ok(());
        }
        self.special_outcome(status)
    }

    #[cold]
    fn special_outcome(&self, status: Status) -> Result<(), Error> {
        let Special { text, failed, refused, misuse, .. } = &self.special;
        if let Some(misuse) = misuse {
            return Err(Error::new(ErrorKind::AbiMismatch, *misuse));
        }
        let failed = failed.filter(|failed| *failed != status::OK);
        let status = match (status, failed, refused) {
            (status::OK, None, None) => return Ok(()),
            (status::OK, None, Some(refused)) => {
                let kind = ErrorKind::from_status(*refused);
                return Err(Error::new(kind, "a piece of the reply was not taken"));
            }
            (status::OK, Some(failed), _) => failed,
            (status, ..) => status,
        };
        let kind = ErrorKind::from_status(status);
        if text.is_empty() {
            return Err(Error::new(kind, format!("{kind} (status {status}, without a message)")));
        }
        Err(match str::from_utf8(text) {
            Ok(text) => Error::new(kind, text),
            Err(_) => Error::new(kind, String::from_utf8_lossy(text)),
        })
    }

    fn absorb_given(&mut self) -> Result<(), Status> {
        if let Some(given) = self.special.given.take() {
            self.bytes.try_reserve(given.bytes().len()).map_err(|_| status::NO_MEMORY)?;
            self.bytes.extend_from_slice(given.bytes());
        }
        Ok(())
    }

    /// Remembers that a piece of the reply was not taken: the call has failed, whatever it returns.
    #[cold]
    fn refused(&mut self, status: Status) -> Status {
        self.is_special = true;
        self.special.refused.get_or_insert(status);
        status
    }

    #[cold]
    fn misused(&mut self, what: &'static str) -> Status {
        self.is_special = true;
        self.special.misuse.get_or_insert(what);
        status::ABI_MISMATCH
    }

    #[inline]
    fn measure_room(&mut self) {
        self.room = self.bytes.capacity().min(self.limit);
    }

    #[inline]
    fn has_room(&self, more: usize) -> bool {
        more <= self.room.saturating_sub(self.bytes.len())
    }

    /// Makes sure that `more` bytes fit behind the reply.
    #[inline]
    fn grow(&mut self, more: usize) -> Result<(), Status> {
        if self.has_room(more) { Ok(()) } else { self.find_room(more) }
    }

    #[cold]
    fn find_room(&mut self, more: usize) -> Result<(), Status> {
        self.absorb_given()?;
        if more > self.limit.saturating_sub(self.bytes.len()) {
            return Err(status::TOO_LARGE);
        }
        self.bytes.try_reserve(more).map_err(|_| status::NO_MEMORY)?;
        self.measure_room();
        Ok(())
    }

    #[inline]
    fn append(&mut self, bytes: &[u8]) -> Status {
        self.reserved = 0;
        if let Err(status) = self.grow(bytes.len()) {
            return self.refused(status);
        }
        self.bytes.extend_from_slice(bytes);
        status::OK
    }
}

impl Default for ReplyBuffer {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ReplyBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplyBuffer")
            .field("length", &self.bytes().len())
            .field("limit", &self.limit)
            .field("failed", &self.special.failed)
            .field("misuse", &self.special.misuse)
            .finish_non_exhaustive()
    }
}

/// A reply on its own.
#[derive(Debug)]
pub enum ReplyBytes {
    /// It was copied into our memory.
    Copied(Vec<u8>),
    /// It is in memory that the callee gave, and will be freed by the callee's function.
    Given(GivenBytes),
}

impl std::ops::Deref for ReplyBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Copied(bytes) => bytes,
            Self::Given(given) => given.bytes(),
        }
    }
}

impl From<ReplyBytes> for Vec<u8> {
    fn from(reply: ReplyBytes) -> Self {
        match reply {
            ReplyBytes::Copied(bytes) => bytes,
            ReplyBytes::Given(given) => given.bytes().to_vec(),
        }
    }
}

/// Bytes that a callee gave; its own function frees them.
#[derive(Debug)]
pub struct GivenBytes(abi::Buffer);

// SAFETY: the ABI lets an owned buffer be read and freed on any thread.
unsafe impl Send for GivenBytes {}
// SAFETY: as above; it is only read through a shared reference.
unsafe impl Sync for GivenBytes {}

impl GivenBytes {
    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        if self.0.len == 0 {
            return &[];
        }
        // SAFETY: `give` checked the address; the giver keeps the bytes as they are until `free`
        // (ABI invariant 2), which only our `Drop` calls.
        unsafe { slice::from_raw_parts(self.0.ptr, self.0.len) }
    }
}

impl Drop for GivenBytes {
    fn drop(&mut self) {
        if let Some(free) = self.0.free {
            // SAFETY: the giver's own function with the giver's own values, called once.
            unsafe { free(self.0.ctx, self.0.ptr, self.0.len) };
        }
    }
}

/// The buffer behind a sink's address.
///
/// # Safety
///
/// `this` came from [`ReplyBuffer::as_sink`] and its buffer is borrowed for the call in progress.
#[inline]
unsafe fn buffer<'a>(this: *mut abi::Sink) -> &'a mut ReplyBuffer {
    // SAFETY: the sink's address is the buffer's (module invariant).
    unsafe { &mut *this.cast::<ReplyBuffer>() }
}

/// Bytes that a callee names, nothing if the address cannot be one.
///
/// # Safety
///
/// `ptr` and `len` name initialised memory unless `ptr` is null.
#[inline]
unsafe fn bytes<'a>(ptr: *const u8, len: usize) -> Option<&'a [u8]> {
    let Some(ptr) = NonNull::new(ptr.cast_mut()) else {
        return if len == 0 { Some(&[]) } else { None };
    };
    if isize::try_from(len).is_err() {
        return None;
    }
    // SAFETY: the callee's duty (ABI invariant 2); what can be checked was.
    Some(unsafe { slice::from_raw_parts(ptr.as_ptr(), len) })
}

unsafe extern "C" fn write(this: *mut abi::Sink, ptr: *const u8, len: usize) -> Status {
    // SAFETY: module invariant.
    let buffer = unsafe { buffer(this) };
    let length = buffer.bytes.len();
    if buffer.has_room(len) && !ptr.is_null() {
        buffer.reserved = 0;
        // SAFETY: `room` is at most the capacity, and `len` bytes fit below it (just checked).
        let end = unsafe { buffer.bytes.as_mut_ptr().add(length) };
        // SAFETY: the callee's duty for its bytes (ABI invariant 2). They may be in reserved room, by a
        // callee that writes where it should commit, so the two may overlap.
        unsafe { ptr::copy(ptr, end, len) };
        // SAFETY: as above; the bytes were written.
        unsafe { buffer.bytes.set_len(length + len) };
        return status::OK;
    }
    // SAFETY: the callee's duty (ABI invariant 2).
    unsafe { write_with_care(buffer, ptr, len) }
}

/// # Safety
///
/// As for [`bytes`].
#[cold]
unsafe fn write_with_care(buffer: &mut ReplyBuffer, ptr: *const u8, len: usize) -> Status {
    if buffer.bytes.as_ptr_range().contains(&ptr)
        || buffer.bytes.spare_capacity_mut().as_ptr_range().contains(&ptr.cast())
    {
        // Growing would move the bytes away.
        return buffer
            .misused("the reply was written from its own room, which is there to be committed");
    }
    // SAFETY: the caller's promise.
    match unsafe { bytes(ptr, len) } {
        Some(bytes) => buffer.append(bytes),
        None => buffer.misused("the reply was written from an address that cannot be one"),
    }
}

unsafe extern "C" fn reserve(this: *mut abi::Sink, len: usize) -> *mut u8 {
    // SAFETY: module invariant.
    let buffer = unsafe { buffer(this) };
    if buffer.grow(len).is_err() {
        buffer.reserved = 0;
        return ptr::null_mut();
    }
    buffer.reserved = len;
    buffer.bytes.spare_capacity_mut().as_mut_ptr().cast()
}

unsafe extern "C" fn commit(this: *mut abi::Sink, len: usize) -> Status {
    // SAFETY: module invariant.
    let buffer = unsafe { buffer(this) };
    let reserved = std::mem::take(&mut buffer.reserved);
    if len > reserved {
        return buffer.misused("more of the reply was committed than reserved");
    }
    let length = buffer.bytes.len() + len;
    // SAFETY: `reserve` made room for `reserved` bytes behind the reply and nothing was appended
    // since (`append` and `give` would have to be called in between, and then `reserved` bytes of
    // capacity may be gone: both set it to zero); the callee wrote `len` of them.
    unsafe { buffer.bytes.set_len(length) };
    status::OK
}

unsafe extern "C" fn give(this: *mut abi::Sink, given: *const abi::Buffer) -> Status {
    // SAFETY: module invariant.
    let buffer = unsafe { buffer(this) };
    buffer.reserved = 0;
    if given.is_null() || !given.is_aligned() {
        return buffer.misused("a buffer was given at an address that cannot be one");
    }
    // SAFETY: the callee's duty (ABI invariant 2); what can be checked was.
    let given = unsafe { *given };
    let held = buffer.special.given.as_ref();
    if given.len > 0 && held.is_some_and(|held| held.0.ptr == given.ptr) {
        return buffer.misused("the same buffer was given twice");
    }
    let given = GivenBytes(given);
    if (given.0.ptr.is_null() && given.0.len > 0) || isize::try_from(given.0.len).is_err() {
        return buffer
            .misused("a buffer was given whose bytes are at an address that cannot be one");
    }
    if given.0.len > buffer.limit.saturating_sub(buffer.bytes().len()) {
        return buffer.refused(status::TOO_LARGE);
    }
    if buffer.bytes().is_empty() {
        buffer.special.given = Some(given);
        (buffer.is_special, buffer.room) = (true, 0);
        return status::OK;
    }
    buffer.append(given.bytes())
}

unsafe extern "C" fn fail(
    this: *mut abi::Sink,
    status: Status,
    ptr: *const u8,
    len: usize,
) -> Status {
    // SAFETY: module invariant.
    let buffer = unsafe { buffer(this) };
    buffer.is_special = true;
    buffer.special.failed = Some(status);
    buffer.special.text.clear();
    // SAFETY: the callee's duty (ABI invariant 2).
    match unsafe { bytes(ptr, len) } {
        Some(text) => buffer.special.text.extend_from_slice(cut(text)),
        None => {
            buffer.misused("the text of an error is at an address that cannot be one");
        }
    }
    status
}

/// As much of an error's text as is kept. A character of UTF-8 at the cut is left out whole.
fn cut(text: &[u8]) -> &[u8] {
    if text.len() <= MAX_ERROR_TEXT {
        return text;
    }
    let inside = |at: &usize| text[*at] & 0xc0 == 0x80;
    let mut places = (0..4).map(|back| MAX_ERROR_TEXT - back);
    let end = places.find(|at| !inside(at)).unwrap_or(MAX_ERROR_TEXT);
    &text[..end]
}

#[cfg(test)]
mod tests;
