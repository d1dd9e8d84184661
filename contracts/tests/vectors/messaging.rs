//! The messages of `wasmcloud:messaging`.

use provider_contracts::messaging::{
    Acknowledged, BrokerMessage, MessageHandlerClient, MessagingClient, PublishResponse,
};
use provider_core::codec;
use serde_bytes::ByteBuf;

use crate::vector::{Recording, vectors};

const CONTRACT: &str = "wasmcloud:messaging";

#[test]
fn the_replies_of_messaging_hold_in_both_directions() {
    let mut replies = 0;
    for vector in vectors(CONTRACT).into_iter().filter(|vector| vector.role == "response") {
        match vector.r#type.as_str() {
            "PublishResponse" => vector.holds_for::<PublishResponse>(),
            "()" => vector.holds_for::<Acknowledged>(),
            other => panic!("{}: type {other}", vector.name),
        }
        replies += 1;
    }
    assert_eq!(replies, 2);
}

#[test]
fn the_client_writes_the_request_of_2021() {
    let recording = Recording::default();
    let client = MessagingClient::new(recording.clone(), "MACTOR");
    let mut requests = 0;
    for vector in vectors(CONTRACT).into_iter().filter(|vector| vector.role == "args") {
        // A message has the fields of the request, and reads it.
        vector.holds_for::<BrokerMessage>();
        let BrokerMessage { subject, reply_to, body } =
            serde_json::from_value(vector.json.clone()).unwrap();
        let error = client.publish(subject, reply_to, body.into()).unwrap_err();
        assert_eq!(error.message(), "recorded");
        let called = recording.0.lock().unwrap().take().unwrap();
        assert_eq!(called, (vector.op.clone(), vector.bytes()), "{}", vector.name);
        requests += 1;
    }
    assert_eq!(requests, 1);
    // `Request` has no vector of its own; its fields are in the contract's order.
    client.request("a".into(), ByteBuf::from(*b"x"), 300).unwrap_err();
    let (op, payload) = recording.0.lock().unwrap().take().unwrap();
    assert_eq!(op, "Request");
    assert_eq!(payload, b"\x83\xa7subject\xa1a\xa4body\xc4\x01x\xa7timeout\xcd\x01\x2c");
}

#[test]
fn a_message_to_an_actor_is_the_payload_and_its_answer_one_nil_or_nothing() {
    let recording = Recording::default();
    let client = MessageHandlerClient::new(recording.clone(), "MACTOR");
    let message = BrokerMessage { subject: "a".into(), ..BrokerMessage::default() };
    client.handle_message(message).unwrap_err();
    let (op, payload) = recording.0.lock().unwrap().take().unwrap();
    assert_eq!(op, "HandleMessage");
    assert_eq!(payload, b"\x83\xa7subject\xa1a\xa7replyTo\xa0\xa4body\xc4\0");
    assert_eq!(codec::encode(&Acknowledged::None).unwrap(), b"\xc0");
}

#[test]
fn a_message_is_read_as_actors_may_write_it() {
    let expected = BrokerMessage { subject: "s".into(), reply_to: "r".into(), body: b"hi".into() };
    let cases: [(&str, &[u8]); 4] = [
        ("as an array", b"\x93\xa1s\xa1r\xc4\x02hi"),
        (
            "in another order, with a key nobody knows",
            b"\x84\xa4body\xc4\x02hi\xa1x\xc0\xa7replyTo\xa1r\xa7subject\xa1s",
        ),
        ("with a body of text", b"\x83\xa7subject\xa1s\xa7replyTo\xa1r\xa4body\xa2hi"),
        ("with a body of integers", b"\x83\xa7subject\xa1s\xa7replyTo\xa1r\xa4body\x92hi"),
    ];
    for (what, bytes) in cases {
        assert_eq!(codec::decode::<BrokerMessage>(bytes).unwrap(), expected, "{what}");
    }
    let refused: [(&str, &[u8]); 4] = [
        ("nothing", b""),
        ("no body", b"\x82\xa7subject\xa1s\xa7replyTo\xa1r"),
        ("a subject twice", b"\x84\xa7subject\xa1s\xa7subject\xa1s\xa7replyTo\xa1r\xa4body\xc4\0"),
        ("more after it", b"\x93\xa1s\xa1r\xc4\0\xc0"),
    ];
    for (what, bytes) in refused {
        assert!(codec::decode::<BrokerMessage>(bytes).is_err(), "{what}");
    }
}
