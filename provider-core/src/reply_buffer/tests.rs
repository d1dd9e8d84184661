//! A callee that uses the sink rightly, and one that does not.

use super::*;

/// Calls a function of the sink as a callee would.
macro_rules! sink {
    ($buffer:expr, $function:ident $(, $argument:expr)*) => {{
        let sink = $buffer.as_sink();
        // SAFETY: the buffer's own table, and arguments that the test chose to be right or to be
        // caught by a check before they are used.
        unsafe { ((*(*sink).table).$function)(sink $(, $argument)*) }
    }};
}

extern "C" fn count(ctx: *mut std::ffi::c_void, _: *mut u8, _: usize) {
    // SAFETY: the test passes the address of a live counter.
    let counter = unsafe { &*ctx.cast::<std::sync::atomic::AtomicUsize>() };
    counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
}

fn given(text: &'static [u8], counter: &std::sync::atomic::AtomicUsize) -> abi::Buffer {
    abi::Buffer {
        ptr: text.as_ptr().cast_mut(),
        len: text.len(),
        ctx: (&raw const *counter).cast_mut().cast(),
        free: Some(count),
    }
}

#[test]
fn pieces_written_produced_and_given_come_out_in_order() {
    let frees = std::sync::atomic::AtomicUsize::new(0);
    let mut buffer = ReplyBuffer::new();
    let piece = given(b"one ", &frees);
    assert_eq!(sink!(buffer, give, &raw const piece), status::OK);
    assert_eq!(buffer.bytes(), b"one ");
    assert_eq!(sink!(buffer, write, b"two ".as_ptr(), 4), status::OK);
    let room = sink!(buffer, reserve, 100);
    // SAFETY: 100 bytes were reserved.
    unsafe { std::ptr::copy_nonoverlapping(b"three".as_ptr(), room, 5) };
    assert_eq!(sink!(buffer, commit, 5), status::OK);
    let piece = given(b" four", &frees);
    assert_eq!(sink!(buffer, give, &raw const piece), status::OK);
    buffer.outcome(status::OK).unwrap();
    assert_eq!(buffer.bytes(), b"one two three four");
    assert_eq!(frees.load(std::sync::atomic::Ordering::Relaxed), 2);
}

#[test]
fn a_given_buffer_is_freed_once_whatever_becomes_of_it() {
    let frees = std::sync::atomic::AtomicUsize::new(0);
    let piece = given(b"12345", &frees);
    let mut buffer = ReplyBuffer::with_limit(4);
    assert_eq!(sink!(buffer, give, &raw const piece), status::TOO_LARGE);
    assert_eq!(frees.load(std::sync::atomic::Ordering::Relaxed), 1);
    let mut buffer = ReplyBuffer::new();
    sink!(buffer, give, &raw const piece);
    let taken = buffer.take();
    drop(buffer);
    assert_eq!(&*taken, b"12345");
    assert_eq!(frees.load(std::sync::atomic::Ordering::Relaxed), 1);
    drop(taken);
    assert_eq!(frees.load(std::sync::atomic::Ordering::Relaxed), 2);
}

#[test]
fn the_limit_holds_for_every_way_in() {
    let mut buffer = ReplyBuffer::with_limit(4);
    assert_eq!(sink!(buffer, write, b"12345".as_ptr(), 5), status::TOO_LARGE);
    assert!(sink!(buffer, reserve, 5).is_null());
    assert!(sink!(buffer, reserve, usize::MAX).is_null());
    assert_eq!(sink!(buffer, write, b"1234".as_ptr(), 4), status::OK);
    assert_eq!(sink!(buffer, write, b"5".as_ptr(), 1), status::TOO_LARGE);
    assert_eq!(buffer.bytes(), b"1234");
}

