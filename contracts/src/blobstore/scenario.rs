//! What pins the meaning: steps with what must come of them, to hold any implementation to.
//!
//! [`pinned`] is the list; [`Scenario::run`] plays one against a provider, in this process or behind a
//! host, and returns what was called and what came: the transcript, which is the same for every
//! implementation but for the words of its reasons.
//!
//! ```no_run
//! use provider_contracts::blobstore::scenario::{self, Received, Subject};
//! # fn fresh_provider(_: &Received) -> provider_core::NullDispatcher { provider_core::NullDispatcher }
//!
//! for scenario in scenario::pinned() {
//!     // The host's way to actors.
//!     let received = Received::default();
//!     let provider = fresh_provider(&received);
//!     scenario.run(&mut Subject::new(&provider, "MALICE", &received)).unwrap();
//! }
//! ```

mod pinned;
mod received;

use std::{error::Error as StdError, fmt, time::Duration};

use provider_core::{Dispatcher, Error, ErrorKind, codec};
use serde::Serialize;

pub use self::{pinned::pinned, received::Received};
use super::{Blob, BlobstoreClient, BlobstoreResult, Chunk, Container, FileChunk};

/// How long a chunk is waited for.
const SOON: Duration = Duration::from_secs(20);

/// A pinned rule, and the steps that show it.
#[derive(Debug, Clone, Copy)]
pub struct Scenario {
    slug: &'static str,
    name: &'static str,
    rule: &'static str,
    why: &'static str,
    operations: &'static [&'static str],
    play: fn(&mut Subject<'_>) -> Result<(), Failure>,
}

impl Scenario {
    /// A short name of lower-case words and hyphens, which stays what it is.
    #[must_use]
    pub fn slug(&self) -> &'static str {
        self.slug
    }

    /// What it pins, in a sentence.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The contract's words.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        self.rule
    }

    /// What goes wrong for an actor where the rule is broken.
    #[must_use]
    pub fn why(&self) -> &'static str {
        self.why
    }

    /// The operations that it calls.
    #[must_use]
    pub fn operations(&self) -> &'static [&'static str] {
        self.operations
    }

    /// Plays it for an actor that is linked, and returns the transcript.
    ///
    /// # Errors
    ///
    /// The first step that does not go as pinned.
    pub fn run(&self, subject: &mut Subject<'_>) -> Result<Vec<String>, Failure> {
        subject.transcript.clear();
        (self.play)(subject)?;
        Ok(std::mem::take(&mut subject.transcript))
    }
}

/// What scenarios are played against.
pub struct Subject<'a> {
    provider: &'a dyn Dispatcher,
    actor: &'a str,
    received: &'a Received,
    tag: String,
    patience: Duration,
    transcript: Vec<String>,
}

/// What a step led to, which is not what is pinned.
#[derive(Debug)]
pub struct Failure {
    /// The operation that was called.
    pub operation: &'static str,
    /// What is wrong.
    pub problem: String,
    /// What was expected.
    pub expected: String,
    /// What came.
    pub got: String,
    /// The kind of the error, if one came.
    pub kind: Option<ErrorKind>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operation, problem, expected, got, .. } = self;
        write!(f, "{operation}: {problem}: expected {expected}, got {got}")
    }
}

impl StdError for Failure {}

impl fmt::Debug for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject").field("actor", &self.actor).finish_non_exhaustive()
    }
}

impl<'a> Subject<'a> {
    /// The provider that `provider` leads to, an actor that is linked with it, and where the host
    /// brings what it calls on that actor.
    #[must_use]
    pub fn new(provider: &'a dyn Dispatcher, actor: &'a str, received: &'a Received) -> Self {
        Self {
            provider,
            actor,
            received,
            tag: String::new(),
            patience: SOON,
            transcript: Vec::new(),
        }
    }

