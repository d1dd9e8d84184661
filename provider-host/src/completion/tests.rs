use std::{ptr::NonNull, task::Waker};

use super::*;
use crate::{answer::Answer, door::Door};

extern "C" fn configure(_: *mut abi::Provider, _: *const abi::Host, _: *mut abi::Sink) -> Status {
    status::FAILED
}

extern "C" fn call(_: *mut abi::Provider, _: *const abi::Request, _: *mut abi::Sink) -> Status {
    status::FAILED
}

extern "C" fn stop(_: *mut abi::Provider, _: *mut abi::Sink) -> Status {
    status::FAILED
}

extern "C" fn destroy(_: *mut abi::Provider) -> Status {
    status::FAILED
}

extern "C" fn extension(_: *mut abi::Provider, _: *const u8, _: usize) -> *const std::ffi::c_void {
    ptr::null()
}

/// The calls of a provider that is never called.
fn calls() -> Arc<Calls> {
    Calls::new(Door::new(
        NonNull::dangling(),
        abi::ProviderTable {
            size: 0,
            abi_major: 0,
            abi_minor: 0,
            configure_dispatch: configure,
            handle_call: call,
            stop,
            destroy,
            get_extension: extension,
        },
    ))
}

/// A call in flight.
struct Flying {
    calls: Arc<Calls>,
    number: u64,
    answer: Arc<Answer>,
    completion: *mut abi::Completion,
}

impl Flying {
    fn new(calls: &Arc<Calls>) -> Self {
        let (number, answer) = calls.begin();
        let (_, completion) = Place::take(calls, number);
        Self { calls: Arc::clone(calls), number, answer, completion }
    }

    fn sink(&self) -> *mut abi::Sink {
        // SAFETY: any address may be passed.
        unsafe { reply(self.completion) }
    }

    fn write(&self, bytes: &[u8]) -> Status {
        // SAFETY: a sink, and live bytes.
        unsafe { write(self.sink(), bytes.as_ptr(), bytes.len()) }
    }

    fn complete(&self, status: Status) {
        // SAFETY: any address may be passed.
        unsafe { complete(self.completion, status) }
    }

    fn outcome(&self) -> Result<Vec<u8>, ErrorKind> {
        let std::task::Poll::Ready(outcome) = self.answer.poll(Waker::noop()) else {
            panic!("call {} is in flight", self.number)
        };
        outcome.map(Into::into).map_err(|error| error.kind())
    }
}

#[test]
fn a_reply_is_made_of_all_that_is_written() {
    let call = Flying::new(&calls());
    assert_eq!(call.write(b"ab"), status::OK);
    // SAFETY: a sink.
    let room = unsafe { reserve(call.sink(), 4) };
    // SAFETY: there is room for four.
    unsafe { ptr::copy_nonoverlapping(b"cd".as_ptr(), room, 2) };
    // SAFETY: a sink.
    assert_eq!(unsafe { commit(call.sink(), 2) }, status::OK);
    call.complete(status::OK);
    assert_eq!(call.outcome().unwrap(), b"abcd");
}

#[test]
fn the_reason_of_a_failure_is_written_as_a_reply_is() {
    let call = Flying::new(&calls());
    // SAFETY: a sink, and a live text.
    unsafe { fail(call.sink(), status::DENIED, b"no".as_ptr(), 2) };
    call.complete(status::DENIED);
    assert_eq!(call.outcome(), Err(ErrorKind::Denied));
}

#[test]
fn an_address_is_of_use_until_its_call_is_completed() {
    let calls = calls();
    let first = Flying::new(&calls);
    first.complete(status::OK);
    assert_eq!(first.outcome().unwrap(), b"");
    first.complete(status::OK);
    assert_eq!(first.write(b"late"), status::ABI_MISMATCH);
    // SAFETY: a sink.
    assert!(unsafe { reserve(first.sink(), 1) }.is_null());
    let faults = calls.faults();
    assert_eq!((faults.completed_again, faults.written_late), (1, 2));
}

#[test]
fn a_place_that_is_used_again_is_no_place_of_the_call_before() {
    let calls = calls();
    // So many are in flight that no more places are free than have to be.
    let mut flying = Vec::new();
    while POOL.free.lock().len() > RESTING + 1 {
        flying.push(Flying::new(&calls));
    }
    let first = Flying::new(&calls);
    first.complete(status::OK);
    let mut others = Vec::new();
    let mut again = 0;
    // Tests that run at the same time use places too.
    for _ in 0..RESTING * TURNS * 3 / 4 {
        let other = Flying::new(&calls);
        let distance = other.completion.addr().abs_diff(first.completion.addr());
        again += usize::from(distance < TURNS * size_of::<Handle>());
        assert_ne!(other.completion, first.completion);
        first.complete(status::FAILED);
        assert_eq!(first.write(b"late"), status::ABI_MISMATCH);
        assert!(!other.answer.is_given());
        other.complete(status::OK);
        others.push(other);
    }
    for call in &flying {
        call.complete(status::OK);
    }
    assert!(again > 0, "its place was used again");
    assert!(flying.iter().chain(&others).all(|call| call.outcome().unwrap().is_empty()));
    assert_eq!(calls.in_flight(), 0);
}

#[test]
fn addresses_that_are_no_calls_are_no_calls() {
    let call = Flying::new(&calls());
    let inside = call.completion.wrapping_byte_add(1);
    let table: *mut abi::Completion = call.sink().cast();
    let far = call.completion.wrapping_byte_sub(1 << 30);
    for address in [ptr::null_mut(), inside, table, far, ptr::without_provenance_mut(8)] {
        // SAFETY: any address may be passed.
        unsafe { complete(address, status::OK) };
        // SAFETY: any address may be passed.
        let sink = unsafe { reply(address) };
        // SAFETY: a sink, and live bytes.
        assert_eq!(unsafe { write(sink, b"x".as_ptr(), 1) }, status::ABI_MISMATCH);
    }
    assert!(!call.answer.is_given());
    assert_eq!(call.calls.faults(), crate::CallFaults::default());
    call.complete(status::OK);
    assert_eq!(call.outcome().unwrap(), b"");
}

#[test]
fn a_reply_that_two_threads_write_at_once_is_an_error() {
    let call = Flying::new(&calls());
    let found = POOL.find(call.completion.addr(), offset_of!(Handle, completion)).unwrap();
    // What a thread does that is in a function of the sink.
    let (number, buffer) = found.lend().unwrap();
    assert_eq!(call.write(b"x"), status::ABI_MISMATCH);
    found.put_back(number, buffer);
    call.complete(status::OK);
    assert_eq!(call.outcome(), Err(ErrorKind::AbiMismatch));
}

#[test]
fn a_call_that_is_completed_while_its_reply_is_written_is_an_error() {
    let calls = calls();
    let call = Flying::new(&calls);
    let found = POOL.find(call.completion.addr(), offset_of!(Handle, completion)).unwrap();
    let (number, buffer) = found.lend().unwrap();
    call.complete(status::OK);
    assert_eq!(call.outcome(), Err(ErrorKind::AbiMismatch));
    // It is not put into the place of another call.
    found.put_back(number, buffer);
    assert!(found.lend().is_none());
}
