//! The thread that writes to a file, and what waits for it.
//!
//! Records wait in a queue of so many bytes. Who waits longer than the link allows gives up, and its
//! record is not written any more, unless it is just being written. What waits is written together.

use std::{
    io, mem,
    sync::Arc,
    thread::{self, JoinHandle},
};

use parking_lot::Mutex;
use provider_core::{Error, ErrorKind};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot},
    time::timeout,
};

use crate::{
    file::{LogFile, Rotating, Store},
    line::Line,
};

/// How many bytes of records wait for a file.
const QUEUE: u32 = 8 << 20;
/// What a record costs of that at least, for its place in the queue.
const LEAST: u32 = 256;
/// How many bytes are written together.
const TOGETHER: usize = 1 << 20;

/// A file that is being written.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) rotating: Rotating,
    jobs: mpsc::UnboundedSender<Job>,
    room: Arc<Semaphore>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug)]
enum Job {
    Write {
        line: Vec<u8>,
        done: oneshot::Sender<Result<(), Error>>,
        room: OwnedSemaphorePermit,
    },
    /// How are you?
    Ask(oneshot::Sender<Option<String>>),
    /// Everything that was asked before is done, and the file is closed.
    End(oneshot::Sender<()>),
}

impl Writer {
    /// Opens the file on its thread: a disk that does not answer holds up nobody else.
    pub(crate) async fn open(rotating: Rotating) -> Result<Self, Error> {
        let (limit, options) = (rotating.timeout, rotating.clone());
        let (opened, is_open) = oneshot::channel();
        let begin = move || {
            let (outcome, store) = match LogFile::open(options) {
                Ok(file) => (Ok(()), Some(file)),
                Err(error) => (Err(error), None),
            };
            // Nobody waits any more: the file is closed again.
            opened.send(outcome).ok().and(store)
        };
        let path = rotating.path.display().to_string();
        let writer = Self::start(rotating, begin)?;
        let problem = match timeout(limit, is_open).await {
            Ok(Ok(Ok(()))) => return Ok(writer),
            Ok(Ok(Err(error))) => {
                writer.join();
                Error::with_source(kind_of(&error), error)
            }
            Ok(Err(gone)) => Error::with_source(ErrorKind::Failed, gone),
            Err(late) => Error::with_source(ErrorKind::Timeout, late),
        };
        Err(problem.context(format!("link value `FILE`: {path}")))
    }

    /// Starts the thread. `begin` is called there; without a store it ends.
    fn start<S: Store>(
        rotating: Rotating,
        begin: impl FnOnce() -> Option<S> + Send + 'static,
    ) -> Result<Self, Error> {
        let (jobs, queue) = mpsc::unbounded_channel();
        let thread = thread::Builder::new()
            .name("log-writer".into())
            .spawn(move || {
                if let Some(store) = begin() {
                    Work { store, trouble: None }.run(queue);
                }
            })
            .map_err(|error| Error::with_source(ErrorKind::Unavailable, error))?;
        let room = Arc::new(Semaphore::new(QUEUE as usize));
        Ok(Self { rotating, jobs, room, thread: Mutex::new(Some(thread)) })
    }

    /// Writes a line. When it returns well, the line is in the file.
    pub(crate) async fn write(&self, line: Vec<u8>) -> Result<(), Error> {
        let written = async {
            let cost = u32::try_from(line.len()).unwrap_or(QUEUE).clamp(LEAST, QUEUE);
            let room = Arc::clone(&self.room).acquire_many_owned(cost).await;
            let room = room.map_err(|_| Self::closed())?;
            let (done, outcome) = oneshot::channel();
            self.jobs.send(Job::Write { line, done, room }).map_err(|_| Self::closed())?;
            outcome.await.map_err(|_| Self::closed())?
        };
        let outcome = timeout(self.rotating.timeout, written).await.unwrap_or_else(|_| {
            let text = format!("not written within {:?}", self.rotating.timeout);
            Err(Error::new(ErrorKind::Timeout, text))
        });
        outcome.map_err(|error| error.context(self.rotating.path.display()))
    }

    /// What is wrong with the file, if anything is. What was wrong is tried again first.
    pub(crate) async fn trouble(&self) -> Option<String> {
        let (ask, answer) = oneshot::channel();
        self.jobs.send(Job::Ask(ask)).ok()?;
        match timeout(self.rotating.timeout, answer).await {
            Ok(answer) => answer.ok().flatten(),
            Err(_) => Some(format!("nothing is written for {:?}", self.rotating.timeout)),
        }
    }

