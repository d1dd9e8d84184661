//! Without a defect it behaves well, and with one it breaks the rule that the table says.

use faulty::{Defect, Depth, Faulty, OP_ECHO, OP_NEST, Text};
use provider_core::{
    CapabilityProvider, Error, ErrorKind, HealthResponse, NullDispatcher, codec,
    ops::{
        CapabilityConfiguration, OP_BIND_ACTOR, OP_HEALTH_REQUEST, OP_REMOVE_ACTOR, SYSTEM_ACTOR,
    },
};
use serde::{Serialize, de::DeserializeOwned};

const ACTOR: &str = "MACTOR";

fn provider(defect: &str) -> Faulty {
    Faulty::new(Some(Defect::find(defect).expect(defect)))
}

fn call(provider: &Faulty, actor: &str, op: &str, msg: &[u8]) -> Result<Vec<u8>, Error> {
    provider.handle_call(actor, op, msg).map_err(Error::from_boxed)
}

fn standard(provider: &Faulty, op: &str, values: &[(&str, &str)]) -> Result<Vec<u8>, Error> {
    let values = values.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
    let module = ACTOR.into();
    let payload = codec::encode(&CapabilityConfiguration { module, values })?;
    call(provider, SYSTEM_ACTOR, op, &payload)
}

fn ask<T: DeserializeOwned>(
    provider: &Faulty,
    op: &str,
    request: &impl Serialize,
) -> Result<T, Error> {
    codec::decode(&call(provider, ACTOR, op, &codec::encode(request)?)?)
}

fn text(text: &str) -> Text {
    Text { text: text.into() }
}

#[test]
fn without_a_defect_it_keeps_every_rule() {
    let provider = Faulty::new(None);
    provider.configure_dispatch(Box::new(NullDispatcher)).unwrap();
    for _ in 0..50 {
        assert_eq!(standard(&provider, OP_REMOVE_ACTOR, &[]).unwrap(), b"");
        assert_eq!(standard(&provider, OP_BIND_ACTOR, &[]).unwrap(), b"");
        assert_eq!(standard(&provider, OP_BIND_ACTOR, &[]).unwrap(), b"");
        let changed = standard(&provider, OP_BIND_ACTOR, &[("PORT", "none")]);
        assert_eq!(changed.unwrap(), b"");
    }
    let health = call(&provider, SYSTEM_ACTOR, OP_HEALTH_REQUEST, b"").unwrap();
    let health: HealthResponse = codec::decode(&health).unwrap();
    assert_eq!(health, HealthResponse::healthy());
    let echo: Text = ask(&provider, OP_ECHO, &text("né")).unwrap();
    assert_eq!(echo, text("né"));
    for op in [OP_BIND_ACTOR, OP_REMOVE_ACTOR, OP_HEALTH_REQUEST] {
        let kind = call(&provider, ACTOR, op, b"\x80").unwrap_err().kind();
        assert_eq!(kind, ErrorKind::Denied);
        let kind = call(&provider, SYSTEM_ACTOR, op, b"\xc1").unwrap_err().kind();
        assert_eq!(kind, ErrorKind::BadRequest);
    }
    let unknown = call(&provider, ACTOR, "echo", b"").unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::UnknownOperation);
    provider.stop();
    let kind = call(&provider, ACTOR, OP_ECHO, b"").unwrap_err().kind();
    assert_eq!(kind, ErrorKind::NotLinked);
}

#[test]
fn nest_counts_arrays_and_maps_inside_each_other_and_refuses_what_is_too_deep() {
    let provider = Faulty::new(None);
    standard(&provider, OP_BIND_ACTOR, &[]).unwrap();
    for (value, depth) in [
        (&b"\x05"[..], 0),
        (b"\xa1x", 0),
        (b"\x90", 1),
        (b"\x92\x91\x90\x01", 3),
        (b"\x81\xa1a\x91\xc0", 2),
    ] {
        let payload = [&b"\x81\xa5value"[..], value].concat();
        let reply = call(&provider, ACTOR, OP_NEST, &payload).unwrap();
        assert_eq!(codec::decode::<Depth>(&reply).unwrap(), Depth { depth });
    }
    let deep = vec![0x91; 100_000];
    for payload in [deep.clone(), [&b"\x81\xa5value"[..], &deep].concat()] {
        let kind = call(&provider, ACTOR, OP_NEST, &payload).unwrap_err().kind();
        assert_eq!(kind, ErrorKind::BadRequest);
    }
}

#[test]
fn a_name_that_is_not_in_the_table_is_no_defect() {
    assert!(Defect::find("").is_none());
    assert!(Defect::find("panic").is_none());
}

#[test]
fn defects_that_a_caller_survives_do_what_the_table_says() {
    let second = provider("second-bind-fails");
    standard(&second, OP_BIND_ACTOR, &[]).unwrap();
    standard(&second, OP_BIND_ACTOR, &[]).unwrap_err();
    let changed = provider("changed-bind-fails");
    standard(&changed, OP_BIND_ACTOR, &[]).unwrap();
    standard(&changed, OP_BIND_ACTOR, &[]).unwrap();
    standard(&changed, OP_BIND_ACTOR, &[("A", "b")]).unwrap_err();
    let unknown = provider("remove-unknown-fails");
    standard(&unknown, OP_REMOVE_ACTOR, &[]).unwrap_err();
    let byte = provider("byte-on-bind");
    assert_eq!(standard(&byte, OP_BIND_ACTOR, &[]).unwrap(), b"\xc0");
    let succeeds = provider("unknown-op-succeeds");
    call(&succeeds, ACTOR, "NoSuchThing", b"").unwrap();
    let never = provider("never-healthy");
    let health = call(&never, SYSTEM_ACTOR, OP_HEALTH_REQUEST, b"").unwrap();
    assert!(!codec::decode::<HealthResponse>(&health).unwrap().healthy);
    let wrong = provider("wrong-reply");
    standard(&wrong, OP_BIND_ACTOR, &[]).unwrap();
    let echo: Text = ask(&wrong, OP_ECHO, &text("a")).unwrap();
    assert_ne!(echo, text("a"));
}
