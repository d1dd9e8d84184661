//! The messages of `wasmcloud:httpclient`.

use provider_contracts::http_client::{HttpClientClient, Request, Response};
use provider_core::codec;

use crate::vector::{Recording, vectors};

const CONTRACT: &str = "wasmcloud:httpclient";

#[test]
fn the_request_of_httpclient_holds_in_both_directions_and_is_the_payload() {
    let recording = Recording::default();
    let client = HttpClientClient::new(recording.clone(), "MACTOR");
    let rows = vectors(CONTRACT);
    assert_eq!(rows.len(), 1);
    for vector in rows {
        vector.holds_for::<Request>();
        let request = serde_json::from_value(vector.json.clone()).unwrap();
        assert_eq!(client.request(request).unwrap_err().message(), "recorded");
        let called = recording.0.lock().unwrap().take().unwrap();
        assert_eq!(called, (vector.op.clone(), vector.bytes()), "{}", vector.name);
    }
}

#[test]
fn a_request_is_read_as_actors_may_write_it() {
    let expected = Request {
        headers: [("a".into(), "b".into())].into(),
        body: b"hi".to_vec(),
        ..Request::new("PUT", "u")
    };
    let cases: [(&str, &[u8]); 4] = [
        ("as an array", b"\x94\xa3PUT\xa1u\x81\xa1a\xa1b\xc4\x02hi"),
        (
            "in another order, with a key nobody knows",
            b"\x85\xa4body\xc4\x02hi\xa1x\xc0\xa7headers\x81\xa1a\xa1b\xa3url\xa1u\xa6method\xa3PUT",
        ),
        (
            "with a body of text",
            b"\x84\xa6method\xa3PUT\xa3url\xa1u\xa7headers\x81\xa1a\xa1b\xa4body\xa2hi",
        ),
        (
            "with a body of integers",
            b"\x84\xa6method\xa3PUT\xa3url\xa1u\xa7headers\x81\xa1a\xa1b\xa4body\x92hi",
        ),
    ];
    for (what, bytes) in cases {
        assert_eq!(codec::decode::<Request>(bytes).unwrap(), expected, "{what}");
    }
    let refused: [(&str, &[u8]); 4] = [
        ("nothing", b""),
        ("no body", b"\x83\xa6method\xa3PUT\xa3url\xa1u\xa7headers\x80"),
        (
            "a URL that is there twice",
            b"\x85\xa6method\xa3PUT\xa3url\xa1u\xa3url\xa1u\xa7headers\x80\xa4body\xc4\0",
        ),
        (
            "a method of bytes",
            b"\x84\xa6method\xc4\x01\xff\xa3url\xa1u\xa7headers\x80\xa4body\xc4\0",
        ),
    ];
    for (what, bytes) in refused {
        assert!(codec::decode::<Request>(bytes).is_err(), "{what}");
    }
}

#[test]
fn a_response_has_the_names_of_2021() {
    let response = Response {
        status_code: 200,
        status: "OK".into(),
        header: [("a".into(), "b".into())].into(),
        body: b"hi".to_vec(),
    };
    let bytes =
        b"\x84\xaastatusCode\xcc\xc8\xa6status\xa2OK\xa6header\x81\xa1a\xa1b\xa4body\xc4\x02hi";
    assert_eq!(codec::encode(&response).unwrap(), bytes);
    assert_eq!(codec::decode::<Response>(bytes).unwrap(), response);
}
