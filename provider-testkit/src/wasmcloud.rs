//! The eight `wasmcloud:*` contracts: the one table of their operations, which way each goes, and a
//! valid request of it.

use serde_json::{Value, json};

use crate::payload;

/// The type of a reply's field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    Text,
    Bool,
    Int,
    Texts,
}

/// A contract of which the testkit knows the meaning.
pub(crate) struct Contract {
    pub(crate) id: &'static str,
    pub(crate) ops: &'static [Known],
}

/// An operation of a known contract.
pub(crate) struct Known {
    pub(crate) name: &'static str,
    /// Whether actors call it; else the provider calls actors with it.
    pub(crate) actor_to_provider: bool,
    /// A valid request, in which the given text is a name that nobody used before.
    pub(crate) request: fn(&str) -> Value,
    /// What the reply to that request holds, where the request is safe to send to any provider of
    /// the contract.
    pub(crate) reply: Option<&'static [(&'static str, Type)]>,
}

const fn safe(
    name: &'static str,
    request: fn(&str) -> Value,
    reply: &'static [(&'static str, Type)],
) -> Known {
    Known { name, actor_to_provider: true, request, reply: Some(reply) }
}

const fn called(name: &'static str, request: fn(&str) -> Value) -> Known {
    Known { name, actor_to_provider: true, request, reply: None }
}

const fn calls(name: &'static str, request: fn(&str) -> Value) -> Known {
    Known { name, actor_to_provider: false, request, reply: None }
}

pub(crate) const KEYVALUE: &str = "wasmcloud:keyvalue";
pub(crate) const MESSAGING: &str = "wasmcloud:messaging";
pub(crate) const HTTP_SERVER: &str = "wasmcloud:httpserver";
pub(crate) const HTTP_CLIENT: &str = "wasmcloud:httpclient";
pub(crate) const TELNET: &str = "wasmcloud:telnet";
pub(crate) const GRAPHDB: &str = "wasmcloud:graphdb";
pub(crate) const LOGGING: &str = "wasmcloud:logging";
pub(crate) const BLOBSTORE: &str = "wasmcloud:blobstore";

static CONTRACTS: [Contract; 8] = [
    Contract { id: KEYVALUE, ops: &KEYVALUE_OPS },
    Contract { id: MESSAGING, ops: &MESSAGING_OPS },
    Contract { id: HTTP_SERVER, ops: &HTTP_SERVER_OPS },
    Contract { id: HTTP_CLIENT, ops: &HTTP_CLIENT_OPS },
    Contract { id: TELNET, ops: &TELNET_OPS },
    Contract { id: GRAPHDB, ops: &GRAPHDB_OPS },
    Contract { id: LOGGING, ops: &LOGGING_OPS },
    Contract { id: BLOBSTORE, ops: &BLOBSTORE_OPS },
];

static KEYVALUE_OPS: [Known; 14] = [
    safe("Get", |key| json!({"key": key}), &[("value", Type::Text), ("exists", Type::Bool)]),
    safe("Add", |key| json!({"key": key, "value": 5}), &[("value", Type::Int)]),
    safe(
        "Set",
        |key| json!({"key": key, "value": "testkit", "expires": 60}),
        &[("value", Type::Text)],
    ),
    safe("Del", |key| json!({"key": key}), &[("key", Type::Text)]),
    safe("Clear", |key| json!({"key": key}), &[("key", Type::Text)]),
    safe("Range", |key| json!({"key": key, "start": 0, "stop": -1}), &[("values", Type::Texts)]),
    safe("Push", |key| json!({"key": key, "value": "testkit"}), &[("newCount", Type::Int)]),
    safe(
        "ListItemDelete",
        |key| json!({"key": key, "value": "testkit"}),
        &[("newCount", Type::Int)],
    ),
    safe("SetAdd", |key| json!({"key": key, "value": "testkit"}), &[("new_count", Type::Int)]),
    safe("SetRemove", |key| json!({"key": key, "value": "testkit"}), &[("new_count", Type::Int)]),
    safe("SetUnion", |key| json!({"keys": [key, format!("{key}-b")]}), &[("values", Type::Texts)]),
    safe(
        "SetIntersection",
        |key| json!({"keys": [key, format!("{key}-b")]}),
        &[("values", Type::Texts)],
    ),
    safe("SetQuery", |key| json!({"key": key}), &[("values", Type::Texts)]),
    safe("KeyExists", |key| json!({"key": key}), &[("value", Type::Text), ("exists", Type::Bool)]),
];

static MESSAGING_OPS: [Known; 3] = [
    called(
        "Publish",
        |name| json!({"subject": name, "replyTo": "", "body": payload::bytes(b"testkit")}),
    ),
    called(
        "Request",
        |name| json!({"subject": name, "body": payload::bytes(b"testkit"), "timeout": 10}),
    ),
    calls(
        "HandleMessage",
        |name| json!({"subject": name, "replyTo": "", "body": payload::bytes(b"testkit")}),
    ),
];

