//! A provider with linked actors, as a host has it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use blobstore::ENTRY;
use provider_contracts::blobstore::{
    BlobstoreClient, BlobstoreResult, Container, FileChunk, scenario::Received,
};
use provider_core::{BoxError, Dispatcher, Error};
use provider_host::{Library, Running};

/// What the actors answer when they are called; none: they take what comes.
pub(crate) type Answer = Box<dyn Fn(&str, &str, &[u8]) -> Result<Vec<u8>, BoxError> + Send + Sync>;

/// The host's way to actors.
#[derive(Clone, Default)]
struct Actors {
    received: Arc<Mutex<BTreeMap<String, Arc<Received>>>>,
    answer: Option<Arc<Answer>>,
}

impl Actors {
    fn of(&self, actor: &str) -> Arc<Received> {
        let mut all = self.received.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(actor.into()).or_default())
    }
}

impl Dispatcher for Actors {
    fn dispatch(&self, actor: &str, op: &str, msg: &[u8]) -> Result<Vec<u8>, BoxError> {
        if let Some(answer) = &self.answer {
            return answer(actor, op, msg);
        }
        Ok(self.of(actor).take(op, msg)?)
    }
}

/// A provider that runs.
pub(crate) struct Provider {
    running: Running,
    actors: Actors,
}

impl Provider {
    pub(crate) fn start() -> Self {
        Self::start_with(None)
    }

    /// A provider whose actors answer so.
    pub(crate) fn start_with(answer: Option<Answer>) -> Self {
        let actors = Actors { answer: answer.map(Arc::new), ..Actors::default() };
        let created = Library::linked(&ENTRY).unwrap().create().unwrap();
        Self { running: created.configure(actors.clone()).unwrap(), actors }
    }

    pub(crate) fn running(&self) -> &Running {
        &self.running
    }

    pub(crate) fn bind<const N: usize>(
        &self,
        actor: &str,
        values: [(&str, &str); N],
    ) -> Result<(), Error> {
        self.running.bind(actor, values).map_err(|error| Error::from_boxed(error.into()))
    }

    pub(crate) fn linked<const N: usize>(values: [(&str, &str); N]) -> Self {
        let provider = Self::start();
        provider.bind("MALICE", values).unwrap();
        provider
    }

    pub(crate) fn client(&self, actor: &str) -> BlobstoreClient<&Running> {
        BlobstoreClient::new(&self.running, actor)
    }

    pub(crate) fn received(&self, actor: &str) -> Arc<Received> {
        self.actors.of(actor)
    }

    pub(crate) fn stop(self) {
        self.running.stop().unwrap().destroy().unwrap();
    }
}

/// A chunk of an object in container `c`.
pub(crate) fn chunk(id: &str, number: u64, total: u64, size: u64, bytes: Vec<u8>) -> FileChunk {
    FileChunk {
        sequence_no: number,
        container: Container { id: "c".into() },
        id: id.into(),
        total_bytes: total,
        chunk_size: size,
        context: None,
        chunk_bytes: bytes,
    }
}

/// A small object in one chunk.
pub(crate) fn put(provider: &Provider, id: &str, bytes: &[u8]) -> Result<BlobstoreResult, Error> {
    let length = bytes.len() as u64;
    let chunk = chunk(id, 0, length, length, bytes.to_vec());
    provider.client("MALICE").start_upload(chunk.into())
}
