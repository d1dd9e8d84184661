//! The messages of `wasmcloud:httpserver`.

use provider_contracts::http_server::{HttpHandlerClient, Request, Response};
use provider_core::codec;

use crate::vector::{Recording, vectors};

const CONTRACT: &str = "wasmcloud:httpserver";

#[test]
fn the_messages_of_httpserver_hold_in_both_directions() {
    for vector in vectors(CONTRACT) {
        match vector.r#type.as_str() {
            "Request" => vector.holds_for::<Request>(),
            "Response" => vector.holds_for::<Response>(),
            other => panic!("{}: type {other}", vector.name),
        }
    }
}

#[test]
fn the_request_is_the_payload() {
    let recording = Recording::default();
    let client = HttpHandlerClient::new(recording.clone(), "MACTOR");
    let mut requests = 0;
    for vector in vectors(CONTRACT).into_iter().filter(|vector| vector.role == "args") {
        let request = serde_json::from_value(vector.json.clone()).unwrap();
        assert_eq!(client.handle_request(request).unwrap_err().message(), "recorded");
        let called = recording.0.lock().unwrap().take().unwrap();
        assert_eq!(called, (vector.op.clone(), vector.bytes()), "{}", vector.name);
        requests += 1;
    }
    assert_eq!(requests, 1);
}

#[test]
fn a_reply_is_read_as_actors_may_write_it() {
    let expected = Response {
        status_code: 200,
        status: "OK".into(),
        header: [("a".into(), "b".into())].into(),
        body: b"hi".to_vec(),
    };
    let cases: [(&str, &[u8]); 4] = [
        ("as an array", b"\x94\xcc\xc8\xa2OK\x81\xa1a\xa1b\xc4\x02hi"),
        (
            "in another order, with a key nobody knows and a wide integer",
            b"\x85\xa4body\xc4\x02hi\xa1x\xc0\xa6header\x81\xa1a\xa1b\xa6status\xa2OK\xaastatusCode\xcf\0\0\0\0\0\0\0\xc8",
        ),
        (
            "with a body of text",
            b"\x84\xaastatusCode\xcc\xc8\xa6status\xa2OK\xa6header\x81\xa1a\xa1b\xa4body\xa2hi",
        ),
        (
            "with a body of integers",
            b"\x84\xaastatusCode\xcc\xc8\xa6status\xa2OK\xa6header\x81\xa1a\xa1b\xa4body\x92hi",
        ),
    ];
    for (what, bytes) in cases {
        assert_eq!(codec::decode::<Response>(bytes).unwrap(), expected, "{what}");
    }
    let refused: [(&str, &[u8]); 3] = [
        ("nothing", b""),
        ("no body", b"\x83\xaastatusCode\xcc\xc8\xa6status\xa2OK\xa6header\x80"),
        (
            "a float",
            b"\x84\xaastatusCode\xca\x43\x48\0\0\xa6status\xa2OK\xa6header\x80\xa4body\xc4\0",
        ),
    ];
    for (what, bytes) in refused {
        assert!(codec::decode::<Response>(bytes).is_err(), "{what}");
    }
}