static HTTP_SERVER_OPS: [Known; 1] = [calls("HandleRequest", |name| {
    json!({
        "method": "GET",
        "path": format!("/{name}"),
        "queryString": "",
        "header": {},
        "body": payload::bytes(b""),
    })
})];

static HTTP_CLIENT_OPS: [Known; 1] = [called("Request", |name| {
    // Port 0 cannot be connected to: the request leads nowhere.
    json!({
        "method": "GET",
        "url": format!("http://127.0.0.1:0/{name}"),
        "headers": {},
        "body": payload::bytes(b""),
    })
})];

static TELNET_OPS: [Known; 3] = [
    calls("SessionStarted", |name| json!({"session": name})),
    calls("ReceiveText", |name| json!({"session": name, "text": "testkit"})),
    called("SendText", |name| json!({"session": name, "text": "testkit"})),
];

static GRAPHDB_OPS: [Known; 2] = [
    called("QueryGraph", |name| json!({"graphName": name, "query": "RETURN 1"})),
    called("DeleteGraph", |name| json!({"graphName": name})),
];

static LOGGING_OPS: [Known; 1] =
    [called("WriteLog", |name| json!({"target": name, "level": "info", "text": "testkit"}))];

static BLOBSTORE_OPS: [Known; 9] = [
    called("CreateContainer", |name| json!({"id": name})),
    called("RemoveContainer", |name| json!({"id": name})),
    called("RemoveObject", |name| json!({"id": name, "container_id": name})),
    called("ListObjects", |name| json!({"container_id": name})),
    called("GetObjectInfo", |name| json!({"blob_id": name, "container_id": name})),
    called("StartUpload", |name| json!({"chunk": chunk(name, name, 0, 7, 7, b"testkit")})),
    called("UploadChunk", |name| json!({"chunk": chunk(name, name, 0, 7, 7, b"testkit")})),
    called(
        "StartDownload",
        |name| json!({"blob_id": name, "container_id": name, "chunk_size": 7, "context": null}),
    ),
    calls("ReceiveChunk", |name| json!({"chunk": chunk(name, name, 0, 7, 7, b"testkit")})),
];

/// A `FileChunk`.
pub(crate) fn chunk(
    container: &str,
    id: &str,
    number: usize,
    total: usize,
    size: usize,
    bytes: &[u8],
) -> Value {
    json!({
        "sequenceNo": number,
        "container": {"id": container},
        "id": id,
        "totalBytes": total,
        "chunkSize": size,
        "context": null,
        "chunkBytes": payload::bytes(bytes),
    })
}

/// The contract `id`, if it is known.
pub(crate) fn contract(id: &str) -> Option<&'static Contract> {
    CONTRACTS.iter().find(|contract| contract.id == id)
}

impl Contract {
    pub(crate) fn op(&self, name: &str) -> Option<&'static Known> {
        self.ops.iter().find(|known| known.name == name)
    }
}

#[cfg(test)]
mod tests {
    use faulty_contracts::keyvalue::Keys;
    use provider_contracts::keyvalue::KeyValue;

    use super::*;

    #[test]
    fn the_operations_of_keyvalue_are_those_of_the_trait_with_its_arguments() {
        let declared = provider_core::contract_of!(Keys: KeyValue);
        let ours = contract(declared.id()).unwrap();
        assert_eq!(ours.ops.len(), declared.ops().len());
        for op in declared.ops() {
            let request = (ours.op(op.name()).unwrap().request)("k");
            let names: Vec<&str> =
                request.as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(names, op.args(), "{}", op.name());
        }
    }

    #[test]
    fn the_operations_and_their_fields_are_those_of_the_golden_vectors() {
        let vectors = include_str!("../../contracts/vectors/golden-vectors.json");
        let vectors: Value = serde_json::from_str(vectors).unwrap();
        let mut compared = 0;
        for vector in vectors["vectors"].as_array().unwrap() {
            let text = |key: &str| vector[key].as_str().unwrap();
            let Some(contract) = contract(text("contract")) else {
                continue;
            };
            let known = contract.op(text("op")).unwrap_or_else(|| panic!("{vector}"));
            // Bare chunks are what 2021's providers read; what actors sent was wrapped.
            if text("role") != "args" || text("type") == "FileChunk" {
                continue;
            }
            let fields = |value: &Value| {
                let mut names: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
                names.sort_unstable();
                names
            };
            assert_eq!(fields(&(known.request)("n")), fields(&vector["json"]), "{vector}");
            compared += 1;
        }
        assert!(compared > 25, "{compared}");
    }

    #[test]
    fn requests_can_be_encoded() {
        for known in CONTRACTS.iter().flat_map(|contract| contract.ops) {
            payload::encode(&(known.request)("n")).unwrap();
        }
    }
}
