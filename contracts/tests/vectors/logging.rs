//! The message of `wasmcloud:logging`, of which there is no row: its fields are in the contract's
//! order, and the reply is no bytes.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use provider_contracts::logging::{Level, Logging, LoggingClient};
use provider_core::{
    Actor, BoxError, Cx, Error, ErrorKind, LinkConfig, Linked, NullDispatcher, OpResult, Provider,
    Reply, ReplyBuffer,
};

use crate::vector::Recording;

#[derive(Default)]
struct Written(Mutex<Vec<(String, Level, String)>>);

impl Provider for Written {
    type Link = ();

    fn link(&self, _config: &LinkConfig) -> Result<(), BoxError> {
        Ok(())
    }
}

impl Logging for Written {
    fn write_log(
        &self,
        _cx: Cx<'_, Self>,
        target: String,
        level: Level,
        text: String,
    ) -> OpResult<()> {
        self.0.lock().unwrap().push((target, level, text));
        Ok(())
    }
}

/// Calls `WriteLog` with these bytes, and returns what is written then.
fn write(payload: &[u8]) -> Result<(String, Level, String), Error> {
    let contract = provider_core::contract_of!(Written: Logging);
    let actor = Actor::new("MACTOR", Arc::new(NullDispatcher));
    let config = LinkConfig::new(actor, BTreeMap::new().into_iter().collect());
    let (linked, provider) = (Linked { config, link: () }, Written::default());
    let mut buffer = ReplyBuffer::new();
    let mut reply = Reply::into_buffer(&mut buffer);
    contract.call(0, &provider, Cx::new(&linked), payload, &mut reply)?;
    assert!(buffer.take().is_empty(), "the reply is no bytes");
    Ok(provider.0.lock().unwrap().pop().unwrap())
}

#[test]
fn the_client_writes_the_fields_in_order_and_the_level_in_small_letters() {
    let recording = Recording::default();
    let client = LoggingClient::new(recording.clone(), "MACTOR");
    client.write_log("t".into(), Level::Warn, "x".into()).unwrap_err();
    let (op, payload) = recording.0.lock().unwrap().take().unwrap();
    assert_eq!(op, "WriteLog");
    assert_eq!(payload, b"\x83\xa6target\xa1t\xa5level\xa4warn\xa4text\xa1x");
}

#[test]
fn a_provider_reads_each_level_in_any_case_and_no_other_word() {
    let payload = |level: &str| {
        let length = u8::try_from(level.len()).unwrap();
        let (begin, end) = (b"\x83\xa6target\xa1t\xa5level", b"\xa4text\xa1x");
        [&begin[..], &[0xa0 | length], level.as_bytes(), &end[..]].concat()
    };
    for level in Level::ALL {
        let name = level.name();
        let capital = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
        for word in [name.to_owned(), name.to_uppercase(), capital] {
            assert_eq!(write(&payload(&word)).unwrap(), ("t".into(), level, "x".into()));
        }
    }
    for word in ["", "loud", "info ", "infos", "warning", "inf\u{f6}"] {
        let error = write(&payload(word)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadRequest, "{word}");
        assert!(error.message().contains("none of the levels"), "{word}: {error}");
    }
}

#[test]
fn a_record_is_read_in_any_order_and_as_an_array() {
    let expected = ("t".to_owned(), Level::Info, "x".to_owned());
    assert_eq!(write(b"\x93\xa1t\xa4info\xa1x").unwrap(), expected);
    let other = b"\x84\xa4text\xa1x\xa1n\xc0\xa5level\xa4INFO\xa6target\xa1t";
    assert_eq!(write(other).unwrap(), expected);
}
