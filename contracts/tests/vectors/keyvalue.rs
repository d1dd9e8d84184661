//! `wasmcloud:keyvalue`.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use provider_contracts::keyvalue::{
    AddResponse, ClearResponse, DelResponse, GetResponse, KeyValue, KeyValueClient,
    ListRangeResponse, ListResponse, SetOperationResponse, SetQueryResponse, SetResponse,
};
use provider_core::{
    BoxError, Cx, LinkConfig, Linked, NullDispatcher, OpResult, Provider, Reply, ReplyBuffer, codec,
};
use serde_json::{Value, json};

use crate::vector::{Recording, Vector, vectors};

#[test]
fn the_replies_of_keyvalue_hold_in_both_directions() {
    let replies: Vec<_> = vectors("wasmcloud:keyvalue")
        .into_iter()
        .filter(|vector| vector.role == "response")
        .collect();
    assert_eq!(replies.len(), 6);
    for vector in replies {
        match vector.r#type.as_str() {
            "GetResponse" => vector.holds_for::<GetResponse>(),
            "AddResponse" => vector.holds_for::<AddResponse>(),
            "SetResponse" => vector.holds_for::<SetResponse>(),
            "DelResponse" => vector.holds_for::<DelResponse>(),
            "ListRangeResponse" => vector.holds_for::<ListRangeResponse>(),
            "SetQueryResponse" => vector.holds_for::<SetQueryResponse>(),
            other => panic!("{}: type {other}", vector.name),
        }
    }
}

#[test]
fn replies_without_a_vector_keep_the_irregular_names_of_2021() {
    let payload = codec::encode(&ListResponse { new_count: 3 }).unwrap();
    assert_eq!(payload, b"\x81\xa8newCount\x03");
    let payload = codec::encode(&SetOperationResponse { new_count: 1 }).unwrap();
    assert_eq!(payload, b"\x81\xa9new_count\x01");
    let payload = codec::encode(&ClearResponse { key: "l".into() }).unwrap();
    assert_eq!(payload, b"\x81\xa3key\xa1l");
}

/// Calls the client's method for the vector's operation with the vector's arguments.
fn call_client(client: &KeyValueClient<Recording>, vector: &Vector) {
    let key = || vector.string("key");
    let value = || vector.string("value");
    let keys = || serde_json::from_value(vector.json["keys"].clone()).unwrap();
    let error = match vector.op.as_str() {
        "Get" => client.get(key()).err(),
        "Add" => client.add(key(), vector.integer("value")).err(),
        "Set" => client.set(key(), value(), vector.integer("expires")).err(),
        "Del" => client.del(key()).err(),
        "Clear" => client.clear(key()).err(),
        "Push" => client.push(key(), value()).err(),
        "ListItemDelete" => client.list_item_delete(key(), value()).err(),
        "SetAdd" => client.set_add(key(), value()).err(),
        "SetRemove" => client.set_remove(key(), value()).err(),
        "SetUnion" => client.set_union(keys()).err(),
        "SetQuery" => client.set_query(key()).err(),
        "KeyExists" => client.key_exists(key()).err(),
        other => panic!("{}: operation {other}", vector.name),
    };
    assert_eq!(error.unwrap().message(), "recorded", "{}", vector.name);
}

#[test]
fn the_client_writes_the_requests_of_2021() {
    let recording = Recording::default();
    let client = KeyValueClient::new(recording.clone(), "MACTOR");
    let mut requests = 0;
    for vector in vectors("wasmcloud:keyvalue") {
        if vector.role == "args" {
            call_client(&client, &vector);
            let (op, payload) = recording.0.lock().unwrap().take().unwrap();
            assert_eq!((op, payload), (vector.op.clone(), vector.bytes()), "{}", vector.name);
            requests += 1;
        }
    }
    assert_eq!(requests, 14);
    // `Range` has no vector of its own; its fields are in the contract's order.
    client.range("l".into(), 0, -1).unwrap_err();
    let (op, payload) = recording.0.lock().unwrap().take().unwrap();
    assert_eq!(op, "Range");
    assert_eq!(payload, b"\x83\xa3key\xa1l\xa5start\x00\xa4stop\xff");
}

/// Keeps the arguments of the last operation that was called.
#[derive(Default)]
struct Arguments(Mutex<Value>);

impl Arguments {
    #[expect(clippy::unnecessary_wraps, reason = "it is what every operation returns")]
    fn keep<T: Default>(&self, arguments: Value) -> OpResult<T> {
        *self.0.lock().unwrap() = arguments;
        Ok(T::default())
    }
}

impl Provider for Arguments {
    type Link = ();

    fn link(&self, _config: &LinkConfig) -> Result<(), BoxError> {
        Ok(())
    }
}

type Context<'a> = Cx<'a, Arguments>;

