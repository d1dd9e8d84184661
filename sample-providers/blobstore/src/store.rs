//! A link's store: a folder, or a store of objects with keys.

use std::{
    fs::File,
    io,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use provider_core::{Error, ErrorKind};
use tokio::{sync::Mutex, task::spawn_blocking, time::timeout};

use crate::{
    cloud, failure,
    files::{self, Files},
    names::{Name, Slash},
    objects::{self, Objects},
    place::Place,
    settings::Settings,
};

/// How many objects one reply may list.
const MOST_LISTED: usize = 200_000;

/// How long an answer counts.
const FRESH: Duration = Duration::from_secs(1);

/// What became of a removal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Removal {
    Done,
    Missing,
    NotEmpty,
}

/// Where a link's objects are.
#[derive(Debug)]
pub(crate) struct Store {
    kind: Kind,
    /// For people.
    place: String,
    patience: Duration,
    /// When it was asked last whether it answers, and what it said.
    asked: Mutex<Option<(Instant, Result<(), String>)>>,
}

#[derive(Debug)]
enum Kind {
    Files(Arc<Files>),
    Objects(Objects),
}

/// An object that is read.
pub(crate) struct Source {
    kind: Reading,
    pub(crate) length: u64,
}

enum Reading {
    File(Arc<File>),
    Object(Box<opendal::Reader>),
}

impl Store {
    /// Opens the store, which must answer.
    ///
    /// # Errors
    ///
    /// The reason why it does not.
    pub(crate) async fn open(settings: &Settings) -> Result<Self, Error> {
        let place = settings.place()?;
        let shown = place.to_string();
        let kind = match place {
            Place::Files(root) => Kind::Files(Arc::new(blocking(move || Files::open(root)).await?)),
            Place::Memory => Kind::Objects(Objects::new(cloud::memory()?)),
            Place::Cloud { cloud, bucket, prefix } => {
                Kind::Objects(Objects::new(cloud::operator(settings, (cloud, &bucket, &prefix))?))
            }
        };
        let store =
            Self { kind, place: shown, patience: settings.timeout, asked: Mutex::default() };
        store.check(settings.timeout).await?;
        Ok(store)
    }

    /// Whether the store answers, within `patience`.
    ///
    /// # Errors
    ///
    /// The reason why it does not, with its place.
    pub(crate) async fn check(&self, patience: Duration) -> Result<(), Error> {
        let answer = match &self.kind {
            Kind::Files(files) => {
                let files = Arc::clone(files);
                within(patience, blocking(move || files.check())).await
            }
            Kind::Objects(objects) => within(patience, asked(objects.check())).await,
        };
        answer.map_err(|error| error.context(format_args!("`{}`", self.place)))
    }

    /// Whether the store answers. It is asked once in [`FRESH`], however often this is called.
    ///
    /// # Errors
    ///
    /// As for [`check`](Self::check), in words.
    pub(crate) async fn health(&self, patience: Duration) -> Result<(), String> {
        let mut asked = self.asked.lock().await;
        match &*asked {
            Some((at, answer)) if at.elapsed() < FRESH => answer.clone(),
            _ => {
                let answer = self.check(patience).await.map_err(|error| error.message().into());
                *asked = Some((Instant::now(), answer.clone()));
                answer
            }
        }
    }

    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    /// The folder of uploads, where the store has one.
    pub(crate) fn uploads(&self) -> Option<std::path::PathBuf> {
        match &self.kind {
            Kind::Files(files) => Some(files.uploads()),
            Kind::Objects(_) => None,
        }
    }

    /// What becomes of `/` in ids of objects.
    pub(crate) fn slash(&self) -> Slash {
        match &self.kind {
            Kind::Files(_) => files::SLASH,
            Kind::Objects(_) => objects::SLASH,
        }
    }

    pub(crate) async fn create_container(&self, container: Name) -> Result<(), Error> {
        match &self.kind {
            Kind::Files(files) => {
                let files = Arc::clone(files);
                self.soon(blocking(move || files.create_container(&container))).await
            }
            Kind::Objects(objects) => self.soon(asked(objects.create_container(&container))).await,
        }
    }

    pub(crate) async fn has_container(&self, container: &Name) -> Result<bool, Error> {
        match &self.kind {
            Kind::Files(files) => {
                let (files, container) = (Arc::clone(files), container.clone());
                self.soon(blocking(move || files.has_container(&container))).await
            }
            Kind::Objects(objects) => self.soon(asked(objects.has_container(container))).await,
        }
    }

    pub(crate) async fn remove_container(&self, container: Name) -> Result<Removal, Error> {
        match &self.kind {
            Kind::Files(files) => {
                let files = Arc::clone(files);
                self.soon(blocking(move || files.remove_container(&container))).await
            }
            Kind::Objects(objects) => self.soon(asked(objects.remove_container(&container))).await,
        }
    }

