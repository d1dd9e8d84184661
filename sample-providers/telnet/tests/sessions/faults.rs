//! What goes wrong.

use std::{net::TcpListener, sync::mpsc, time::Instant};

use parking_lot::Mutex;
use provider_core::ErrorKind;

use crate::terminal::{self, Client, Terminal, done};

#[test]
fn a_port_that_is_taken_fails_the_bind_with_the_reason_and_can_be_tried_again() {
    let terminal = Terminal::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = terminal.link_at(port, "MACTOR", &[]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    let expected = format!("cannot listen on 127.0.0.1:{port}: ");
    assert!(error.message().contains(&expected), "{error}");
    drop(taken);
    terminal.link_at(port, "MACTOR", &[]).unwrap();
    Client::new(port);
    terminal.session();
}

#[test]
fn wrong_values_are_all_named_at_once() {
    let values = [("MAX_LINE_BYTES", "0"), ("ADDRESS", "here"), ("TIMEOUT", "soon")];
    let error = Terminal::new().link_at(1, "MACTOR", &values).unwrap_err();
    for key in ["MAX_LINE_BYTES", "ADDRESS", "TIMEOUT"] {
        assert!(error.message().contains(key), "{error}");
    }
}

#[test]
fn a_line_without_an_end_ends_the_session_and_no_other() {
    let terminal = Terminal::new();
    let port = terminal.link("MACTOR", &[("MAX_LINE_BYTES", "1048576")]);
    let mut right = Client::new(port);
    terminal.session();
    let mut wrong = Client::new(port);
    terminal.session();
    let mut line = vec![b'x'; 1 << 20];
    line.extend(b"\r\n");
    right.types(&line);
    assert_eq!(terminal.line().len(), 1 << 20);
    line[1 << 20] = b'x';
    wrong.types(&line);
    wrong.ends();
    right.types(b"still here\r\n");
    assert_eq!(terminal.line(), "still here");
}

#[test]
fn a_client_that_does_not_read_loses_its_texts_and_holds_up_nobody() {
    let terminal = Terminal::new();
    let port = terminal.link("MACTOR", &[("MAX_UNREAD_BYTES", "100000")]);
    let _deaf = Client::new(port);
    let deaf = terminal.session();
    let mut other = Client::new(port);
    let session = terminal.session();
    let calls = terminal.calls("MACTOR");
    let text = "x".repeat(100_000);
    // The system's own buffers take some of it.
    let refused = terminal::until(|| calls.send_text(deaf.clone(), text.clone()).unwrap().error);
    assert!(refused.starts_with("the client has not read "), "{refused}");
    let long = calls.send_text(session.clone(), format!("{text}x")).unwrap().error;
    assert_eq!(long.unwrap(), "the text has 100001 bytes, at most 100000 can wait");
    calls.send_text(session, "hello".into()).unwrap();
    other.sees(b"hello");
}

#[test]
fn a_client_that_reads_nothing_for_too_long_is_cut_off() {
    let terminal = Terminal::new();
    let values = [("MAX_UNREAD_BYTES", "33554432"), ("TIMEOUT", "200ms")];
    let port = terminal.link("MACTOR", &values);
    let client = Client::new(port);
    let session = terminal.session();
    let calls = terminal.calls("MACTOR");
    calls.send_text(session.clone(), "x".repeat(33_554_432)).unwrap();
    let gone = terminal::until(|| {
        calls
            .send_text(session.clone(), "x".into())
            .unwrap()
            .error
            .filter(|reason| reason.contains("no such session"))
    });
    assert!(!gone.is_empty());
    assert!(client.ends().len() < 33_554_432);
}

#[test]
fn nobody_types_for_ever() {
    let terminal = Terminal::new();
    let port = terminal.link("MACTOR", &[("IDLE_TIMEOUT", "50ms")]);
    let client = Client::new(port);
    terminal.session();
    assert!(client.ends().is_empty());
}

#[test]
fn more_sessions_than_allowed_wait_for_one_to_end() {
    let terminal = Terminal::new();
    let port = terminal.link("MACTOR", &[("MAX_SESSIONS", "1")]);
    let first = Client::new(port);
    let session = terminal.session();
    let mut second = Client::new(port);
    second.types(b"is anybody there\r\n");
    drop(first);
    assert_ne!(terminal.session(), session);
    assert_eq!(terminal.line(), "is anybody there");
}

#[test]
fn an_actor_that_errs_keeps_its_sessions_and_one_that_panics_too() {
    let terminal = Terminal::new();
    let port = terminal.link("MACTOR", &[]);
    let mut client = Client::new(port);
    terminal.session();
    terminal.answers(|_, text| match text {
        "err" => Err("no".into()),
        "panic" => panic!("on purpose"),
        "junk" => Ok(vec![0xc1]),
        _ => Ok(done()),
    });
    client.types(b"err\r\npanic\r\njunk\r\nfine\r\n");
    for line in ["err", "panic", "junk", "fine"] {
        assert_eq!(terminal.line(), line);
    }
    client.types(b"again\r\n");
    assert_eq!(terminal.line(), "again");
}

#[test]
fn an_actor_that_does_not_answer_costs_its_session_and_no_other_actor_waits() {
    let terminal = Terminal::new();
    let (release, released) = mpsc::channel::<()>();
    let released = Mutex::new(released);
    terminal.answers(move |op, text| {
        if op == "ReceiveText" && text == "wait" {
            // Ends with the test.
            let _ = released.lock().recv();
        }
        Ok(done())
    });
    let slow = terminal.link("MSLOW", &[("TIMEOUT", "300ms")]);
    let quick = terminal.link("MQUICK", &[]);
    let mut waiting = Client::new(slow);
    terminal.session();
    let mut going = Client::new(quick);
    terminal.session();
    waiting.types(b"wait\r\n");
    assert_eq!(terminal.line(), "wait");
    going.types(b"go\r\n");
    assert_eq!(terminal.line(), "go");
    waiting.ends();
    drop(release);
}

#[test]
fn a_client_that_resets_ends_its_session_and_no_other() {
    let terminal = Terminal::new();
    let port = terminal.link("MACTOR", &[]);
    let gone = Client::new(port);
    let session = terminal.session();
    let mut other = Client::new(port);
    terminal.session();
    gone.resets();
    let calls = terminal.calls("MACTOR");
    terminal::until(|| {
        let error = calls.send_text(session.clone(), "x".into()).unwrap().error;
        error.filter(|reason| reason.contains("no such session"))
    });
    other.types(b"still here\r\n");
    assert_eq!(terminal.line(), "still here");
}

#[test]
fn a_client_that_negotiates_for_ever_and_reads_nothing_is_cut_off() {
    let terminal = Terminal::new();
    let port = terminal.link("MACTOR", &[("MAX_UNREAD_BYTES", "10000")]);
    let mut storm = Client::new(port);
    let session = terminal.session();
    let mut other = Client::new(port);
    terminal.session();
    let questions = b"\xff\xfd\x03\xff\xfe\x03".repeat(10_000);
    // The buffers of both systems take some of the answers.
    terminal::until(|| storm.tries_to_type(&questions).err());
    let calls = terminal.calls("MACTOR");
    terminal::until(|| calls.send_text(session.clone(), "x".into()).unwrap().error);
    other.types(b"still here\r\n");
    assert_eq!(terminal.line(), "still here");
}

#[test]
fn what_a_client_negotiates_without_end_is_no_line_and_takes_no_room() {
    let terminal = Terminal::new();
    let port = terminal.link("MACTOR", &[("MAX_LINE_BYTES", "10")]);
    let mut client = Client::new(port);
    terminal.session();
    // A subnegotiation that is longer than a line may be, at first without its end.
    client.types(b"lo\xff\xfa\x18");
    client.types(&vec![b'x'; 1 << 20]);
    client.types(b"\xff\xf0ok\r\n");
    assert_eq!(terminal.line(), "look");
    // Neither UTF-8 nor a command: an escaped 255.
    client.types(b"a\xff\xffb\xc3\r\n");
    assert_eq!(terminal.line(), "a\u{fffd}b\u{fffd}");
}

#[test]
fn remove_waits_for_no_actor() {
    let terminal = Terminal::new();
    let (release, released) = mpsc::channel::<()>();
    let released = Mutex::new(released);
    terminal.answers(move |op, _| {
        if op == "ReceiveText" {
            // Ends with the test.
            let _ = released.lock().recv();
        }
        Ok(done())
    });
    let port = terminal.link("MACTOR", &[]);
    let mut client = Client::new(port);
    terminal.session();
    client.types(b"wait\r\n");
    assert_eq!(terminal.line(), "wait");
    let began = Instant::now();
    terminal.remove("MACTOR");
    assert!(began.elapsed() < terminal::PATIENCE, "{:?}", began.elapsed());
    client.ends();
    TcpListener::bind(("127.0.0.1", port)).unwrap();
    drop(release);
}

#[test]
fn stop_ends_the_sessions() {
    let terminal = Terminal::new();
    let port = terminal.link("MACTOR", &[]);
    let client = Client::new(port);
    terminal.session();
    terminal.stop();
    client.ends();
    TcpListener::bind(("127.0.0.1", port)).unwrap();
}
