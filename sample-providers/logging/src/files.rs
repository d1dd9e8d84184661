//! The files that links name, each open once.

use std::{collections::HashMap, path::PathBuf, sync::Arc, time::Duration};

use parking_lot::Mutex;
use provider_core::{Error, ErrorKind, HealthResponse};
use tokio::time::{Instant, sleep};

use crate::{file::Rotating, writer::Writer};

/// How long a bind waits for a file that another process is about to close, as when a host is
/// restarted, or another link of this one.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often it looks.
const MOMENT: Duration = Duration::from_millis(20);

/// Every file that is open, with how many links it has.
#[derive(Debug, Default)]
pub(crate) struct Files(Mutex<HashMap<PathBuf, (Arc<Writer>, usize)>>);

impl Files {
    /// The file of one more link.
    pub(crate) async fn open(&self, rotating: Rotating) -> Result<Arc<Writer>, Error> {
        let began = Instant::now();
        loop {
            if let Some(shared) = self.shared(&rotating)? {
                return Ok(shared);
            }
            match Writer::open(rotating.clone()).await {
                Ok(writer) => {
                    let writer = Arc::new(writer);
                    let entry = (Arc::clone(&writer), 1);
                    // The lock of the file lets no other link come this far at the same time.
                    self.0.lock().insert(rotating.path, entry);
                    return Ok(writer);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    if began.elapsed() > PATIENCE {
                        return Err(Error::new(ErrorKind::Unavailable, error.message().to_owned()));
                    }
                    sleep(MOMENT).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn shared(&self, rotating: &Rotating) -> Result<Option<Arc<Writer>>, Error> {
        let mut files = self.0.lock();
        let Some((writer, links)) = files.get_mut(&rotating.path) else {
            return Ok(None);
        };
        if writer.rotating != *rotating {
            let text = format!(
                "link value `FILE`: {} is open with other values of `MAX_FILE_BYTES`, `MAX_FILES`, \
                 `FILE_TIMEOUT` or `SYNC`",
                rotating.path.display()
            );
            return Err(Error::new(ErrorKind::BadRequest, text));
        }
        *links += 1;
        Ok(Some(Arc::clone(writer)))
    }

    /// A link of the file ends, and with the last one the file is closed.
    pub(crate) async fn close(&self, writer: &Arc<Writer>) {
        let last = {
            let mut files = self.0.lock();
            let path = &writer.rotating.path;
            let Some((_, links)) = files.get_mut(path) else {
                return;
            };
            *links -= 1;
            let last = *links == 0;
            if last {
                files.remove(path);
            }
            last
        };
        if last {
            writer.end().await;
        }
    }

    /// Healthy, unless a file cannot be written.
    pub(crate) async fn health(&self) -> HealthResponse {
        let writers: Vec<_> =
            self.0.lock().values().map(|(writer, _)| Arc::clone(writer)).collect();
        let asked = writers.into_iter().map(|writer| {
            tokio::spawn(async move {
                let trouble = writer.trouble().await?;
                Some(format!("{}: {trouble}", writer.rotating.path.display()))
            })
        });
        // All of them are asked before the first one is waited for.
        let asked: Vec<_> = asked.collect();
        let mut troubles = Vec::new();
        for answer in asked {
            troubles.extend(answer.await.ok().flatten());
        }
        troubles.sort();
        if troubles.is_empty() {
            HealthResponse::healthy()
        } else {
            HealthResponse::unhealthy(troubles.join("; "))
        }
    }
}