    pub(crate) async fn remove_object(
        &self,
        container: Name,
        object: Name,
    ) -> Result<Removal, Error> {
        match &self.kind {
            Kind::Files(files) => {
                let files = Arc::clone(files);
                self.soon(blocking(move || files.remove_object(&container, &object))).await
            }
            Kind::Objects(objects) => {
                self.soon(asked(objects.remove_object(&container, &object))).await
            }
        }
    }

    /// The ids and lengths of a container's objects, sorted by the bytes of the ids.
    pub(crate) async fn list(&self, container: Name) -> Result<Vec<(String, u64)>, Error> {
        let mut objects = match &self.kind {
            Kind::Files(files) => {
                let files = Arc::clone(files);
                blocking(move || files.list(&container)).await?
            }
            // Each page has its own time.
            Kind::Objects(objects) => asked(objects.list(&container, MOST_LISTED)).await?,
        };
        if objects.len() > MOST_LISTED {
            let text = format!("the container has more than {MOST_LISTED} objects");
            return Err(Error::new(ErrorKind::TooLarge, text));
        }
        objects.sort_unstable();
        Ok(objects)
    }

    /// An object's length.
    pub(crate) async fn size(&self, container: Name, object: Name) -> Result<Option<u64>, Error> {
        match &self.kind {
            Kind::Files(files) => {
                let files = Arc::clone(files);
                let length = move || match files.object(&container, &object)? {
                    Some(file) => Ok(Some(file.metadata()?.len())),
                    None => Ok(None),
                };
                self.soon(blocking(length)).await
            }
            Kind::Objects(objects) => self.soon(asked(objects.size(&container, &object))).await,
        }
    }

    /// An object to be read, as it is now.
    pub(crate) async fn object(
        &self,
        container: Name,
        object: Name,
    ) -> Result<Option<Source>, Error> {
        match &self.kind {
            Kind::Files(files) => {
                let files = Arc::clone(files);
                let open = move || match files.object(&container, &object)? {
                    Some(file) => {
                        let length = file.metadata()?.len();
                        Ok(Some(Source { kind: Reading::File(Arc::new(file)), length }))
                    }
                    None => Ok(None),
                };
                self.soon(blocking(open)).await
            }
            Kind::Objects(objects) => {
                let found = self.soon(asked(objects.object(&container, &object))).await?;
                Ok(found.map(|(reader, length)| Source {
                    kind: Reading::Object(Box::new(reader)),
                    length,
                }))
            }
        }
    }

    /// Makes a file with `length` bytes an object. Returns whether there was a container for it. The object
    /// is durable then.
    pub(crate) async fn keep(
        &self,
        (container, object): (&Name, &Name),
        (part, path): (&File, &Path),
        length: u64,
    ) -> Result<bool, Error> {
        match &self.kind {
            Kind::Files(files) => {
                let (files, part) = (Arc::clone(files), part.try_clone().map_err(failure::io)?);
                let (container, object, path) =
                    (container.clone(), object.clone(), path.to_owned());
                blocking(move || files.keep((&container, &object), &part, &path)).await
            }
            // Each part has its own time.
            Kind::Objects(objects) => asked(objects.keep((container, object), part, length)).await,
        }
    }

    async fn soon<T>(&self, answer: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        within(self.patience, answer).await
    }
}

impl Source {
    /// What is at `offset`, `length` bytes of it.
    pub(crate) async fn read(&self, offset: u64, length: u64) -> Result<Vec<u8>, Error> {
        match &self.kind {
            Reading::File(file) => {
                let file = Arc::clone(file);
                let length = usize::try_from(length).unwrap_or(usize::MAX);
                blocking(move || files::read(&file, offset, length)).await
            }
            Reading::Object(reader) => {
                asked(async { Ok(reader.read(offset..offset + length).await?.to_vec()) }).await
            }
        }
    }
}

async fn asked<T>(answer: impl Future<Output = opendal::Result<T>>) -> Result<T, Error> {
    answer.await.map_err(|error| failure::store(&error))
}

async fn within<T>(
    patience: Duration,
    answer: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    timeout(patience, answer).await.unwrap_or_else(|_| {
        let text = format!("the store does not answer within {patience:?}");
        Err(Error::new(ErrorKind::Timeout, text))
    })
}

/// Does what blocks where that holds up nobody.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, Error> {
    match spawn_blocking(work).await {
        Ok(done) => done.map_err(failure::io),
        Err(error) => Err(Error::with_source(ErrorKind::Failed, error)),
    }
}
