//! Operations called as an actor calls them, through the table that the macros make.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::{collections::BTreeMap, sync::Mutex};

use provider_core::{
    __private::DeclaresContract, Adapter, CapabilityProvider, Client, DirectCalls, abi::op_flags,
    codec, ops, prelude::*,
};
use serde::{Deserialize, Serialize};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Value {
    value: String,
    exists: bool,
}

/// A store.
///
/// Of keys.
#[contract("example:store", version = "0.3")]
trait Store {
    /// Gets.
    #[op(alias = "Read", alias = "Fetch", idempotent)]
    fn get(&self, cx: Cx<'_, Self>, key: &str) -> Result<Value, Error>;
    #[op(name = "Put")]
    fn set(
        &self,
        cx: Cx<'_, Self>,
        #[arg(name = "theKey")] key: String,
        value: String,
        _expires: Option<i32>,
    ) -> OpResult<()>;
    #[op(unary)]
    fn import(&self, cx: Cx<'_, Self>, values: BTreeMap<String, String>) -> OpResult<usize>;
    fn whoami(&self, cx: Cx<'_, Self>) -> OpResult<String>;
}

#[derive(Default)]
struct Memory;

type Keys = Mutex<BTreeMap<String, String>>;

impl Provider for Memory {
    type Link = Keys;

    fn link(&self, _config: &LinkConfig) -> Result<Keys, BoxError> {
        Ok(Mutex::default())
    }
}

impl Store for Memory {
    fn get(&self, cx: Cx<'_, Self>, key: &str) -> Result<Value, Error> {
        match cx.link().lock().unwrap().get(key) {
            Some(value) => Ok(Value { value: value.clone(), exists: true }),
            None if key.is_empty() => Err(Error::new(ErrorKind::Denied, "an empty key")),
            None => Ok(Value { value: String::new(), exists: false }),
        }
    }

    fn set(
        &self,
        cx: Cx<'_, Self>,
        key: String,
        value: String,
        expires: Option<i32>,
    ) -> OpResult<()> {
        if expires.is_some() {
            return Err("nothing expires here".into());
        }
        cx.link().lock().unwrap().insert(key, value);
        Ok(())
    }

    fn import(&self, cx: Cx<'_, Self>, values: BTreeMap<String, String>) -> OpResult<usize> {
        let mut keys = cx.link().lock().unwrap();
        keys.extend(values);
        Ok(keys.len())
    }

    fn whoami(&self, cx: Cx<'_, Self>) -> OpResult<String> {
        Ok(cx.actor().to_owned())
    }
}

#[capability_provider(contract = "example:marked")]
impl Memory {
    /// Counts.
    #[op(name = "Count")]
    fn length(&self, cx: Cx<'_, Self>) -> OpResult<usize> {
        Ok(cx.link().lock().unwrap().len())
    }

    #[op(unary, idempotent)]
    #[deprecated]
    fn reverse(&self, _cx: Cx<'_, Self>, text: &str) -> Result<String, std::fmt::Error> {
        if text.is_empty() { Err(std::fmt::Error) } else { Ok(text.chars().rev().collect()) }
    }
}

const ACTOR: &str = "MACTOR";

fn linked(contract: &'static provider_core::Contract<Memory>) -> DirectCalls<Adapter<Memory>> {
    let adapter = Adapter::new(Memory, contract);
    let link = ops::CapabilityConfiguration {
        module: ACTOR.to_owned(),
        values: std::iter::empty().collect(),
    };
    let bind = codec::encode(&link).unwrap();
    CapabilityProvider::handle_call(&adapter, ops::SYSTEM_ACTOR, ops::OP_BIND_ACTOR, &bind)
        .unwrap();
    DirectCalls(adapter)
}

fn client() -> StoreClient<DirectCalls<Adapter<Memory>>> {
    StoreClient::new(linked(Memory::__declared_with_contract_attribute), ACTOR)
}

#[test]
fn a_client_reaches_its_contract() {
    let client = client();
    client.set("k".into(), "v".into(), None).unwrap();
    assert_eq!(client.get("k").unwrap(), Value { value: "v".into(), exists: true });
    let more = BTreeMap::from([("l".into(), "w".into())]);
    assert_eq!(client.import(more).unwrap(), 2);
    assert_eq!(client.clone().whoami().unwrap(), ACTOR);
    assert!(format!("{client:?}").starts_with("StoreClient"));
}

#[test]
fn errors_keep_their_kind_and_name_what_is_wrong() {
    let client = client();
    let error = client.get("").unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Denied, "an empty key"));
    let error = client.set("k".into(), "v".into(), Some(1)).unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Failed, "nothing expires here"));
    let DirectCalls(adapter) = linked(Memory::__declared_with_contract_attribute);
    let error = adapter.handle_call(ACTOR, "Put", b"\x81\xa6theKey\xa1k").unwrap_err();
    assert_eq!(error.to_string(), "`Put`: missing argument `value`");
}

#[test]
fn nothing_to_reply_is_no_bytes_and_other_names_answer_too() {
    let DirectCalls(adapter) = linked(Memory::__declared_with_contract_attribute);
    let request = b"\x82\xa5value\xa1v\xa6theKey\xa1k";
    assert_eq!(adapter.handle_call(ACTOR, "Put", request).unwrap(), b"");
    for name in ["Get", "Read", "Fetch"] {
        let reply = adapter.handle_call(ACTOR, name, b"\x81\xa3key\xa1k").unwrap();
        assert_eq!(reply, b"\x82\xa5value\xa1v\xa6exists\xc3", "{name}");
    }
}

#[test]
fn marked_methods_are_operations_of_their_own_contract() {
    let client = Client::new(linked(Memory::CONTRACT), ACTOR);
    assert_eq!(client.call::<usize>("Count", codec::ArgsWriter::new(0)).unwrap(), 0);
    let reversed = client.call::<String>("Reverse", codec::ArgsWriter::unary("abc"));
    assert_eq!(reversed.unwrap(), "cba");
    client.call::<String>("Reverse", codec::ArgsWriter::unary("")).unwrap_err();
}

#[test]
fn a_contract_describes_itself() {
    let store = Memory::__declared_with_contract_attribute;
    assert_eq!((store.id(), store.own_version()), ("example:store", "0.3"));
    assert_eq!(store.doc(), "A store.\n\nOf keys.");
    let described: Vec<_> = store.ops().iter().map(|op| (op.name(), op.doc(), op.args())).collect();
    let expected: [(&str, &str, &[&str]); 4] = [
        ("Get", "Gets.", &["key"]),
        ("Put", "", &["theKey", "value", "expires"]),
        ("Import", "", &["values"]),
        ("Whoami", "", &[]),
    ];
    assert_eq!(described, expected);
    let flags = |contract: &provider_core::Contract<Memory>| {
        contract.ops().iter().map(provider_core::OpEntry::flags).collect::<Vec<_>>()
    };
    assert_eq!(flags(store), [op_flags::IDEMPOTENT, 0, 0, 0]);
    assert_eq!(flags(Memory::CONTRACT), [0, op_flags::IDEMPOTENT | op_flags::DEPRECATED]);
}
