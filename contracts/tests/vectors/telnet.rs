//! The messages of `wasmcloud:telnet`.

use provider_contracts::telnet::{TelnetClient, TelnetHandlerClient, TelnetResult};
use provider_core::codec;

use crate::vector::{Recording, vectors};

const CONTRACT: &str = "wasmcloud:telnet";

#[test]
fn the_reply_holds_in_both_directions() {
    let replies: Vec<_> =
        vectors(CONTRACT).into_iter().filter(|vector| vector.role == "response").collect();
    assert_eq!(replies.len(), 1);
    replies[0].holds_for::<TelnetResult>();
}

#[test]
fn the_clients_write_the_requests_of_2021() {
    let recording = Recording::default();
    let telnet = TelnetClient::new(recording.clone(), "MACTOR");
    let actor = TelnetHandlerClient::new(recording.clone(), "MACTOR");
    let mut requests = 0;
    for vector in vectors(CONTRACT).into_iter().filter(|vector| vector.role == "args") {
        let error = match vector.op.as_str() {
            "SessionStarted" => actor.session_started(vector.string("session")).err(),
            "SendText" => telnet.send_text(vector.string("session"), vector.string("text")).err(),
            other => panic!("{}: operation {other}", vector.name),
        };
        assert_eq!(error.unwrap().message(), "recorded");
        let called = recording.0.lock().unwrap().take().unwrap();
        assert_eq!(called, (vector.op.clone(), vector.bytes()), "{}", vector.name);
        requests += 1;
    }
    assert_eq!(requests, 2);
    // `ReceiveText` has no vector of its own; its fields are those of `SendText`.
    actor.receive_text("s1".into(), "hi".into()).unwrap_err();
    let called = recording.0.lock().unwrap().take().unwrap();
    assert_eq!(called, ("ReceiveText".into(), b"\x82\xa7session\xa2s1\xa4text\xa2hi".to_vec()));
}

#[test]
fn a_reply_is_read_as_actors_may_write_it() {
    let done = TelnetResult::done();
    let refused = TelnetResult { success: false, error: None };
    let cases: [(&str, &[u8], &TelnetResult); 6] = [
        ("of the older contract", b"\xc3", &done),
        ("of the older contract, refused", b"\xc2", &refused),
        ("without its optional field", b"\x81\xa7success\xc3", &done),
        ("as an array", b"\x92\xc3\xc0", &done),
        ("in another order", b"\x82\xa5error\xc0\xa7success\xc3", &done),
        ("with a key nobody knows", b"\x82\xa7success\xc2\xa1x\xc0", &refused),
    ];
    for (what, bytes, expected) in cases {
        assert_eq!(codec::decode::<TelnetResult>(bytes).as_ref().unwrap(), expected, "{what}");
    }
    for (what, bytes) in [
        ("without success", &b"\x81\xa5error\xc0"[..]),
        ("a number", b"\x01"),
        ("a text", b"\xa4true"),
        ("nothing", b""),
    ] {
        assert!(codec::decode::<TelnetResult>(bytes).is_err(), "{what}");
    }
}