    /// Containers carry `tag`: with a new one they are new, in a store that others may use too.
    #[must_use]
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tag = tag.into();
        self
    }

    /// How long the next chunk is waited for: 20 s without this.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    fn client(&self) -> BlobstoreClient<&'a dyn Dispatcher> {
        BlobstoreClient::new(self.provider, self.actor)
    }

    fn container_id(&self, name: &str) -> String {
        format!("{}{name}", self.tag)
    }

    fn container(&self, name: &str) -> Container {
        Container { id: self.container_id(name) }
    }

    /// Notes what was called and what came; the tag says nothing.
    fn note(&mut self, called: &str, came: &str) {
        let line = format!("{called} => {came}");
        self.transcript.push(if self.tag.is_empty() { line } else { line.replace(&self.tag, "") });
    }

    /// What came must be what is pinned.
    fn same<T: fmt::Debug + PartialEq>(
        &mut self,
        operation: &'static str,
        problem: &str,
        expected: &T,
        got: Result<T, Error>,
    ) -> Result<(), Failure> {
        let came = match &got {
            Ok(got) => format!("{got:?}"),
            Err(error) => format!("an error ({})", error.kind()),
        };
        self.note(operation, &came);
        match got {
            Ok(got) if got == *expected => Ok(()),
            Ok(_) => Err(failure(operation, problem, &format!("{expected:?}"), &came)),
            Err(error) => Err(Failure {
                kind: Some(error.kind()),
                ..failure(operation, problem, &format!("{expected:?}"), &format!("{came}: {error}"))
            }),
        }
    }

    fn create(&mut self, name: &str) -> Result<(), Failure> {
        let container = self.container(name);
        let got = self.client().create_container(container.id.clone());
        self.same("CreateContainer", "the container is another one", &container, got)
    }

    /// Sends a chunk, which must be taken.
    fn send(&mut self, op: &'static str, chunk: &FileChunk) -> Result<(), Failure> {
        let got = self.message(op, &Chunk::from(chunk.clone()));
        self.same(op, "the chunk was not taken", &BlobstoreResult::done(), got)
    }

    /// Sends a chunk that is none, which must be refused: with an error, or in the reply.
    fn refused(&mut self, op: &'static str, chunk: &FileChunk, what: &str) -> Result<(), Failure> {
        let got = self.message(op, &Chunk::from(chunk.clone()));
        self.refusal(op, what, got)
    }

    /// What came must be a refusal with a reason.
    fn refusal(
        &mut self,
        op: &'static str,
        what: &str,
        got: Result<BlobstoreResult, Error>,
    ) -> Result<(), Failure> {
        let kind = got.as_ref().err().map(Error::kind);
        let (came, refused) = match &got {
            Ok(reply) => (
                format!("refused: {}", !reply.success),
                !reply.success && reply.error.as_ref().is_some_and(|reason| !reason.is_empty()),
            ),
            Err(error) => {
                let broken = matches!(error.kind(), ErrorKind::Panic | ErrorKind::UnknownOperation);
                (format!("an error ({})", error.kind()), !broken)
            }
        };
        self.note(&format!("{op} ({what})"), &came);
        if refused {
            return Ok(());
        }
        let problem = format!("{what} was not refused");
        let got = match got {
            Ok(reply) => format!("{reply:?}"),
            Err(error) => format!("{}: {error}", error.kind()),
        };
        Err(Failure { kind, ..failure(op, &problem, "a refusal with its reason", &got) })
    }

    fn message(
        &self,
        op: &'static str,
        message: &impl Serialize,
    ) -> Result<BlobstoreResult, Error> {
        let payload = codec::encode(message)?;
        let reply = self.provider.dispatch(self.actor, op, &payload).map_err(Error::from_boxed)?;
        codec::decode_reply(&reply)
    }

    /// An object must be there and be so long.
    fn is_there(&mut self, name: &str, id: &str, length: usize) -> Result<(), Failure> {
        let container = self.container(name);
        let got = self.client().get_object_info(id.into(), container.id.clone());
        let expected = Blob { id: id.into(), container, byte_size: length as u64 };
        self.same("GetObjectInfo", "the object is not there as it was sent", &expected, got)
    }

    fn is_missing(&mut self, name: &str, id: &str, problem: &str) -> Result<(), Failure> {
        let got = self.client().get_object_info(id.into(), self.container_id(name));
        self.same("GetObjectInfo", problem, &Blob::none(), got)
    }

    /// A container must have these objects.
    fn has(&mut self, name: &str, objects: &[(&str, usize)]) -> Result<(), Failure> {
        let container = self.container(name);
        let got = self.client().list_objects(container.id.clone());
        let blob = |(id, length): &(&str, usize)| Blob {
            id: (*id).into(),
            container: container.clone(),
            byte_size: *length as u64,
        };
        let expected: Vec<Blob> = objects.iter().map(blob).collect();
        let problem = "the container has other objects, or in another order";
        let got = match got {
            Ok(list) => list.blobs,
            Err(error) => return self.same("ListObjects", problem, &expected, Err(error)),
        };
        let shown = |blobs: &[Blob]| {
            let shown: Vec<_> = blobs.iter().map(|blob| (&*blob.id, blob.byte_size)).collect();
            format!("{shown:?}")
        };
        self.note("ListObjects", &shown(&got));
        first_difference("ListObjects", problem, &expected, &got, |blob| {
            format!("{:?} in {:?}, {} bytes", blob.id, blob.container.id, blob.byte_size)
        })
    }

    /// Sends an object in chunks of `size`, in order.
    fn put(&mut self, name: &str, id: &str, bytes: &[u8], size: usize) -> Result<(), Failure> {
        let count = bytes.len().div_ceil(size.max(1)).max(1);
        for number in 0..count {
            let op = if number == 0 { "StartUpload" } else { "UploadChunk" };
            let chunk = self.chunk(name, id, number, bytes, size);
            self.send(op, &chunk)?;
        }
        Ok(())
    }

    /// A chunk of an object.
    fn chunk(&self, name: &str, id: &str, number: usize, bytes: &[u8], size: usize) -> FileChunk {
        let start = (number * size).min(bytes.len());
        FileChunk {
            sequence_no: number as u64,
            container: self.container(name),
            id: id.into(),
            total_bytes: bytes.len() as u64,
            chunk_size: size as u64,
            context: None,
            chunk_bytes: bytes[start..(start + size).min(bytes.len())].to_vec(),
        }
    }

    /// Has an object sent, whose chunks must be these bytes in chunks of `size`, in order.
    fn get(&mut self, name: &str, id: &str, bytes: &[u8], size: u64) -> Result<(), Failure> {
        const OP: &str = "StartDownload";
        let container = self.container_id(name);
        self.received.clear();
        let context = Some(String::from("context"));
        let got = self.client().start_download(id.into(), container, size, context.clone());
        self.same(OP, "the download does not begin", &BlobstoreResult::done(), got)?;
        let size = if size == 0 { super::DEFAULT_CHUNK_BYTES } else { size };
        let step = usize::try_from(size).unwrap_or(usize::MAX);
        let count = bytes.len().div_ceil(step).max(1);
        let came = self.received.wait(self.patience, count);
        let shown: Vec<_> =
            came.iter().map(|chunk| (chunk.sequence_no, chunk.chunk_bytes.len())).collect();
        self.note("ReceiveChunk (number, bytes)", &format!("{shown:?}"));
        let expected: Vec<_> = (0..count)
            .map(|number| FileChunk {
                context: context.clone(),
                ..self.chunk(name, id, number, bytes, step)
            })
            .collect();
        let problem = "the chunks that came are others, or in another order";
        first_difference("ReceiveChunk", problem, &expected, &came, |chunk| {
            let FileChunk { sequence_no, total_bytes, chunk_size, context, chunk_bytes, .. } =
                chunk;
            let (length, sum) =
                (chunk_bytes.len(), chunk_bytes.iter().map(|b| u64::from(*b)).sum::<u64>());
            format!(
                "number {sequence_no}, {length} bytes with the sum {sum}, totalBytes {total_bytes}, \
                 chunkSize {chunk_size}, context {context:?}"
            )
        })
    }
}

/// Two lists must be the same; else what is different is told, and no more.
fn first_difference<T: PartialEq>(
    operation: &'static str,
    problem: &str,
    expected: &[T],
    got: &[T],
    shown: impl Fn(&T) -> String,
) -> Result<(), Failure> {
    let all = expected.len().max(got.len());
    let Some(at) = (0..all).find(|at| expected.get(*at) != got.get(*at)) else { return Ok(()) };
    let one = |list: &[T]| match list.get(at) {
        Some(item) => format!("at {at} of {}: {}", list.len(), shown(item)),
        None => format!("{}, none at {at}", list.len()),
    };
    Err(failure(operation, problem, &one(expected), &one(got)))
}

fn failure(operation: &'static str, problem: &str, expected: &str, got: &str) -> Failure {
    let short = |text: &str| text.chars().take(300).collect();
    Failure {
        operation,
        problem: problem.into(),
        expected: short(expected),
        got: short(got),
        kind: None,
    }
}
