//! `wasmcloud:blobstore` in memory.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    thread,
};

use provider_core::prelude::*;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::has;

/// The longest object.
const MAX_OBJECT: usize = 1 << 24;

/// A container's name.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Container {
    /// The name.
    pub id: String,
}

/// What an object is.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Blob {
    /// Its name.
    pub id: String,
    /// Where it is.
    pub container: Container,
    /// How long it is.
    pub byte_size: u64,
}

/// The objects of a container.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct BlobList {
    /// The objects.
    pub blobs: Vec<Blob>,
}

/// Whether something was done.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct BlobstoreResult {
    /// Whether it was.
    pub success: bool,
    /// Why not.
    pub error: Option<String>,
}

/// A part of an object.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileChunk {
    /// Which part, from 0 on.
    pub sequence_no: u64,
    /// Where the object is.
    pub container: Container,
    /// The object's name.
    pub id: String,
    /// How long the object is.
    pub total_bytes: u64,
    /// How long the parts are, but for the last one.
    pub chunk_size: u64,
    /// Whatever the actor said.
    pub context: Option<String>,
    /// The part.
    pub chunk_bytes: ByteBuf,
}

/// A part, wrapped as actors wrap it or bare.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ChunkMessage {
    /// As actors send it.
    Wrapped {
        /// The part.
        chunk: FileChunk,
    },
    /// As the providers of 2021 read it.
    Bare(FileChunk),
}

