//! The messages of `wasmcloud:graphdb`.

use provider_contracts::graphdb::{
    Column, DeleteResponse, GraphDbClient, Node, QueryResponse, Relation, Scalar,
};
use provider_core::codec;

use crate::vector::{Recording, vectors};

const CONTRACT: &str = "wasmcloud:graphdb";

#[test]
fn the_replies_of_graphdb_hold_in_both_directions() {
    let mut replies = 0;
    for vector in vectors(CONTRACT).into_iter().filter(|vector| vector.role == "response") {
        match vector.r#type.as_str() {
            "QueryResponse" => vector.holds_for::<QueryResponse>(),
            "DeleteResponse" => vector.holds_for::<DeleteResponse>(),
            other => panic!("{}: type {other}", vector.name),
        }
        replies += 1;
    }
    assert_eq!(replies, 2);
}

#[test]
fn the_client_writes_the_requests_of_2021() {
    let recording = Recording::default();
    let client = GraphDbClient::new(recording.clone(), "MACTOR");
    let mut requests = 0;
    for vector in vectors(CONTRACT).into_iter().filter(|vector| vector.role == "args") {
        let name = vector.string("graphName");
        let error = match vector.op.as_str() {
            "QueryGraph" => client.query_graph(name, vector.string("query")).err(),
            "DeleteGraph" => client.delete_graph(name).err(),
            other => panic!("{}: operation {other}", vector.name),
        };
        assert_eq!(error.unwrap().message(), "recorded", "{}", vector.name);
        let called = recording.0.lock().unwrap().take().unwrap();
        assert_eq!(called, (vector.op.clone(), vector.bytes()), "{}", vector.name);
        requests += 1;
    }
    assert_eq!(requests, 2);
}

#[test]
fn nodes_and_relations_have_the_names_of_2021() {
    let properties = || [("a".to_owned(), Scalar::from(1))].into();
    let node = Node { labels: vec!["L".into()], properties: properties() };
    let scalar = b"\x84\xa9boolValue\xc0\xa8intValue\x01\xabdoubleValue\xc0\xabstringValue\xc0";
    let expected = [b"\x82\xa6labels\x91\xa1L\xaaproperties\x81\xa1a", &scalar[..]].concat();
    assert_eq!(codec::encode(&node).unwrap(), expected);
    let relation = Relation { type_name: "T".into(), properties: properties() };
    let expected = [b"\x82\xa8typeName\xa1T\xaaproperties\x81\xa1a", &scalar[..]].concat();
    assert_eq!(codec::encode(&relation).unwrap(), expected);
}

#[test]
fn a_reply_is_read_as_providers_may_write_it() {
    let column = Column { scalars: Some(vec![Scalar::from(7)]), ..Column::default() };
    let cases: [(&str, &[u8]); 3] = [
        ("without what is not there", b"\x81\xa7scalars\x91\x81\xa8intValue\x07"),
        (
            "in another order, with a key nobody knows and a wide integer",
            b"\x83\xa1x\xc0\xa5nodes\xc0\xa7scalars\x91\x81\xa8intValue\xd3\0\0\0\0\0\0\0\x07",
        ),
        ("as arrays", b"\x93\x91\x94\xc0\x07\xc0\xc0\xc0\xc0"),
    ];
    for (what, bytes) in cases {
        assert_eq!(codec::decode::<Column>(bytes).unwrap(), column, "{what}");
    }
    let refused: [(&str, &[u8]); 3] = [
        ("nothing", b""),
        ("a float", b"\x81\xa7scalars\x91\x81\xa8intValue\xca\x40\0\0\0"),
        ("twice", b"\x82\xa5nodes\xc0\xa5nodes\xc0"),
    ];
    for (what, bytes) in refused {
        assert!(codec::decode::<Column>(bytes).is_err(), "{what}");
    }
}
