//! The messages of `wasmcloud:blobstore`.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use provider_contracts::blobstore::{
    Blob, BlobList, Blobstore, BlobstoreClient, BlobstoreResult, Chunk, ChunkReceiverClient,
    Container, FileChunk,
};
use provider_core::{
    BoxError, Cx, LinkConfig, Linked, NullDispatcher, OpResult, Provider, Reply, ReplyBuffer, codec,
};
use serde_json::{Value, json};

use crate::vector::{Recording, Vector, vectors};

const CONTRACT: &str = "wasmcloud:blobstore";

#[test]
fn the_replies_and_chunks_of_blobstore_hold_in_both_directions() {
    let mut seen = 0;
    for vector in vectors(CONTRACT) {
        match vector.r#type.as_str() {
            "Container" => vector.holds_for::<Container>(),
            "BlobstoreResult" => vector.holds_for::<BlobstoreResult>(),
            "FileChunk" => {
                vector.holds_for::<FileChunk>();
                // As a message it is read too.
                let chunk: FileChunk = codec::decode(&vector.bytes()).unwrap();
                let message: Chunk = codec::decode(&vector.bytes()).unwrap();
                assert_eq!(message, Chunk { chunk });
            }
            _ => continue,
        }
        seen += 1;
    }
    assert_eq!(seen, 3);
}

#[test]
fn replies_without_a_vector_keep_the_names_of_2021() {
    let container = Container { id: "c".into() };
    let blob = Blob { id: "f".into(), container, byte_size: 5 };
    let payload = codec::encode(&BlobList { blobs: vec![blob] }).unwrap();
    assert_eq!(
        payload,
        b"\x81\xa5blobs\x91\x83\xa2id\xa1f\xa9container\x81\xa2id\xa1c\xa8byteSize\x05"
    );
    let none = codec::encode(&Blob::none()).unwrap();
    assert_eq!(none, b"\x83\xa2id\xa4none\xa9container\x81\xa2id\xa4none\xa8byteSize\0");
    let refused = codec::encode(&BlobstoreResult::refused("no")).unwrap();
    assert_eq!(refused, b"\x82\xa7success\xc2\xa5error\xa2no");
}

fn chunk_of(vector: &Vector) -> Chunk {
    let chunk: FileChunk = serde_json::from_value(vector.json["chunk"].clone()).unwrap();
    chunk.into()
}

fn call_client(client: &BlobstoreClient<Recording>, vector: &Vector) {
    let (text, id, container_id) =
        (|key| vector.string(key), || vector.string("id"), || vector.string("container_id"));
    let error = match vector.op.as_str() {
        "CreateContainer" => client.create_container(id()).err(),
        "RemoveContainer" => client.remove_container(id()).err(),
        "RemoveObject" => client.remove_object(id(), container_id()).err(),
        "ListObjects" => client.list_objects(container_id()).err(),
        "GetObjectInfo" => client.get_object_info(text("blob_id"), container_id()).err(),
        "StartUpload" => client.start_upload(chunk_of(vector)).err(),
        "StartDownload" => {
            let size = vector.json["chunk_size"].as_u64().unwrap();
            client
                .start_download(text("blob_id"), container_id(), size, Some(text("context")))
                .err()
        }
        other => panic!("{}: operation {other}", vector.name),
    };
    assert_eq!(error.unwrap().message(), "recorded", "{}", vector.name);
}

#[test]
fn the_client_writes_the_requests_of_2021() {
    let recording = Recording::default();
    let client = BlobstoreClient::new(recording.clone(), "MACTOR");
    let mut requests = 0;
    for vector in vectors(CONTRACT).into_iter().filter(|vector| vector.role == "args") {
        call_client(&client, &vector);
        let called = recording.0.lock().unwrap().take().unwrap();
        assert_eq!(called, (vector.op.clone(), vector.bytes()), "{}", vector.name);
        requests += 1;
    }
    assert_eq!(requests, 7);
    // What has no vector of its own is wrapped as `StartUpload` is.
    let wrapped = vectors(CONTRACT).into_iter().find(|vector| vector.op == "StartUpload").unwrap();
    client.upload_chunk(chunk_of(&wrapped)).unwrap_err();
    let called = recording.0.lock().unwrap().take().unwrap();
    assert_eq!(called, ("UploadChunk".into(), wrapped.bytes()));
    let actor = ChunkReceiverClient::new(recording.clone(), "MACTOR");
    actor.receive_chunk(chunk_of(&wrapped)).unwrap_err();
    let called = recording.0.lock().unwrap().take().unwrap();
    assert_eq!(called, ("ReceiveChunk".into(), wrapped.bytes()));
}

