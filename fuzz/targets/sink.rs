//! A provider writes its reply, as one in C would.
//!
//! # Invariant
//!
//! Every address that is passed to the sink is null, lies in live memory of the length that is passed
//! with it, or comes with a length that no memory has. What was given is freed by the sink alone.
#![no_main]

use std::{cell::Cell, ffi::c_void, ptr, rc::Rc};

use libfuzzer_sys::{
    arbitrary::{self, Arbitrary},
    fuzz_target,
};
use provider_core::{
    ErrorKind, MAX_ERROR_TEXT, ReplyBuffer,
    abi::{self, Status, status},
};

#[derive(Debug, Arbitrary)]
enum Act<'a> {
    Write(&'a [u8]),
    /// From null, or of a length that there is not.
    WriteWrong {
        null: bool,
        len: usize,
    },
    /// Reserves, and fills what it got.
    Reserve(u16, u8),
    ReserveHuge(usize),
    Commit(u16),
    /// Writes where it should commit.
    WriteReserved(u16),
    Give {
        len: u16,
        byte: u8,
        free: bool,
    },
    GiveAgain,
    GiveWrong {
        how: u8,
        len: usize,
    },
    Fail {
        status: Status,
        text: &'a [u8],
        times: u16,
    },
    FailWrong(Status, usize),
}

#[derive(Debug, Arbitrary)]
struct Call<'a> {
    acts: Vec<Act<'a>>,
    status: Status,
    take: bool,
}

#[derive(Debug, Arbitrary)]
struct Plan<'a> {
    limit: Option<u16>,
    calls: Vec<Call<'a>>,
}

/// What was given: freed once, or not at all.
struct Given {
    bytes: Box<[u8]>,
    freed: Rc<Cell<u32>>,
}

unsafe extern "C" fn free(ctx: *mut c_void, ptr: *mut u8, len: usize) {
    // SAFETY: what `give` was passed, which nobody else frees.
    let given = unsafe { Box::from_raw(ctx.cast::<Given>()) };
    assert_eq!((ptr.cast_const(), len), (given.bytes.as_ptr(), given.bytes.len()));
    given.freed.set(given.freed.get() + 1);
}

/// What is expected of the sink.
#[derive(Default)]
struct Model {
    reply: Vec<u8>,
    reserved: Option<(*mut u8, usize, u8)>,
    misused: bool,
    refused: bool,
    failed: Option<Status>,
    text: Vec<u8>,
    /// The last buffer that was taken, as long as the sink holds it.
    held: Option<(abi::Buffer, Rc<Cell<u32>>)>,
}

/// A provider in the middle of a call.
struct Callee<'s> {
    sink: *mut abi::Sink,
    table: &'s abi::SinkTable,
    limit: usize,
    model: Model,
    /// How often each buffer was freed, and how often it is to be in the end.
    given: Vec<Rc<Cell<u32>>>,
    /// What has no function to free it lives until the end.
    kept: Vec<Box<[u8]>>,
}