impl KeyValue for Arguments {
    fn get(&self, _: Context<'_>, key: String) -> OpResult<GetResponse> {
        self.keep(json!({ "key": key }))
    }

    fn add(&self, _: Context<'_>, key: String, value: i32) -> OpResult<AddResponse> {
        self.keep(json!({ "key": key, "value": value }))
    }

    fn set(
        &self,
        _: Context<'_>,
        key: String,
        value: String,
        expires: i32,
    ) -> OpResult<SetResponse> {
        self.keep(json!({ "key": key, "value": value, "expires": expires }))
    }

    fn del(&self, _: Context<'_>, key: String) -> OpResult<DelResponse> {
        self.keep(json!({ "key": key }))
    }

    fn clear(&self, _: Context<'_>, key: String) -> OpResult<ClearResponse> {
        self.keep(json!({ "key": key }))
    }

    fn range(
        &self,
        _: Context<'_>,
        key: String,
        start: i32,
        stop: i32,
    ) -> OpResult<ListRangeResponse> {
        self.keep(json!({ "key": key, "start": start, "stop": stop }))
    }

    fn push(&self, _: Context<'_>, key: String, value: String) -> OpResult<ListResponse> {
        self.keep(json!({ "key": key, "value": value }))
    }

    fn list_item_delete(
        &self,
        _: Context<'_>,
        key: String,
        value: String,
    ) -> OpResult<ListResponse> {
        self.keep(json!({ "key": key, "value": value }))
    }

    fn set_add(
        &self,
        _: Context<'_>,
        key: String,
        value: String,
    ) -> OpResult<SetOperationResponse> {
        self.keep(json!({ "key": key, "value": value }))
    }

    fn set_remove(
        &self,
        _: Context<'_>,
        key: String,
        value: String,
    ) -> OpResult<SetOperationResponse> {
        self.keep(json!({ "key": key, "value": value }))
    }

    fn set_union(&self, _: Context<'_>, keys: Vec<String>) -> OpResult<SetQueryResponse> {
        self.keep(json!({ "keys": keys }))
    }

    fn set_intersection(&self, _: Context<'_>, keys: Vec<String>) -> OpResult<SetQueryResponse> {
        self.keep(json!({ "keys": keys }))
    }

    fn set_query(&self, _: Context<'_>, key: String) -> OpResult<SetQueryResponse> {
        self.keep(json!({ "key": key }))
    }

    fn key_exists(&self, _: Context<'_>, key: String) -> OpResult<GetResponse> {
        self.keep(json!({ "key": key }))
    }
}

#[test]
fn a_provider_reads_the_requests_of_2021() {
    let contract = provider_core::contract_of!(Arguments: KeyValue);
    let actor = provider_core::Actor::new("MACTOR", Arc::new(NullDispatcher));
    let config = LinkConfig::new(actor, BTreeMap::new().into_iter().collect());
    let linked = Linked { config, link: () };
    let provider = Arguments::default();
    for vector in vectors("wasmcloud:keyvalue") {
        if vector.role != "args" {
            continue;
        }
        let op = contract.ops().iter().position(|op| op.name() == vector.op).unwrap();
        let mut buffer = ReplyBuffer::new();
        contract
            .call(
                op,
                &provider,
                Cx::new(&linked),
                &vector.bytes(),
                &mut Reply::into_buffer(&mut buffer),
            )
            .unwrap_or_else(|error| panic!("{}: {error}", vector.name));
        assert_eq!(*provider.0.lock().unwrap(), vector.json, "{}", vector.name);
    }
}

#[test]
fn the_table_has_the_operations_of_2021_in_their_order_with_what_may_be_repeated() {
    let contract = provider_core::contract_of!(Arguments: KeyValue);
    assert_eq!(contract.id(), "wasmcloud:keyvalue");
    let idempotent = provider_core::abi::op_flags::IDEMPOTENT;
    let table: Vec<_> = contract
        .ops()
        .iter()
        .map(|op| (op.name(), op.args(), op.flags() & idempotent != 0))
        .collect();
    let expected: [(&str, &[&str], bool); 14] = [
        ("Get", &["key"], true),
        ("Add", &["key", "value"], false),
        ("Set", &["key", "value", "expires"], true),
        ("Del", &["key"], true),
        ("Clear", &["key"], true),
        ("Range", &["key", "start", "stop"], true),
        ("Push", &["key", "value"], false),
        ("ListItemDelete", &["key", "value"], false),
        ("SetAdd", &["key", "value"], false),
        ("SetRemove", &["key", "value"], false),
        ("SetUnion", &["keys"], true),
        ("SetIntersection", &["keys"], true),
        ("SetQuery", &["key"], true),
        ("KeyExists", &["key"], true),
    ];
    assert_eq!(table, expected);
    assert!(contract.ops().iter().all(|op| !op.doc().is_empty()));
}