#[test]
fn a_chunk_is_read_in_every_form_that_actors_may_write() {
    let chunk = FileChunk {
        sequence_no: 1,
        container: Container { id: "c".into() },
        id: "f".into(),
        total_bytes: 4,
        chunk_size: 2,
        context: None,
        chunk_bytes: b"hi".to_vec(),
    };
    let cases: [(&str, &[u8]); 8] = [
        ("wrapped, both as arrays", b"\x91\x97\x01\x91\xa1c\xa1f\x04\x02\xc0\xc4\x02hi"),
        ("bare, as an array", b"\x97\x01\x91\xa1c\xa1f\x04\x02\xc0\xc4\x02hi"),
        (
            "wrapped, an array in a map",
            b"\x81\xa5chunk\x97\x01\x81\xa2id\xa1c\xa1f\x04\x02\xc0\xc4\x02hi",
        ),
        (
            "wrapped, a map in an array",
            b"\x91\x86\xaasequenceNo\x01\xa9container\x81\xa2id\xa1c\xa2id\xa1f\xaatotalBytes\x04\xa9chunkSize\x02\xaachunkBytes\xc4\x02hi",
        ),
        (
            "bare, in another order, with a key that nobody knows, without the optional",
            b"\x87\xaachunkBytes\xc4\x02hi\xa1x\xc0\xaasequenceNo\x01\xa9container\x81\xa2id\xa1c\xa2id\xa1f\xaatotalBytes\x04\xa9chunkSize\x02",
        ),
        (
            "with wide integers and bytes as text",
            b"\x81\xa5chunk\x97\xcf\0\0\0\0\0\0\0\x01\x91\xa1c\xa1f\xcd\0\x04\x02\xc0\xa2hi",
        ),
        (
            "with bytes as integers",
            b"\x81\xa5chunk\x97\x01\x91\xa1c\xa1f\x04\x02\xc0\x92hi",
        ),
        (
            "wrapped, with a key beside it",
            b"\x82\xa1x\x01\xa5chunk\x97\x01\x91\xa1c\xa1f\x04\x02\xc0\xc4\x02hi",
        ),
    ];
    for (what, bytes) in cases {
        let read = codec::decode::<Chunk>(bytes).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(read.chunk, chunk, "{what}");
    }
    let refused: [(&str, &[u8], &str); 6] = [
        ("nothing", b"", ""),
        ("no field", b"\x80", "missing field `sequenceNo`"),
        ("an empty array", b"\x90", "missing field `chunk`"),
        ("a negative number", b"\x97\xff\x91\xa1c\xa1f\x04\x02\xc0\xc4\x02hi", "out of range"),
        ("twice the same field", b"\x82\xa2id\xa1c\xa2id\xa1c", "duplicate field `id`"),
        ("a text", b"\xa1x", "a map with `chunk`"),
    ];
    for (what, bytes, reason) in refused {
        let error = codec::decode::<Chunk>(bytes).unwrap_err();
        assert!(error.message().contains(reason), "{what}: {error}");
    }
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

impl Blobstore for Arguments {
    fn create_container(&self, _: Context<'_>, id: String) -> OpResult<Container> {
        self.keep(json!({ "id": id }))
    }

    fn remove_container(&self, _: Context<'_>, id: String) -> OpResult<BlobstoreResult> {
        self.keep(json!({ "id": id }))
    }

    fn remove_object(
        &self,
        _: Context<'_>,
        id: String,
        container_id: String,
    ) -> OpResult<BlobstoreResult> {
        self.keep(json!({ "id": id, "container_id": container_id }))
    }

    fn list_objects(&self, _: Context<'_>, container_id: String) -> OpResult<BlobList> {
        self.keep(json!({ "container_id": container_id }))
    }

    fn get_object_info(
        &self,
        _: Context<'_>,
        blob_id: String,
        container_id: String,
    ) -> OpResult<Blob> {
        self.keep(json!({ "blob_id": blob_id, "container_id": container_id }))
    }

    fn start_upload(&self, _: Context<'_>, chunk: Chunk) -> OpResult<BlobstoreResult> {
        self.keep(json!({ "chunk": chunk.chunk }))
    }

    fn upload_chunk(&self, _: Context<'_>, chunk: Chunk) -> OpResult<BlobstoreResult> {
        self.keep(json!(chunk.chunk))
    }

    fn start_download(
        &self,
        _: Context<'_>,
        blob_id: String,
        container_id: String,
        chunk_size: u64,
        context: Option<String>,
    ) -> OpResult<BlobstoreResult> {
        self.keep(json!({
            "blob_id": blob_id,
            "container_id": container_id,
            "chunk_size": chunk_size,
            "context": context,
        }))
    }
}

#[test]
fn a_provider_reads_the_requests_of_2021() {
    let contract = provider_core::contract_of!(Arguments: Blobstore);
    let actor = provider_core::Actor::new("MACTOR", Arc::new(NullDispatcher));
    let linked = Linked { config: LinkConfig::new(actor, HashMap::new()), link: () };
    let provider = Arguments::default();
    let mut read = 0;
    for vector in vectors(CONTRACT).iter().filter(|vector| vector.role != "response") {
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
        read += 1;
    }
    assert_eq!(read, 8);
}

#[test]
fn the_table_has_the_operations_of_2021_with_what_may_be_repeated() {
    let contract = provider_core::contract_of!(Arguments: Blobstore);
    assert_eq!(contract.id(), CONTRACT);
    let idempotent = provider_core::abi::op_flags::IDEMPOTENT;
    let table: Vec<_> =
        contract.ops().iter().map(|op| (op.name(), op.flags() & idempotent != 0)).collect();
    let expected = [
        ("CreateContainer", true),
        ("RemoveContainer", false),
        ("RemoveObject", false),
        ("ListObjects", true),
        ("GetObjectInfo", true),
        ("StartUpload", false),
        ("UploadChunk", false),
        ("StartDownload", false),
    ];
    assert_eq!(table, expected);
    assert!(contract.ops().iter().all(|op| !op.doc().is_empty()));
}