    /// Writes what waits, closes the file and ends the thread. One that does not answer is left alone.
    pub(crate) async fn end(&self) {
        let (end, ended) = oneshot::channel();
        let _ = self.jobs.send(Job::End(end));
        if timeout(self.rotating.timeout, ended).await.is_err() {
            log::warn!(path:% = self.rotating.path.display(); "the file is not closed in time");
            return;
        }
        self.join();
    }

    /// Waits for the thread, which has nothing left to do.
    fn join(&self) {
        if let Some(thread) = self.thread.lock().take() {
            let _ = thread.join();
        }
    }

    fn closed() -> Error {
        Error::new(ErrorKind::Unavailable, "the file was closed")
    }
}

fn kind_of(error: &io::Error) -> ErrorKind {
    match error.kind() {
        io::ErrorKind::WouldBlock => ErrorKind::WouldBlock,
        io::ErrorKind::InvalidInput | io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            ErrorKind::BadRequest
        }
        _ => ErrorKind::Unavailable,
    }
}

/// Records that could not be written, since the last one that could.
#[derive(Debug)]
struct Trouble {
    reason: String,
    lost: u64,
}

struct Work<S> {
    store: S,
    trouble: Option<Trouble>,
}

type Waiting = (oneshot::Sender<Result<(), Error>>, OwnedSemaphorePermit);

impl<S: Store> Work<S> {
    fn run(mut self, mut queue: mpsc::UnboundedReceiver<Job>) {
        let (mut lines, mut waiting) = (Vec::new(), Vec::<Waiting>::new());
        while let Some(job) = queue.blocking_recv() {
            let mut next = Some(job);
            while let Some(job) = next.take() {
                match job {
                    // Whoever gave up was told that it is not written.
                    Job::Write { done, .. } if done.is_closed() => {}
                    Job::Write { line, done, room } => {
                        let length = lines.len() + line.len();
                        let most = self.store.room().min(TOGETHER as u64);
                        if !lines.is_empty() && length as u64 > most {
                            self.write(&mut lines, &mut waiting);
                        }
                        lines.extend_from_slice(&line);
                        waiting.push((done, room));
                    }
                    Job::Ask(answer) => {
                        self.write(&mut lines, &mut waiting);
                        self.try_again();
                        let _ = answer.send(self.trouble.as_ref().map(Trouble::shown));
                    }
                    Job::End(ended) => {
                        self.write(&mut lines, &mut waiting);
                        drop(self.store);
                        let _ = ended.send(());
                        return;
                    }
                }
                next = queue.try_recv().ok();
            }
            self.write(&mut lines, &mut waiting);
        }
    }

    /// Writes the lines that have come together, and tells who waits for them.
    fn write(&mut self, lines: &mut Vec<u8>, waiting: &mut Vec<Waiting>) {
        if waiting.is_empty() {
            return;
        }
        self.try_again();
        let outcome = self.store.append(lines);
        lines.clear();
        let waiting = mem::take(waiting);
        if let Err(error) = &outcome {
            let lost = waiting.len() as u64 + self.trouble.take().map_or(0, |trouble| trouble.lost);
            self.trouble = Some(Trouble { reason: error.to_string(), lost });
        }
        for (done, _) in waiting {
            let outcome = match &outcome {
                Ok(()) => Ok(()),
                Err(error) => Err(Error::new(ErrorKind::Unavailable, error.to_string())),
            };
            let _ = done.send(outcome);
        }
    }

    /// Where nothing could be written the last time: says so in the file, if that can be written now.
    fn try_again(&mut self) {
        let Some(trouble) = &mut self.trouble else {
            return;
        };
        let text = format!("records that were not written: {}; {}", trouble.lost, trouble.reason);
        let outcome = match Line::own(&text).json() {
            Ok(line) => self.store.append(&line).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        match outcome {
            Ok(()) => self.trouble = None,
            Err(reason) => trouble.reason = reason,
        }
    }
}

impl Trouble {
    fn shown(&self) -> String {
        format!("{}; records that were not written: {}", self.reason, self.lost)
    }
}

#[cfg(test)]
mod tests;
