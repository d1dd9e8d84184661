//! The uploads of a link that are in progress.

use std::{
    collections::{HashMap, VecDeque},
    io,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use provider_contracts::blobstore::FileChunk;
use provider_core::{Error, ErrorKind};
use sha2::{Digest, Sha256};
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

use crate::{
    names::Name,
    spool::{self, Shape, Spooled},
    store::{Store, blocking},
};

/// How long a chunk may be, in bytes.
pub(crate) const MAX_CHUNK_BYTES: u64 = 16 << 20;
/// How many chunks an object may have.
const MAX_CHUNKS: u64 = 1 << 20;
/// How many completed uploads are remembered, whose chunks may come again.
const REMEMBERED: usize = 1024;

/// What a link allows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) uploads: usize,
    pub(crate) object_bytes: u64,
    pub(crate) age: Duration,
}

/// Which object.
type Key = (Name, Name);

/// The uploads of a link.
#[derive(Debug)]
pub(crate) struct Uploads {
    folder: PathBuf,
    limits: Limits,
    in_progress: Mutex<HashMap<Key, Arc<AsyncMutex<Upload>>>>,
    completed: Mutex<VecDeque<(Key, Shape)>>,
}

/// One upload: a chunk at a time.
#[derive(Debug)]
struct Upload {
    /// None until the first chunk was accepted.
    spooled: Option<Spooled>,
    touched: Instant,
    /// It is in the map no more.
    ended: bool,
}

/// What was not done, and why: for the reply.
pub(crate) type Taken = Result<Result<(), String>, Error>;

impl Uploads {
    pub(crate) fn new(folder: PathBuf, limits: Limits) -> Self {
        Self { folder, limits, in_progress: Mutex::default(), completed: Mutex::default() }
    }

    /// Takes a chunk. The last one that was missing makes the object.
    ///
    /// # Errors
    ///
    /// *Bad request* for a chunk that is none, and what the store says.
    pub(crate) async fn take(&self, store: &Store, chunk: FileChunk, begins: bool) -> Taken {
        let container = Name::container(&chunk.container.id)?;
        let object = Name::object(&chunk.id, store.slash())?;
        let place = place(&chunk, begins)?;
        let FileChunk { sequence_no, total_bytes, chunk_size, chunk_bytes, .. } = chunk;
        if total_bytes > self.limits.object_bytes {
            let most = self.limits.object_bytes;
            return Ok(Err(format!("the object has {total_bytes} bytes; the link allows {most}")));
        }
        let shape = Shape { container: chunk.container.id, id: chunk.id, total_bytes, chunk_size };
        let key = (container, object);
        if !begins && self.is_completed(&key, &shape) {
            return Ok(Ok(()));
        }
        let Some(mut upload) = self.upload(&key).await else {
            return Ok(Err("too many uploads are in progress".into()));
        };
        let outcome =
            self.put(&mut upload, (store, &key), shape, begins, (sequence_no, place, chunk_bytes));
        let outcome = outcome.await;
        upload.touched = Instant::now();
        if upload.spooled.is_none() {
            self.end(&key, &mut upload);
        }
        outcome
    }

    /// Puts a chunk into its upload, which may complete it.
    async fn put(
        &self,
        upload: &mut OwnedMutexGuard<Upload>,
        (store, key): (&Store, &Key),
        shape: Shape,
        begins: bool,
        (number, place, bytes): (u64, Option<u64>, Vec<u8>),
    ) -> Taken {
        // Whoever waited for its turn may find that the object is there.
        if !begins && upload.spooled.is_none() && self.is_completed(key, &shape) {
            return Ok(Ok(()));
        }
        let mut spooled = match upload.spooled.take() {
            Some(spooled) if spooled.shape == shape => Some(spooled),
            Some(spooled) if begins => {
                blocking(move || spooled.forget()).await?;
                None
            }
            Some(spooled) => {
                upload.spooled = Some(spooled);
                let text = "an upload of the object with other lengths is in progress";
                return Ok(Err(text.into()));
            }
            None => None,
        };
        if spooled.is_none() && !store.has_container(&key.0).await? {
            return Ok(Err("there is no such container".into()));
        }
        if begins {
            self.completed.lock().retain(|(completed, _)| completed != key);
        }
        let (folder, name) = (self.folder.clone(), file_name(key));
        // Whatever happens to the caller, this is done to its end.
        let put = blocking(move || {
            let mut spooled = match spooled.take() {
                Some(spooled) => spooled,
                None => match Spooled::open(&folder, &name, shape) {
                    Err(error) if error.kind() == io::ErrorKind::ResourceBusy => return Ok(None),
                    opened => opened?,
                },
            };
            if begins && place.is_some() && spooled.began_otherwise(&bytes) {
                spooled.reset()?;
            }
            let written = place.map_or(Ok(()), |offset| spooled.put(number, offset, &bytes));
            Ok(Some((spooled, written)))
        });
        let Some((spooled, written)) = put.await? else {
            return Ok(Err("another link is receiving this object".into()));
        };
        let spooled = upload.spooled.insert(spooled);
        written.map_err(crate::failure::io)?;
        if !spooled.is_complete() {
            return Ok(Ok(()));
        }
        let length = spooled.shape.total_bytes;
        if !store.keep((&key.0, &key.1), spooled.part(), length).await? {
            return Ok(Err("there is no such container any more".into()));
        }
        if let Some(spooled) = upload.spooled.take() {
            self.remember(key.clone(), spooled.shape.clone());
            if let Err(error) = blocking(move || spooled.forget()).await {
                log::warn!("what was received of an upload cannot be removed: {error}");
            }
        }
        Ok(Ok(()))
    }