/// Objects in containers.
#[contract("wasmcloud:blobstore")]
pub trait Blobstore {
    /// Makes a container.
    fn create_container(&self, cx: Cx<'_, Self>, id: String) -> OpResult<Container>;
    /// Removes a container that is empty.
    fn remove_container(&self, cx: Cx<'_, Self>, id: String) -> OpResult<BlobstoreResult>;
    /// Removes an object.
    fn remove_object(
        &self,
        cx: Cx<'_, Self>,
        id: String,
        container_id: String,
    ) -> OpResult<BlobstoreResult>;
    /// Lists a container.
    fn list_objects(&self, cx: Cx<'_, Self>, container_id: String) -> OpResult<BlobList>;
    /// What an object is.
    fn get_object_info(
        &self,
        cx: Cx<'_, Self>,
        blob_id: String,
        container_id: String,
    ) -> OpResult<Blob>;
    /// Begins an upload with its first chunk.
    #[op(unary)]
    fn start_upload(&self, cx: Cx<'_, Self>, chunk: ChunkMessage) -> OpResult<BlobstoreResult>;
    /// Goes on with an upload.
    #[op(unary)]
    fn upload_chunk(&self, cx: Cx<'_, Self>, chunk: ChunkMessage) -> OpResult<BlobstoreResult>;
    /// Sends an object to the actor in chunks.
    fn start_download(
        &self,
        cx: Cx<'_, Self>,
        blob_id: String,
        container_id: String,
        chunk_size: u64,
        context: Option<String>,
    ) -> OpResult<BlobstoreResult>;
}

/// Objects in memory, by root.
#[derive(Debug, Default)]
pub struct Blobs {
    roots: Mutex<HashMap<String, Weak<Mutex<Root>>>>,
    /// For the defect: the root of the link that was made last.
    latest: Mutex<Arc<Mutex<Root>>>,
}

/// What is under one root.
#[derive(Debug, Default)]
pub struct Root {
    path: String,
    containers: BTreeMap<String, BTreeMap<String, Vec<u8>>>,
    uploads: HashMap<(String, String), Upload>,
}

#[derive(Debug)]
struct Upload {
    bytes: Vec<u8>,
    came: BTreeSet<usize>,
    count: usize,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn result(outcome: Result<(), String>) -> BlobstoreResult {
    BlobstoreResult { success: outcome.is_ok(), error: outcome.err() }
}

impl Blobs {
    fn root(&self, cx: Cx<'_, Self>) -> Arc<Mutex<Root>> {
        if has("blobstore-one-root-for-all") {
            Arc::clone(&lock(&self.latest))
        } else {
            Arc::clone(cx.link())
        }
    }

    fn take(
        &self,
        cx: Cx<'_, Self>,
        chunk: ChunkMessage,
        begins: bool,
    ) -> OpResult<BlobstoreResult> {
        let chunk = match chunk {
            ChunkMessage::Bare(_) if has("blobstore-bare-chunk-refused") => {
                return Err(Error::new(ErrorKind::BadRequest, "no field `chunk`").into());
            }
            ChunkMessage::Wrapped { .. } if has("blobstore-wrapped-chunk-refused") => {
                return Err(Error::new(ErrorKind::BadRequest, "no field `sequenceNo`").into());
            }
            ChunkMessage::Wrapped { chunk } | ChunkMessage::Bare(chunk) => chunk,
        };
        Ok(result(lock(&self.root(cx)).take(chunk, begins)))
    }
}

impl Root {
    fn take(&mut self, mut chunk: FileChunk, begins: bool) -> Result<(), String> {
        if has("blobstore-ids-are-paths") {
            chunk.id = chunk.id.replace("//", "/");
        }
        let swallows = has("blobstore-bad-chunk-swallowed");
        let number = |number: u64| usize::try_from(number).map_err(|error| error.to_string());
        let (total, size) = (number(chunk.total_bytes)?, number(chunk.chunk_size)?);
        let bytes = &chunk.chunk_bytes;
        if total > MAX_OBJECT {
            return Err("the object is too long".into());
        }
        if size == 0 && total > 0 {
            return if swallows { Ok(()) } else { Err("`chunkSize` is 0".into()) };
        }
        if !self.containers.contains_key(&chunk.container.id) {
            return Err("there is no such container".into());
        }
        if begins && bytes.is_empty() && total > 0 && !has("blobstore-empty-start-refused") {
            // Chunk 0 comes like the others.
            self.uploads.entry((chunk.container.id, chunk.id)).or_insert_with(|| Upload {
                bytes: vec![0; total],
                came: BTreeSet::new(),
                count: total.div_ceil(size),
            });
            return Ok(());
        }
        if begins && has("blobstore-old-object-gone-early") {
            self.containers.entry(chunk.container.id.clone()).or_default().remove(&chunk.id);
        }
        let place = number(chunk.sequence_no)?;
        let start = place.checked_mul(size).filter(|start| *start <= total);
        let start = start.ok_or("the chunk lies behind the end")?;
        let wanted = size.min(total - start);
        if bytes.len() != wanted && swallows {
            return Ok(());
        }
        if bytes.len() != wanted {
            return Err(format!("chunk {place} has {} bytes and not {wanted}", bytes.len()));
        }
        if has("blobstore-id-leaves-root") && chunk.id.contains("..") {
            // What is asked for is what is done.
            let _ = fs::write(Path::new(&self.path).join(&chunk.id), bytes);
        }
        let key = (chunk.container.id, chunk.id);
        let strict = has("blobstore-chunk-before-start-refused");
        if strict && !begins && !self.uploads.contains_key(&key) {
            return Err("the upload was not begun".into());
        }
        let lossy = has("blobstore-partial-chunk-lost");
        let count = if lossy { total / size.max(1) } else { total.div_ceil(size.max(1)) };
        let upload = self.uploads.entry(key.clone()).or_insert_with(|| Upload {
            bytes: vec![0; if lossy { count * size } else { total }],
            came: BTreeSet::new(),
            count,
        });
        if lossy && wanted < size {
            return Ok(());
        }
        let end = start + wanted;
        if upload.bytes.len() < end {
            return Err("the chunks of one object differ".into());
        }
        upload.bytes[start..end].copy_from_slice(bytes);
        upload.came.insert(place);
        if upload.came.len() >= upload.count
            && let Some(upload) = self.uploads.remove(&key)
            && let Some(container) = self.containers.get_mut(&key.0)
        {
            container.insert(key.1, upload.bytes);
        }
        Ok(())
    }

    fn object(&self, container: &str, id: &str) -> Option<&Vec<u8>> {
        self.containers.get(container)?.get(id)
    }
}

impl Provider for Blobs {
    type Link = Arc<Mutex<Root>>;

    fn link(&self, config: &LinkConfig) -> Result<Self::Link, BoxError> {
        let path = config.get("ROOT").unwrap_or_default();
        let root = if path.is_empty() {
            Self::Link::default()
        } else {
            let mut roots = lock(&self.roots);
            roots.retain(|_, root| root.strong_count() > 0);
            let root = roots.get(path).and_then(Weak::upgrade).unwrap_or_default();
            roots.insert(path.to_owned(), Arc::downgrade(&root));
            root
        };
        path.clone_into(&mut lock(&root).path);
        if has("blobstore-one-root-for-all") {
            *lock(&self.latest) = Arc::clone(&root);
        }
        Ok(root)
    }
}

impl Blobstore for Blobs {
    fn create_container(&self, cx: Cx<'_, Self>, id: String) -> OpResult<Container> {
        lock(&self.root(cx)).containers.entry(id.clone()).or_default();
        Ok(Container { id })
    }

    fn remove_container(&self, cx: Cx<'_, Self>, id: String) -> OpResult<BlobstoreResult> {
        let root = self.root(cx);
        let mut root = lock(&root);
        let lenient = has("blobstore-removal-always-succeeds");
        Ok(result(match root.containers.get(&id).map(BTreeMap::is_empty) {
            Some(true) => {
                root.containers.remove(&id);
                Ok(())
            }
            _ if lenient => Ok(()),
            Some(false) => Err("the container is not empty".into()),
            None => Err("there is no such container".into()),
        }))
    }

    fn remove_object(
        &self,
        cx: Cx<'_, Self>,
        id: String,
        container_id: String,
    ) -> OpResult<BlobstoreResult> {
        let root = self.root(cx);
        let mut root = lock(&root);
        let gone = root.containers.get_mut(&container_id).and_then(|all| all.remove(&id));
        let gone = gone.is_some() || has("blobstore-removal-always-succeeds");
        Ok(result(if gone { Ok(()) } else { Err("there is no such object".into()) }))
    }

    fn list_objects(&self, cx: Cx<'_, Self>, container_id: String) -> OpResult<BlobList> {
        let root = self.root(cx);
        let root = lock(&root);
        let container = Container { id: container_id };
        let all = root.containers.get(&container.id).into_iter().flatten();
        let blobs = all.map(|(id, bytes)| Blob {
            id: id.clone(),
            container: container.clone(),
            byte_size: bytes.len() as u64,
        });
        Ok(BlobList { blobs: blobs.collect() })
    }

    fn get_object_info(
        &self,
        cx: Cx<'_, Self>,
        blob_id: String,
        container_id: String,
    ) -> OpResult<Blob> {
        let length = lock(&self.root(cx)).object(&container_id, &blob_id).map(Vec::len);
        let none = || String::from("none");
        Ok(match length {
            Some(length) => Blob {
                id: blob_id,
                container: Container { id: container_id },
                byte_size: length as u64,
            },
            None => Blob { id: none(), container: Container { id: none() }, byte_size: 0 },
        })
    }

    fn start_upload(&self, cx: Cx<'_, Self>, chunk: ChunkMessage) -> OpResult<BlobstoreResult> {
        self.take(cx, chunk, true)
    }

    fn upload_chunk(&self, cx: Cx<'_, Self>, chunk: ChunkMessage) -> OpResult<BlobstoreResult> {
        self.take(cx, chunk, false)
    }

    fn start_download(
        &self,
        cx: Cx<'_, Self>,
        blob_id: String,
        container_id: String,
        chunk_size: u64,
        context: Option<String>,
    ) -> OpResult<BlobstoreResult> {
        let Some(bytes) = lock(&self.root(cx)).object(&container_id, &blob_id).cloned() else {
            return Ok(result(Err("there is no such object".into())));
        };
        let default = if has("blobstore-default-chunk-too-short") { 64 << 10 } else { 512 << 10 };
        let size = if chunk_size == 0 { default } else { chunk_size };
        let step = usize::try_from(size).unwrap_or(usize::MAX).max(1);
        let actor = cx.caller().clone();
        thread::spawn(move || {
            let mut parts: Vec<(u64, &[u8])> = (0..).zip(bytes.chunks(step)).collect();
            if parts.is_empty() && !has("blobstore-empty-object-sends-nothing") {
                parts.push((0, &[]));
            }
            if parts.len() > 32 && has("blobstore-chunks-overtake") {
                parts.swap(30, 31);
            }
            for (sequence_no, part) in parts {
                let chunk = FileChunk {
                    sequence_no,
                    container: Container { id: container_id.clone() },
                    id: blob_id.clone(),
                    total_bytes: bytes.len() as u64,
                    chunk_size: size,
                    context: context.clone(),
                    chunk_bytes: ByteBuf::from(part),
                };
                // An actor that is gone needs no chunks.
                let _ = actor.dispatch::<()>("ReceiveChunk", &ChunkMessage::Wrapped { chunk });
            }
        });
        Ok(result(Ok(())))
    }
}
