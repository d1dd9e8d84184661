//! `wasmcloud:blobstore`: objects in containers, sent and received in chunks.
//!
//! # Uploads
//!
//! An object comes in chunks of `chunkSize` bytes; the last one has what is left. Chunk *n* begins at
//! byte *n* × `chunkSize`, and numbers start at 0. Each chunk says of which object it is a part, how long
//! the object is and how long the chunks are, so chunks may come **in any order and more than once**:
//! one that comes again takes the place of the one before.
//!
//! [`StartUpload`](Blobstore::start_upload) carries chunk 0, whose bytes count. It may come without
//! bytes, and chunk 0 then comes like the others.
//!
//! The object appears when its last missing byte has come, and not before: whole, in the place of the one
//! that had its name, and durable. The reply to the chunk that completes it says so; a chunk of it that
//! comes again afterwards is answered with success and changes nothing. An object of no bytes is complete
//! with `StartUpload`.
//!
//! An upload that nobody goes on with is forgotten after a while, which the link says.
//!
//! # Downloads
//!
//! [`StartDownload`](Blobstore::start_download) answers at once. The chunks then come to the actor as
//! [`ReceiveChunk`](ChunkReceiver::receive_chunk), one after the other from number 0 on: each when the
//! actor has answered the one before. An object of no bytes comes as one chunk without bytes. When the
//! actor answers with an error the download ends.
//!
//! # Ids
//!
//! An id is any text that is not empty: it may contain `/`, `..`, NUL, anything. It is a name and no path,
//! and never leads out of the link's root; `a/b`, `a//b` and `/a/b` are three objects. Ids that differ are
//! objects that differ. An id that is empty, or longer than the store can keep, is an error of kind
//! *bad request*; ids of containers up to 63 bytes and ids of objects up to 255 bytes of ASCII letters,
//! digits, `-`, `_`, `.` and `/` can always be kept.
//!
//! # Roots
//!
//! Each link has its own root, which its values name, and sees nothing beside that. Links whose values
//! name the same root share it.

mod messages;
mod reading;
#[cfg(feature = "scenarios")]
pub mod scenario;

use provider_core::prelude::*;

pub use self::messages::{Blob, BlobList, BlobstoreResult, Chunk, Container, FileChunk};

/// How long the chunks of a download are when its `chunk_size` is 0: 512 KiB.
pub const DEFAULT_CHUNK_BYTES: u64 = 512 << 10;

/// A store of objects.
///
/// What the store does not do because of what it holds is a [`BlobstoreResult`] with the reason. A request
/// that no store could fulfil is an error of kind [`BadRequest`](ErrorKind::BadRequest); a store that
/// cannot be reached is [`Unavailable`](ErrorKind::Unavailable), one that does not answer
/// [`Timeout`](ErrorKind::Timeout).
#[expect(
    clippy::missing_errors_doc,
    reason = "what is an error is said once, above, and where an operation adds to it"
)]
#[contract("wasmcloud:blobstore", calls = ChunkReceiver)]
pub trait Blobstore {
    /// Makes a container, and returns it, also when it was there already.
    #[op(idempotent)]
    fn create_container(&self, cx: Cx<'_, Self>, id: String) -> OpResult<Container>;

    /// Removes a container that has no objects. One that has some, or is not there, is not removed, and
    /// the reply says why.
    #[op(example(title = "no such container", request = r#"{"id": "nobody-made-this"}"#))]
    fn remove_container(&self, cx: Cx<'_, Self>, id: String) -> OpResult<BlobstoreResult>;

    /// Removes an object. For one that is not there the reply says so.
    #[op(example(
        title = "no such object",
        request = r#"{"id": "nobody-sent-this", "container_id": "nobody-made-this"}"#
    ))]
    fn remove_object(
        &self,
        cx: Cx<'_, Self>,
        id: String,
        container_id: String,
    ) -> OpResult<BlobstoreResult>;

    /// The objects of a container, sorted by the bytes of their ids. A container that is not there has
    /// none.
    #[op(
        idempotent,
        example(
            title = "no such container",
            request = r#"{"container_id": "nobody-made-this"}"#,
            reply = r#"{"blobs": []}"#
        )
    )]
    fn list_objects(&self, cx: Cx<'_, Self>, container_id: String) -> OpResult<BlobList>;

    /// An object's name and length. One that is not there is [`Blob::none`].
    #[op(
        idempotent,
        example(
            title = "no such object",
            request = r#"{"blob_id": "nobody-sent-this", "container_id": "nobody-made-this"}"#,
            reply = r#"{"id": "none", "container": {"id": "none"}, "byteSize": 0}"#
        )
    )]
    fn get_object_info(
        &self,
        cx: Cx<'_, Self>,
        blob_id: String,
        container_id: String,
    ) -> OpResult<Blob>;

    /// Begins an upload and carries its chunk 0.
    ///
    /// For an upload that goes on already, with the same lengths and the same chunk 0, it is chunk 0 once
    /// more. Otherwise it is a new upload, and what came of the one before is forgotten. A container
    /// that is not there takes none: the reply says so.
    ///
    /// A `chunkSize` of 0 with bytes, a number behind the object's end and bytes that are not exactly the
    /// chunk's are errors of kind *bad request* and change nothing.
    #[op(unary)]
    fn start_upload(&self, cx: Cx<'_, Self>, chunk: Chunk) -> OpResult<BlobstoreResult>;

    /// Goes on with an upload. A chunk may come before `StartUpload`.
    #[op(unary)]
    fn upload_chunk(&self, cx: Cx<'_, Self>, chunk: Chunk) -> OpResult<BlobstoreResult>;

    /// Has an object sent to the calling actor, in chunks of `chunk_size` bytes, and answers at once.
    ///
    /// A `chunk_size` of 0 means [`DEFAULT_CHUNK_BYTES`]; one that is longer than the store sends is an
    /// error of kind *bad request*. `context` comes back with each chunk. For an object that is not
    /// there the reply says so, and no chunk comes.
    #[op(example(
        title = "no such object",
        request = r#"{"blob_id": "nobody-sent-this", "container_id": "nobody-made-this", "chunk_size": 0, "context": null}"#
    ))]
    fn start_download(
        &self,
        cx: Cx<'_, Self>,
        blob_id: String,
        container_id: String,
        chunk_size: u64,
        context: Option<String>,
    ) -> OpResult<BlobstoreResult>;
}

/// What actors that download answer.
#[contract("wasmcloud:blobstore")]
pub trait ChunkReceiver {
    /// Takes a part of an object.
    ///
    /// # Errors
    ///
    /// The actor's own. No further chunk of the download comes.
    #[op(unary)]
    fn receive_chunk(&self, cx: Cx<'_, Self>, chunk: Chunk) -> OpResult<()>;
}
