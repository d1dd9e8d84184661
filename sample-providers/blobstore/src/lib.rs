//! `wasmcloud:blobstore`: objects in files, in memory, in S3, Google Cloud Storage and Azure Blob Storage.
//!
//! What the link value `URL` names is where a link's objects are; [`Settings`] has the other values. What
//! comes of an upload is kept in files until all of it is there, and then becomes the object at once.

mod cloud;
mod downloads;
mod failure;
mod files;
mod link;
mod names;
mod objects;
mod place;
mod settings;
mod spool;
mod store;
mod uploads;

use std::{
    collections::HashMap,
    sync::{Arc, Weak},
    time::Duration,
};

use parking_lot::Mutex;
use provider_contracts::blobstore::{
    Blob, BlobList, BlobstoreAsync, BlobstoreResult, Chunk, Container, DEFAULT_CHUNK_BYTES,
};
use provider_core::{Error, ErrorKind, ProviderEntry, prelude::*, provider_entry};
use tokio::task::JoinSet;

pub use self::{
    link::Link,
    place::{Cloud, Place},
    settings::Settings,
};
use crate::{
    names::Name,
    store::{Removal, Store},
    uploads::MAX_CHUNK_BYTES,
};

/// How long stores have to answer when the provider's health is asked for.
const HEALTH: Duration = Duration::from_secs(2);

/// Stores of objects for actors.
#[derive(Debug, Default)]
pub struct Blobs {
    /// One store of each place that links name: who cannot reach it for one cannot for the other.
    stores: Mutex<HashMap<String, Weak<Store>>>,
}

/// For hosts that link this provider in.
pub const ENTRY: ProviderEntry = provider_entry!(Blobs: BlobstoreAsync);

impl AsyncProvider for Blobs {
    type Link = Link;

    const LINK: LinkSchema = Settings::SCHEMA;

    async fn link(&self, config: &LinkConfig) -> Result<Link, BoxError> {
        let link = Link::open(config).await?;
        let mut stores = self.stores.lock();
        stores.retain(|_, store| store.strong_count() > 0);
        stores.insert(link.store().place().to_owned(), Arc::downgrade(link.store()));
        Ok(link)
    }

    async fn unlink(&self, _actor: &str, link: &Link) {
        link.end().await;
    }

    async fn health(&self) -> HealthResponse {
        let stores: Vec<_> = self.stores.lock().values().filter_map(Weak::upgrade).collect();
        let mut answers = JoinSet::new();
        for store in stores {
            answers.spawn(async move { store.health(HEALTH).await });
        }
        while let Some(answer) = answers.join_next().await {
            if let Ok(Err(reason)) = answer {
                return HealthResponse::unhealthy(reason);
            }
        }
        HealthResponse::healthy()
    }
}

fn removed(removal: Removal, what: &str) -> BlobstoreResult {
    match removal {
        Removal::Done => BlobstoreResult::done(),
        Removal::Missing => BlobstoreResult::refused(format!("there is no such {what}")),
        Removal::NotEmpty => BlobstoreResult::refused(format!("the {what} is not empty")),
    }
}

#[cfg_attr(feature = "export", capability_provider)]
impl BlobstoreAsync for Blobs {
    async fn create_container(&self, cx: Cx<'_, Self>, id: String) -> OpResult<Container> {
        cx.link().store().create_container(Name::container(&id)?).await?;
        Ok(Container { id })
    }

    async fn remove_container(&self, cx: Cx<'_, Self>, id: String) -> OpResult<BlobstoreResult> {
        let removal = cx.link().store().remove_container(Name::container(&id)?).await?;
        Ok(removed(removal, "container"))
    }

    async fn remove_object(
        &self,
        cx: Cx<'_, Self>,
        id: String,
        container_id: String,
    ) -> OpResult<BlobstoreResult> {
        let (container, object) = cx.link().names(&container_id, &id)?;
        Ok(removed(cx.link().store().remove_object(container, object).await?, "object"))
    }

    async fn list_objects(&self, cx: Cx<'_, Self>, container_id: String) -> OpResult<BlobList> {
        let objects = cx.link().store().list(Name::container(&container_id)?).await?;
        let blob = |(id, byte_size)| {
            let container = Container { id: container_id.clone() };
            Blob { id, container, byte_size }
        };
        Ok(BlobList { blobs: objects.into_iter().map(blob).collect() })
    }

    async fn get_object_info(
        &self,
        cx: Cx<'_, Self>,
        blob_id: String,
        container_id: String,
    ) -> OpResult<Blob> {
        let (container, object) = cx.link().names(&container_id, &blob_id)?;
        Ok(match cx.link().store().size(container, object).await? {
            Some(byte_size) => {
                Blob { id: blob_id, container: Container { id: container_id }, byte_size }
            }
            None => Blob::none(),
        })
    }

    async fn start_upload(&self, cx: Cx<'_, Self>, chunk: Chunk) -> OpResult<BlobstoreResult> {
        Ok(cx.link().take(chunk.chunk, true).await?)
    }

    async fn upload_chunk(&self, cx: Cx<'_, Self>, chunk: Chunk) -> OpResult<BlobstoreResult> {
        Ok(cx.link().take(chunk.chunk, false).await?)
    }

    async fn start_download(
        &self,
        cx: Cx<'_, Self>,
        blob_id: String,
        container_id: String,
        chunk_size: u64,
        context: Option<String>,
    ) -> OpResult<BlobstoreResult> {
        let chunk_size = if chunk_size == 0 { DEFAULT_CHUNK_BYTES } else { chunk_size };
        if chunk_size > MAX_CHUNK_BYTES {
            let text = format!("`chunk_size` is {chunk_size}; it may be {MAX_CHUNK_BYTES}");
            return Err(Error::new(ErrorKind::BadRequest, text).into());
        }
        Ok(cx.link().send(cx.caller(), (container_id, blob_id), chunk_size, context).await?)
    }
}
