//! What travels. Names are as irregular as they were in 2021: the bytes count.

use serde::{Deserialize, Serialize};

/// A container.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Container {
    /// Its id.
    pub id: String,
}

/// What an object is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Blob {
    /// Its id.
    pub id: String,
    /// Where it is.
    pub container: Container,
    /// Its length in bytes.
    pub byte_size: u64,
}

impl Blob {
    /// What stands for an object that is not there.
    ///
    /// An object may be called so as well: it then is in a container with another id.
    #[must_use]
    pub fn none() -> Self {
        let none = || String::from("none");
        Self { id: none(), container: Container { id: none() }, byte_size: 0 }
    }
}

/// The objects of a container.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobList {
    /// The objects, sorted by the bytes of their ids.
    pub blobs: Vec<Blob>,
}

/// Whether something was done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobstoreResult {
    /// Whether it was.
    pub success: bool,
    /// Why not.
    pub error: Option<String>,
}

impl BlobstoreResult {
    /// It was done.
    #[must_use]
    pub fn done() -> Self {
        Self { success: true, error: None }
    }

    /// It was not done, for this reason.
    #[must_use]
    pub fn refused(reason: impl Into<String>) -> Self {
        Self { success: false, error: Some(reason.into()) }
    }
}

/// A part of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileChunk {
    /// Which part, from 0 on.
    pub sequence_no: u64,
    /// Where the object is.
    pub container: Container,
    /// The object's id.
    pub id: String,
    /// How long the object is, in bytes.
    pub total_bytes: u64,
    /// How long the parts are, in bytes, but for the last one.
    pub chunk_size: u64,
    /// In a download, what the actor gave when it began it.
    pub context: Option<String>,
    /// The part's bytes.
    #[serde(with = "serde_bytes")]
    pub chunk_bytes: Vec<u8>,
}

/// A [`FileChunk`] as a message.
///
/// It is written as the map `{chunk: ..}`. The bare part is read as well: in 2021 actors sent the map,
/// and providers read and sent the bare part.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Chunk {
    /// The part.
    pub chunk: FileChunk,
}

impl From<FileChunk> for Chunk {
    fn from(chunk: FileChunk) -> Self {
        Self { chunk }
    }
}