#[test]
fn misuse_is_an_error_that_says_what_was_misused() {
    let misuse = |act: fn(&mut ReplyBuffer)| {
        let mut buffer = ReplyBuffer::new();
        act(&mut buffer);
        let error = buffer.outcome(status::OK).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AbiMismatch);
        error.message().to_owned()
    };
    let null = std::ptr::null;
    assert!(misuse(|buffer| _ = sink!(buffer, write, std::ptr::null(), 3)).contains("written"));
    assert!(misuse(|buffer| _ = sink!(buffer, commit, 1)).contains("committed"));
    assert!(misuse(|buffer| _ = sink!(buffer, give, std::ptr::null())).contains("given"));
    assert!(misuse(|buffer| _ = sink!(buffer, fail, 1, std::ptr::null(), 9)).contains("text"));
    let mut buffer = ReplyBuffer::new();
    assert_eq!(sink!(buffer, write, null(), 0), status::OK);
    buffer.outcome(status::OK).unwrap();
}

#[test]
fn a_piece_that_was_refused_fails_the_call_whatever_it_returns() {
    let mut buffer = ReplyBuffer::with_limit(8);
    assert_eq!(sink!(buffer, write, b"head".as_ptr(), 4), status::OK);
    assert_eq!(sink!(buffer, write, b"a long body".as_ptr(), 11), status::TOO_LARGE);
    assert_eq!(sink!(buffer, write, b"tail".as_ptr(), 4), status::OK);
    assert_eq!(buffer.outcome(status::OK).unwrap_err().kind(), ErrorKind::TooLarge);
    buffer.clear();
    buffer.outcome(status::OK).unwrap();
}

#[test]
fn writing_where_committing_was_meant_does_no_harm() {
    let mut buffer = ReplyBuffer::new();
    let room = sink!(buffer, reserve, 8);
    // SAFETY: 8 bytes were reserved.
    unsafe { std::ptr::copy_nonoverlapping(b"12345678".as_ptr(), room, 8) };
    assert_eq!(sink!(buffer, write, room, 8), status::OK);
    assert_eq!(buffer.bytes(), b"12345678");
    let room = sink!(buffer, reserve, 8);
    assert_eq!(sink!(buffer, write, room, 1 << 20), status::ABI_MISMATCH);
}

#[test]
fn a_buffer_that_is_given_twice_is_freed_once() {
    let frees = std::sync::atomic::AtomicUsize::new(0);
    let piece = given(b"12345", &frees);
    let mut buffer = ReplyBuffer::new();
    assert_eq!(sink!(buffer, give, &raw const piece), status::OK);
    assert_eq!(sink!(buffer, give, &raw const piece), status::ABI_MISMATCH);
    assert_eq!(buffer.outcome(status::OK).unwrap_err().kind(), ErrorKind::AbiMismatch);
    drop(buffer);
    assert_eq!(frees.load(std::sync::atomic::Ordering::Relaxed), 1);
}

#[test]
fn writing_after_reserving_takes_the_reservation_back() {
    let mut buffer = ReplyBuffer::new();
    sink!(buffer, reserve, 4);
    let long = vec![b'x'; 10_000];
    assert_eq!(sink!(buffer, write, long.as_ptr(), long.len()), status::OK);
    assert_eq!(sink!(buffer, commit, 4), status::ABI_MISMATCH);
}

#[test]
fn a_long_error_is_not_cut_inside_of_a_character() {
    for (lead, kept) in
        [("", MAX_ERROR_TEXT), ("a", MAX_ERROR_TEXT - 3), ("abc", MAX_ERROR_TEXT - 1)]
    {
        let text = lead.to_owned() + &"\u{1f980}".repeat(MAX_ERROR_TEXT / 4);
        let mut buffer = ReplyBuffer::new();
        sink!(buffer, fail, status::FAILED, text.as_ptr(), text.len());
        assert_eq!(buffer.error_text(), &text.as_bytes()[..kept]);
    }
}

#[test]
fn an_error_keeps_its_kind_and_its_text_is_cut_and_made_readable() {
    let mut buffer = ReplyBuffer::new();
    let text = vec![0xff; MAX_ERROR_TEXT + 1];
    sink!(buffer, fail, status::TIMEOUT, text.as_ptr(), text.len());
    assert_eq!(buffer.error_text().len(), MAX_ERROR_TEXT);
    // A callee that says why it fails and then returns OK has failed.
    let error = buffer.outcome(status::OK).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    buffer.clear();
    let error = buffer.outcome(77).unwrap_err();
    assert_eq!(
        (error.kind(), error.message()),
        (ErrorKind::Failed, "failed (status 77, without a message)")
    );
}
