//! Sessions: what people type and see, and what goes wrong with them.
#![expect(clippy::unwrap_used, reason = "in a test, where it fails is the message")]

mod faults;
#[allow(dead_code, reason = "each program uses its part of the module")]
mod terminal;

use provider_contracts::telnet::TelnetResult;
use provider_core::codec;

use crate::terminal::{Client, Terminal};

#[test]
fn a_session_begins_with_the_message_of_the_day_and_ends_with_its_client() {
    let terminal = Terminal::new();
    let port = terminal.link("MACTOR", &[("MOTD", "welcome\nto all")]);
    let mut client = Client::new(port);
    client.sees(b"welcome\r\nto all\r\n");
    let session = terminal.session();
    let calls = terminal.calls("MACTOR");
    assert_eq!(calls.send_text(session.clone(), "> ".into()).unwrap(), TelnetResult::done());
    // Nothing is added, nothing is taken away.
    calls.send_text(session.clone(), "caf\u{e9} \u{ff}\n".into()).unwrap();
    client.sees("> caf\u{e9} \u{ff}\n".as_bytes());
    client.types(b"look\r\n");
    assert_eq!(terminal.line(), "look");
    client.says_no_more();
    assert!(client.ends().is_empty());
    let gone = terminal::until(|| calls.send_text(session.clone(), "x".into()).unwrap().error);
    assert_eq!(gone, "there is no such session of this actor");
}

#[test]
fn a_session_is_its_actors_and_no_one_elses() {
    let terminal = Terminal::new();
    let first = terminal.link("MFIRST", &[]);
    let second = terminal.link("MSECOND", &[]);
    let mut client = Client::new(first);
    let heard = terminal.hears();
    assert_eq!(heard.actor, "MFIRST");
    let _other = Client::new(second);
    let other = terminal.hears();
    assert_eq!(other.actor, "MSECOND");
    assert_ne!(heard.session, other.session);
    let stranger = terminal.calls("MSECOND").send_text(heard.session.clone(), "psst".into());
    assert!(!stranger.unwrap().success);
    terminal.calls("MFIRST").send_text(heard.session, "it is me".into()).unwrap();
    client.sees(b"it is me");
}

#[test]
fn lines_come_one_after_the_other_while_the_actor_answers() {
    let terminal = Terminal::new();
    let port = terminal.link("MACTOR", &[]);
    let mut client = Client::new(port);
    terminal.session();
    client.types(b"one\r\ntwo\nthree\r\0");
    for line in ["one", "two", "three"] {
        assert_eq!(terminal.line(), line);
    }
}

#[test]
fn options_are_answered_and_never_part_of_a_line() {
    let terminal = Terminal::new();
    let port = terminal.link("MACTOR", &[]);
    let mut client = Client::new(port);
    terminal.session();
    // ECHO and SGA are asked for; NAWS and TTYPE are offered.
    client.types(b"lo\xff\xfd\x01\xff\xfd\x03ok\xff\xfb\x1f\xff\xfb\x18\r\n");
    client.sees(b"\xff\xfc\x01\xff\xfb\x03\xff\xfd\x1f\xff\xfd\x18");
    assert_eq!(terminal.line(), "look");
    client.types(b"\xff\xfa\x1f\0\x50\0\x18\xff\xf0north\r\n");
    assert_eq!(terminal.line(), "north");
}

#[test]
fn an_actor_of_the_older_contract_answers_with_a_boolean() {
    let terminal = Terminal::new();
    terminal.answers(|_, _| Ok(codec::encode(&true)?));
    let port = terminal.link("MACTOR", &[]);
    let mut client = Client::new(port);
    terminal.session();
    client.types(b"hi\r\n");
    assert_eq!(terminal.line(), "hi");
    terminal.answers(|_, _| Ok(codec::encode(&false)?));
    let refused = Client::new(port);
    terminal.session();
    assert!(refused.ends().is_empty());
}

#[test]
fn an_actor_that_refuses_a_session_has_the_last_word() {
    let terminal = Terminal::new();
    let calls = terminal.calls("MACTOR");
    let (said, heard) = std::sync::mpsc::channel();
    let said = parking_lot::Mutex::new(said);
    terminal.answers(move |_, _| {
        // The test says goodbye on the actor's behalf before the refusal.
        let (go, wait) = std::sync::mpsc::channel::<()>();
        said.lock().send(go)?;
        wait.recv()?;
        Ok(codec::encode(&TelnetResult::refused("full"))?)
    });
    let port = terminal.link("MACTOR", &[]);
    let client = Client::new(port);
    let session = terminal.session();
    let go = heard.recv().unwrap();
    calls.send_text(session, "the house is full\r\n".into()).unwrap();
    go.send(()).unwrap();
    assert_eq!(client.ends(), b"the house is full\r\n");
}