    /// The upload of an object, this call's alone; none when there are too many.
    async fn upload(&self, key: &Key) -> Option<OwnedMutexGuard<Upload>> {
        loop {
            let upload = {
                let mut all = self.in_progress.lock();
                match all.get(key) {
                    Some(upload) => Arc::clone(upload),
                    None if all.len() >= self.limits.uploads => return None,
                    None => {
                        let upload =
                            Upload { spooled: None, touched: Instant::now(), ended: false };
                        let upload = Arc::new(AsyncMutex::new(upload));
                        all.insert(key.clone(), Arc::clone(&upload));
                        upload
                    }
                }
            };
            let upload = upload.lock_owned().await;
            if !upload.ended {
                return Some(upload);
            }
        }
    }

    fn end(&self, key: &Key, upload: &mut Upload) {
        upload.ended = true;
        self.in_progress.lock().remove(key);
    }

    fn is_completed(&self, key: &Key, shape: &Shape) -> bool {
        self.completed.lock().iter().any(|(completed, of)| completed == key && of == shape)
    }

    fn remember(&self, key: Key, shape: Shape) {
        let mut completed = self.completed.lock();
        completed.retain(|(other, _)| *other != key);
        if completed.len() == REMEMBERED {
            completed.pop_front();
        }
        completed.push_back((key, shape));
    }

    /// Forgets uploads that nobody goes on with: those of this link, and those that a crash left.
    pub(crate) async fn sweep(&self) {
        self.forget(self.limits.age).await;
        let (folder, age) = (self.folder.clone(), self.limits.age);
        if let Err(error) = blocking(move || spool::sweep(&folder, age)).await {
            log::warn!("old uploads cannot be removed: {error}");
        }
    }

    /// Forgets this link's uploads that nobody went on with for `age`.
    pub(crate) async fn forget(&self, age: Duration) {
        let all: Vec<_> =
            self.in_progress.lock().iter().map(|(k, u)| (k.clone(), Arc::clone(u))).collect();
        for (key, upload) in all {
            // One that is worked on is not old.
            let Ok(mut upload) = upload.try_lock_owned() else { continue };
            if upload.ended || upload.touched.elapsed() < age {
                continue;
            }
            self.end(&key, &mut upload);
            if let Some(spooled) = upload.spooled.take()
                && let Err(error) = blocking(move || spooled.forget()).await
            {
                log::warn!("what was received of an upload cannot be removed: {error}");
            }
        }
    }

    /// Where what is received is kept.
    pub(crate) fn folder(&self) -> &std::path::Path {
        &self.folder
    }
}

/// Where a chunk belongs; nowhere when it only begins an upload.
fn place(chunk: &FileChunk, begins: bool) -> Result<Option<u64>, Error> {
    let refused = |text: String| Err(Error::new(ErrorKind::BadRequest, text));
    let FileChunk { sequence_no, total_bytes, chunk_size, chunk_bytes, .. } = chunk;
    let length = chunk_bytes.len() as u64;
    if begins && *sequence_no != 0 {
        return refused(format!("`StartUpload` carries chunk 0 and not {sequence_no}"));
    }
    if *chunk_size == 0 && (length > 0 || *total_bytes > 0) {
        return refused(format!("`chunkSize` is 0 for an object of {total_bytes} bytes"));
    }
    if (begins || *total_bytes == 0) && *sequence_no == 0 && length == 0 {
        return Ok(None);
    }
    let shape = Shape {
        container: String::new(),
        id: String::new(),
        total_bytes: *total_bytes,
        chunk_size: *chunk_size,
    };
    let Some((offset, wanted)) = shape.place(*sequence_no) else {
        return refused(format!(
            "chunk {sequence_no} of {chunk_size} bytes lies behind the end of {total_bytes} bytes"
        ));
    };
    if wanted > MAX_CHUNK_BYTES {
        return refused(format!("a chunk of {wanted} bytes; there may be {MAX_CHUNK_BYTES}"));
    }
    if shape.chunks() > MAX_CHUNKS {
        let count = shape.chunks();
        return refused(format!("the object has {count} chunks; there may be {MAX_CHUNKS}"));
    }
    if length != wanted {
        return refused(format!("chunk {sequence_no} has {length} bytes and not {wanted}"));
    }
    Ok(Some(offset))
}

/// The name of an upload's files, which is the same in every process.
fn file_name((container, object): &Key) -> String {
    short_hash(&[container.as_str(), object.as_str()])
}

/// A name of 32 digits for texts without NUL.
pub(crate) fn short_hash(texts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update(text.as_bytes());
        hash.update([0]);
    }
    let number =
        hash.finalize().iter().take(16).fold(0_u128, |sum, byte| sum << 8 | u128::from(*byte));
    format!("{number:032x}")
}
