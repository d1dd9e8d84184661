//! What is kept for a linked actor.

use std::{
    io,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use provider_contracts::blobstore::{BlobstoreResult, FileChunk};
use provider_core::{Actor, Error, ErrorKind, LinkConfig, LogScope};
use tokio::{
    select,
    sync::Semaphore,
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    downloads::Download,
    names::Name,
    place::Place,
    settings::Settings,
    spool,
    store::{Store, blocking},
    uploads::{Limits, Uploads, short_hash},
};

/// How long the end of a link waits for what is under way.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often old uploads are looked for, at most and at least.
const LOOKS: [Duration; 2] = [Duration::from_millis(100), Duration::from_mins(1)];

/// What is kept for a linked actor.
#[derive(Debug)]
pub struct Link {
    store: Arc<Store>,
    uploads: Arc<Uploads>,
    downloads: Arc<Semaphore>,
    tasks: TaskTracker,
    ending: CancellationToken,
}

impl Link {
    /// Opens the store that a link names.
    ///
    /// # Errors
    ///
    /// *Bad request* for values that cannot be used; the store's reason when it cannot be opened.
    pub(crate) async fn open(config: &LinkConfig) -> Result<Self, Error> {
        let settings: Settings = config.read()?;
        if settings.timeout < Duration::from_millis(1) {
            return Err(Error::new(ErrorKind::BadRequest, "link value `TIMEOUT` is too short"));
        }
        let store = Store::open(&settings).await?;
        let folder = match store.uploads() {
            Some(folder) => folder,
            None => spool_folder(&settings)?,
        };
        let made = folder.clone();
        blocking(move || spool::private_folder(&made))
            .await
            .map_err(|error| error.context("the folder for uploads"))?;
        let limits = Limits {
            uploads: settings.max_uploads,
            object_bytes: settings.max_object_bytes,
            age: settings.upload_timeout,
        };
        let link = Self {
            store: Arc::new(store),
            uploads: Arc::new(Uploads::new(folder, limits)),
            downloads: Arc::new(Semaphore::new(settings.max_downloads)),
            tasks: TaskTracker::new(),
            ending: CancellationToken::new(),
        };
        link.look_after_uploads(limits.age);
        Ok(link)
    }

    pub(crate) fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// An object's two names.
    pub(crate) fn names(&self, container: &str, object: &str) -> Result<(Name, Name), Error> {
        Ok((Name::container(container)?, Name::object(object, self.store.slash())?))
    }

    /// Takes a chunk of an upload. It is taken as a whole, also when the caller waits no longer.
    pub(crate) async fn take(
        &self,
        chunk: FileChunk,
        begins: bool,
    ) -> Result<BlobstoreResult, Error> {
        let (store, uploads) = (Arc::clone(&self.store), Arc::clone(&self.uploads));
        let ending = self.ending.clone();
        let taken = self.tasks.spawn(async move {
            select! {
                taken = uploads.take(&store, chunk, begins) => taken,
                () = ending.cancelled() => {
                    Err(Error::new(ErrorKind::Stopping, "the link was removed"))
                }
            }
        });
        let taken = taken.await.map_err(|error| Error::with_source(ErrorKind::Failed, error))?;
        Ok(match taken? {
            Ok(()) => BlobstoreResult::done(),
            Err(reason) => BlobstoreResult::refused(reason),
        })
    }

    /// Begins to send an object to the actor.
    pub(crate) async fn send(
        &self,
        actor: &Actor,
        (container, id): (String, String),
        chunk_size: u64,
        context: Option<String>,
    ) -> Result<BlobstoreResult, Error> {
        let names = self.names(&container, &id)?;
        let Ok(place) = Arc::clone(&self.downloads).try_acquire_owned() else {
            return Ok(BlobstoreResult::refused("too many downloads are in progress"));
        };
        let Some(source) = self.store.object(names.0, names.1).await? else {
            return Ok(BlobstoreResult::refused("there is no such object"));
        };
        let download = Download { source, container, id, chunk_size, context };
        let (actor, ending) = (actor.clone(), self.ending.clone());
        let scope = LogScope::current();
        self.tasks.spawn(async move {
            let _place = place;
            select! {
                sent = download.run(&actor) => if let Err(error) = sent {
                    scope.enter(|| log::warn!(error:%; "a download ended before its end"));
                },
                () = ending.cancelled() => {}
            }
        });
        Ok(BlobstoreResult::done())
    }

    /// Ends what is under way. The uploads that are not complete are forgotten.
    pub(crate) async fn end(&self) {
        self.ending.cancel();
        self.tasks.close();
        if timeout(PATIENCE, self.tasks.wait()).await.is_err() {
            log::warn!("{} transfers of the link have not ended", self.tasks.len());
        }
        self.uploads.forget(Duration::ZERO).await;
        if self.store.uploads().is_none() {
            // Others may use it, and then it stays.
            let _ = std::fs::remove_dir(self.uploads.folder());
        }
    }

    /// Forgets uploads that nobody goes on with, as long as the link is there.
    fn look_after_uploads(&self, age: Duration) {
        let (uploads, ending) = (Arc::clone(&self.uploads), self.ending.clone());
        let pause = (age / 4).clamp(LOOKS[0], LOOKS[1]);
        self.tasks.spawn(async move {
            loop {
                uploads.sweep().await;
                select! {
                    () = sleep(pause) => {}
                    () = ending.cancelled() => return,
                }
            }
        });
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.ending.cancel();
    }
}

/// Where what is received is kept until it is complete, for a store that is no folder: a folder that is the
/// same after a crash, unless the store is gone then too.
fn spool_folder(settings: &Settings) -> Result<PathBuf, Error> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let place = settings.place()?;
    let name = match place {
        Place::Memory => format!("memory-{}-{}", std::process::id(), NUMBER.fetch_add(1, Relaxed)),
        place => {
            let endpoint = settings.endpoint.as_deref().unwrap_or_default();
            short_hash(&[endpoint, &place.to_string()])
        }
    };
    if let Some(spool) = &settings.spool {
        spool::private_folder(spool).map_err(spool_failed)?;
        return Ok(spool.join(name));
    }
    // One folder and not one in another, so that nothing is left when it is removed.
    let user = rustix::process::getuid().as_raw();
    Ok(std::env::temp_dir().join(format!("capability-provider-blobstore-{user}-{name}")))
}

fn spool_failed(error: io::Error) -> Error {
    crate::failure::io(error).context("the folder for uploads")
}