impl Callee<'_> {
    fn fits(&self, len: usize) -> bool {
        self.model.reply.len().checked_add(len).is_some_and(|len| len <= self.limit)
    }

    fn taken(&mut self, bytes: &[u8], got: Status) {
        if self.fits(bytes.len()) {
            assert_eq!(got, status::OK);
            self.model.reply.extend(bytes);
        } else {
            assert_eq!(got, status::TOO_LARGE);
            self.model.refused = true;
        }
    }

    fn misused(&mut self, got: Status) {
        assert_eq!(got, status::ABI_MISMATCH);
        self.model.misused = true;
    }

    fn write(&mut self, ptr: *const u8, len: usize) -> Status {
        // SAFETY: this file's invariant.
        unsafe { (self.table.write)(self.sink, ptr, len) }
    }

    fn reserve(&mut self, len: usize) -> *mut u8 {
        // SAFETY: as above.
        unsafe { (self.table.reserve)(self.sink, len) }
    }

    fn give(&mut self, buffer: *const abi::Buffer) -> Status {
        // SAFETY: as above.
        unsafe { (self.table.give)(self.sink, buffer) }
    }

    fn fail(&mut self, status: Status, ptr: *const u8, len: usize) {
        // SAFETY: as above.
        let got = unsafe { (self.table.fail)(self.sink, status, ptr, len) };
        assert_eq!(got, status);
        self.model.failed = Some(status);
    }

    fn act(&mut self, act: &Act<'_>) {
        match act {
            Act::Write(bytes) => {
                self.model.reserved = None;
                let got = self.write(bytes.as_ptr(), bytes.len());
                self.taken(bytes, got);
            }
            Act::WriteWrong { null: true, len: 0 } => {
                self.model.reserved = None;
                assert_eq!(self.write(ptr::null(), 0), status::OK);
            }
            Act::WriteWrong { null, len } => {
                let len = if *null { *len } else { len | 1 << (usize::BITS - 1) };
                let ptr = if *null { ptr::null() } else { b"x".as_ptr() };
                let got = self.write(ptr, len);
                self.misused(got);
            }
            Act::Reserve(len, byte) => {
                let len = usize::from(*len);
                let room = self.reserve(len);
                self.model.reserved = None;
                if room.is_null() {
                    assert!(!self.fits(len), "no room for {len}");
                } else {
                    assert!(self.fits(len), "room for {len}");
                    // SAFETY: the room that was asked for.
                    unsafe { ptr::write_bytes(room, *byte, len) };
                    self.model.reserved = Some((room, len, *byte));
                }
            }
            Act::ReserveHuge(len) => {
                self.model.reserved = None;
                assert!(self.reserve(len | 1 << (usize::BITS - 1)).is_null());
            }
            Act::Commit(len) => {
                let len = usize::from(*len);
                // SAFETY: this file's invariant.
                let got = unsafe { (self.table.commit)(self.sink, len) };
                match self.model.reserved.take() {
                    Some((_, room, byte)) if len <= room => {
                        assert_eq!(got, status::OK);
                        self.model.reply.extend(std::iter::repeat_n(byte, len));
                    }
                    None if len == 0 => assert_eq!(got, status::OK),
                    _ => self.misused(got),
                }
            }
            Act::WriteReserved(len) => {
                if let Some((room, reserved, byte)) = self.model.reserved.take() {
                    let len = reserved.min(usize::from(*len));
                    match self.write(room, len) {
                        status::OK => self.model.reply.extend(std::iter::repeat_n(byte, len)),
                        got => self.misused(got),
                    }
                }
            }
            Act::Give { len, byte, free: true } => {
                let freed = Rc::new(Cell::new(0));
                self.given.push(Rc::clone(&freed));
                let bytes = vec![*byte; usize::from(*len)].into_boxed_slice();
                let given = Box::into_raw(Box::new(Given { bytes, freed: Rc::clone(&freed) }));
                // SAFETY: made just now.
                let bytes = unsafe { &mut *given };
                let (ptr, len) = (bytes.bytes.as_mut_ptr(), bytes.bytes.len());
                self.hand_over(
                    abi::Buffer { ptr, len, ctx: given.cast(), free: Some(free) },
                    *byte,
                    freed,
                );
            }
            Act::Give { len, byte, free: false } => {
                let mut bytes = vec![*byte; usize::from(*len)].into_boxed_slice();
                let (ptr, len) = (bytes.as_mut_ptr(), bytes.len());
                self.kept.push(bytes);
                let buffer = abi::Buffer { ptr, len, ctx: ptr::null_mut(), free: None };
                self.hand_over(buffer, *byte, Rc::default());
            }
            Act::GiveAgain => {
                if let Some((buffer, freed)) = &self.model.held
                    && buffer.len > 0
                    && buffer.free.is_some()
                    && freed.get() == 0
                {
                    let buffer = *buffer;
                    self.model.reserved = None;
                    let got = self.give(&raw const buffer);
                    self.misused(got);
                }
            }
            Act::GiveWrong { how, len } => {
                self.model.reserved = None;
                let null = abi::Buffer {
                    ptr: ptr::null_mut(),
                    len: len | 1,
                    ctx: ptr::null_mut(),
                    free: None,
                };
                let there = ptr::NonNull::<u8>::dangling().as_ptr();
                let long = abi::Buffer { ptr: there, len: len | 1 << (usize::BITS - 1), ..null };
                let got = match how % 4 {
                    0 => self.give(ptr::null()),
                    1 => self.give((&raw const null).wrapping_byte_add(1)),
                    2 => self.give(&raw const null),
                    _ => self.give(&raw const long),
                };
                self.misused(got);
            }
            Act::Fail { status, text, times } => {
                let text =
                    text.repeat(usize::from(*times).max(1).min((1 << 18) / text.len().max(1)));
                self.fail(*status, text.as_ptr(), text.len());
                // What is too long is cut, and not inside of a character of UTF-8.
                let begins = |at: &usize| text.get(*at).is_none_or(|byte| byte & 0xc0 != 0x80);
                let cut = (MAX_ERROR_TEXT - 3..=MAX_ERROR_TEXT).rev().find(begins);
                self.model.text = text;
                self.model.text.truncate(cut.unwrap_or(MAX_ERROR_TEXT));
            }
            Act::FailWrong(status, len) => {
                self.fail(*status, ptr::null(), len | 1);
                self.model.misused = true;
                self.model.text.clear();
            }
        }
    }

    fn hand_over(&mut self, buffer: abi::Buffer, byte: u8, freed: Rc<Cell<u32>>) {
        self.model.reserved = None;
        let got = self.give(&raw const buffer);
        self.taken(&vec![byte; buffer.len], got);
        self.model.held = (freed.get() == 0).then_some((buffer, freed));
    }

    /// What the caller makes of it.
    fn judged(&self, reply: &ReplyBuffer, ended: Status) {
        let model = &self.model;
        let outcome = reply.outcome(ended);
        assert_eq!(reply.failed(), model.failed);
        assert_eq!(reply.error_text(), model.text);
        assert_eq!(reply.misuse().is_some(), model.misused);
        let failed = model.failed.filter(|failed| *failed != status::OK);
        match outcome {
            Ok(()) => {
                assert!(ended == status::OK && failed.is_none());
                assert!(!model.misused && !model.refused);
                assert_eq!(reply.bytes(), model.reply);
            }
            Err(error) if model.misused => assert_eq!(error.kind(), ErrorKind::AbiMismatch),
            Err(error) => {
                let status = if ended == status::OK { failed } else { Some(ended) };
                let expected = status.unwrap_or(status::TOO_LARGE);
                assert!(status.is_some() || model.refused, "{error}");
                assert_eq!(error.kind(), ErrorKind::from_status(expected));
            }
        }
        // What is left of it is there to be read.
        assert!(reply.bytes().len() <= self.limit);
        std::hint::black_box(reply.bytes().iter().map(|byte| u32::from(*byte)).sum::<u32>());
    }
}

fuzz_target!(|plan: Plan<'_>| {
    let mut reply = match plan.limit {
        Some(limit) => ReplyBuffer::with_limit(usize::from(limit)),
        None => ReplyBuffer::new(),
    };
    let mut given = Vec::new();
    let mut kept = Vec::new();
    let mut taken = Vec::new();
    for call in &plan.calls {
        reply.clear();
        let sink = reply.as_sink();
        // SAFETY: the sink's table is a static.
        let table = unsafe { &*(*sink).table };
        let limit = plan.limit.map_or(provider_core::DEFAULT_REPLY_LIMIT, usize::from);
        let mut callee = Callee {
            sink,
            table,
            limit,
            model: Model::default(),
            given: Vec::new(),
            kept: Vec::new(),
        };
        for act in &call.acts {
            callee.act(act);
        }
        callee.judged(&reply, call.status);
        if call.take {
            let right = reply.outcome(call.status).is_ok();
            let bytes = reply.take();
            assert!(!right || *bytes == *callee.model.reply);
            taken.push(bytes);
        }
        given.append(&mut callee.given);
        kept.append(&mut callee.kept);
    }
    drop(reply);
    drop(taken);
    for freed in given {
        assert_eq!(freed.get(), 1, "what was given is freed once");
    }
});
