//! What the specification wants of every provider, and this one keeps without help.
#![expect(clippy::unwrap_used, reason = "in a test, where it fails is the message")]

use hand_written::{Echoes, MARK, OP_ECHO, OP_SHOUT, Said, Text};
use provider_core::{
    CapabilityProvider, Error, ErrorKind, HealthResponse, codec,
    ops::{
        CapabilityConfiguration, OP_BIND_ACTOR, OP_HEALTH_REQUEST, OP_REMOVE_ACTOR, SYSTEM_ACTOR,
    },
};

const ACTOR: &str = "MACTOR";

fn configuration(mark: Option<&str>) -> Vec<u8> {
    let values = mark.map(|mark| (MARK.into(), mark.into()));
    codec::encode(&CapabilityConfiguration {
        module: ACTOR.into(),
        values: values.into_iter().collect(),
    })
    .unwrap()
}

fn standard(provider: &Echoes, op: &str, mark: Option<&str>) {
    let reply = provider.handle_call(SYSTEM_ACTOR, op, &configuration(mark));
    assert_eq!(reply.unwrap(), b"", "{op}");
}

fn say(provider: &Echoes, op: &str, text: &str) -> Result<String, Error> {
    let payload = codec::encode(&Text { text: text.into() })?;
    let reply = provider.handle_call(ACTOR, op, &payload).map_err(Error::from_boxed)?;
    codec::decode::<Said>(&reply).map(|said| said.text)
}

fn refused(provider: &Echoes, actor: &str, op: &str, msg: &[u8]) -> ErrorKind {
    let error = Error::from_boxed(provider.handle_call(actor, op, msg).unwrap_err());
    assert!(!error.message().is_empty(), "{op}");
    error.kind()
}

#[test]
fn it_says_things_back() {
    let provider = Echoes::new();
    standard(&provider, OP_BIND_ACTOR, Some("?!"));
    assert_eq!(say(&provider, OP_ECHO, "né").unwrap(), "né");
    assert_eq!(say(&provider, OP_SHOUT, "né").unwrap(), "NÉ?!");
}

#[test]
fn binding_and_removing_twice_answer_no_bytes_and_change_nothing() {
    let provider = Echoes::new();
    standard(&provider, OP_REMOVE_ACTOR, None);
    standard(&provider, OP_BIND_ACTOR, None);
    standard(&provider, OP_BIND_ACTOR, Some("other"));
    assert_eq!(say(&provider, OP_SHOUT, "a").unwrap(), "A!");
    standard(&provider, OP_REMOVE_ACTOR, None);
    standard(&provider, OP_REMOVE_ACTOR, None);
    let error = say(&provider, OP_ECHO, "a").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotLinked);
}

#[test]
fn it_is_healthy_also_when_asked_without_a_payload() {
    let provider = Echoes::new();
    for payload in [b"".as_slice(), b"\x80", b"\x81\xabplaceholder\xc3"] {
        let reply = provider.handle_call(SYSTEM_ACTOR, OP_HEALTH_REQUEST, payload);
        let health: HealthResponse = codec::decode(&reply.unwrap()).unwrap();
        assert_eq!(health, HealthResponse::healthy());
    }
}

#[test]
fn the_standard_operations_are_the_hosts_alone() {
    let provider = Echoes::new();
    for op in [OP_BIND_ACTOR, OP_REMOVE_ACTOR, OP_HEALTH_REQUEST] {
        let kind = refused(&provider, ACTOR, op, &configuration(None));
        assert_eq!(kind, ErrorKind::Denied, "{op}");
    }
    assert!(say(&provider, OP_ECHO, "a").is_err(), "it linked itself");
}

#[test]
fn unknown_operations_and_payloads_that_cannot_be_decoded_are_refused_with_their_kind() {
    let provider = Echoes::new();
    standard(&provider, OP_BIND_ACTOR, None);
    for op in ["", "echo", "Echo ", "\0", &"x".repeat(10_000)] {
        let kind = refused(&provider, ACTOR, op, b"");
        assert_eq!(kind, ErrorKind::UnknownOperation, "{op}");
    }
    for payload in [b"".as_slice(), b"\xc1", b"\x81\xa4text", b"\x81\xa4text\x05", b"\x05"] {
        for op in [OP_ECHO, OP_SHOUT] {
            assert_eq!(refused(&provider, ACTOR, op, payload), ErrorKind::BadRequest);
        }
        for op in [OP_BIND_ACTOR, OP_REMOVE_ACTOR] {
            assert_eq!(refused(&provider, SYSTEM_ACTOR, op, payload), ErrorKind::BadRequest);
        }
    }
    let nobody = codec::encode(&CapabilityConfiguration::default()).unwrap();
    let kind = refused(&provider, SYSTEM_ACTOR, OP_BIND_ACTOR, &nobody);
    assert_eq!(kind, ErrorKind::BadRequest);
}

#[test]
fn a_clone_is_the_same_provider_and_stopping_ends_the_links() {
    let provider = Echoes::new();
    standard(&provider, OP_BIND_ACTOR, None);
    let clone = provider.clone();
    assert_eq!(say(&clone, OP_ECHO, "a").unwrap(), "a");
    clone.stop();
    clone.stop();
    assert_eq!(say(&provider, OP_ECHO, "a").unwrap_err().kind(), ErrorKind::NotLinked);
}
