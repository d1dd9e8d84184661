//! A store of objects with keys: a cloud, or memory.
//!
//! The key of an object is `prefix/container/id`. A container is there when it has an object, or the empty
//! object [`MARK`] that `CreateContainer` puts into it.

use std::{fs::File, os::unix::fs::FileExt};

use opendal::{Entry, EntryMode, ErrorKind, Operator, Result};
use tokio::task::spawn_blocking;

use crate::{
    names::{self, Name, Slash},
    store::Removal,
};

/// The name of the empty object in a container. No object's id is written so.
const MARK: &str = ".container";
/// How long the parts are in which an object is sent to the cloud. S3 wants 5 MiB at least.
const PART_BYTES: u64 = 8 << 20;
/// How many parts an object may have; S3 allows 10,000.
const PARTS: u64 = 9_000;

/// What becomes of `/` in ids.
pub(crate) const SLASH: Slash = Slash::Kept;

/// A store of objects with keys.
#[derive(Debug)]
pub(crate) struct Objects {
    operator: Operator,
}

impl Objects {
    pub(crate) fn new(operator: Operator) -> Self {
        Self { operator }
    }

    /// Whether the store answers.
    pub(crate) async fn check(&self) -> Result<()> {
        self.operator.list_with("/").limit(1).await.map(drop)
    }

    pub(crate) async fn create_container(&self, container: &Name) -> Result<()> {
        self.operator.write(&mark(container), Vec::<u8>::new()).await.map(drop)
    }

    pub(crate) async fn has_container(&self, container: &Name) -> Result<bool> {
        Ok(!self.first(container, 1).await?.is_empty())
    }

    pub(crate) async fn remove_container(&self, container: &Name) -> Result<Removal> {
        let found = self.first(container, 2).await?;
        if found.is_empty() {
            return Ok(Removal::Missing);
        }
        let mark = mark(container);
        if found.iter().any(|entry| entry.path() != mark) {
            return Ok(Removal::NotEmpty);
        }
        self.operator.delete(&mark).await?;
        Ok(Removal::Done)
    }

    pub(crate) async fn remove_object(&self, container: &Name, object: &Name) -> Result<Removal> {
        if self.size(container, object).await?.is_none() {
            return Ok(Removal::Missing);
        }
        self.operator.delete(&key(container, object)).await?;
        Ok(Removal::Done)
    }

    /// The ids and lengths of a container's objects, in no order, but not more than `most`.
    pub(crate) async fn list(&self, container: &Name, most: usize) -> Result<Vec<(String, u64)>> {
        let folder = format!("{}/", container.as_str());
        let mut lister = self.operator.lister_with(&folder).recursive(true).await?;
        let mut objects = Vec::new();
        while let Some(entry) = futures_util::TryStreamExt::try_next(&mut lister).await? {
            let name = entry.path().strip_prefix(&folder).unwrap_or_default();
            let Some(id) = names::id(name, SLASH) else { continue };
            let metadata = entry.metadata();
            let length = if metadata.mode() == EntryMode::FILE {
                metadata.content_length()
            } else {
                match self.operator.stat(entry.path()).await {
                    Ok(metadata) => metadata.content_length(),
                    Err(error) if error.kind() == ErrorKind::NotFound => continue,
                    Err(error) => return Err(error),
                }
            };
            objects.push((id, length));
            if objects.len() > most {
                break;
            }
        }
        Ok(objects)
    }

    pub(crate) async fn size(&self, container: &Name, object: &Name) -> Result<Option<u64>> {
        match self.operator.stat(&key(container, object)).await {
            Ok(metadata) => Ok(Some(metadata.content_length())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// An object as it is now: what is read of it is of this one and no later one, where the store can tell.
    pub(crate) async fn object(
        &self,
        container: &Name,
        object: &Name,
    ) -> Result<Option<(opendal::Reader, u64)>> {
        let key = key(container, object);
        let metadata = match self.operator.stat(&key).await {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            metadata => metadata?,
        };
        let tells = self.operator.info().capability().read_with_if_match;
        let reader = self.operator.reader_with(&key);
        let reader = match metadata.etag().filter(|_| tells) {
            Some(etag) => reader.if_match(etag),
            None => reader,
        };
        Ok(Some((reader.await?, metadata.content_length())))
    }

    /// Makes the `length` bytes of a file the object. Returns whether there was a container for it.
    pub(crate) async fn keep(
        &self,
        (container, object): (&Name, &Name),
        part: &File,
        length: u64,
    ) -> Result<bool> {
        if !self.has_container(container).await? {
            return Ok(false);
        }
        let key = key(container, object);
        let step = PART_BYTES.max(length.div_ceil(PARTS));
        let step_bytes = usize::try_from(step).unwrap_or(usize::MAX);
        if length <= step {
            let bytes = read(part, 0, length).await?;
            self.operator.write(&key, bytes).await?;
            return Ok(true);
        }
        let mut writer = self.operator.writer_with(&key).chunk(step_bytes).await?;
        let sent = async {
            let mut offset = 0;
            while offset < length {
                let bytes = read(part, offset, step.min(length - offset)).await?;
                offset += bytes.len() as u64;
                writer.write(bytes).await?;
            }
            writer.close().await
        };
        let sent = sent.await;
        if sent.is_err() {
            // What was sent costs money while it is there. The first error counts.
            let _ = writer.abort().await;
        }
        sent.map(|_| true)
    }

    /// The first few of what is in a container, the mark and what is not ours as well.
    async fn first(&self, container: &Name, count: usize) -> Result<Vec<Entry>> {
        let folder = format!("{}/", container.as_str());
        let lister = self.operator.lister_with(&folder).recursive(true).limit(count + 1);
        let mut lister = lister.await?;
        let mut found = Vec::new();
        while found.len() < count
            && let Some(entry) = futures_util::TryStreamExt::try_next(&mut lister).await?
        {
            // A folder that another program made.
            if entry.path() != folder {
                found.push(entry);
            }
        }
        Ok(found)
    }
}

fn key(container: &Name, object: &Name) -> String {
    format!("{}/{}", container.as_str(), object.as_str())
}

fn mark(container: &Name) -> String {
    format!("{}/{MARK}", container.as_str())
}

async fn read(file: &File, offset: u64, length: u64) -> Result<Vec<u8>> {
    let failed = |error: std::io::Error| {
        opendal::Error::new(ErrorKind::Unexpected, "what was received cannot be read")
            .set_source(error)
    };
    let file = file.try_clone().map_err(failed)?;
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
    let read = spawn_blocking(move || file.read_exact_at(&mut bytes, offset).map(|()| bytes));
    read.await.map_err(std::io::Error::other).flatten().map_err(failed)
}
