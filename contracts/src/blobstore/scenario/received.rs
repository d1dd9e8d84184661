//! What the host brings to actors.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use provider_core::{BoxError, Dispatcher, Error, ErrorKind, codec};

use crate::blobstore::{Chunk, FileChunk};

/// The chunks that actors received, in their order. As a host's dispatcher it answers for them.
#[derive(Debug, Default)]
pub struct Received {
    chunks: Mutex<Vec<FileChunk>>,
    came: Condvar,
}

impl Received {
    /// Forgets what came.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// Takes what is called on an actor.
    ///
    /// # Errors
    ///
    /// *Unknown operation* for another one than `ReceiveChunk`, *bad request* for what is no chunk.
    pub fn take(&self, op: &str, msg: &[u8]) -> Result<Vec<u8>, Error> {
        if op != "ReceiveChunk" {
            return Err(Error::new(ErrorKind::UnknownOperation, format!("`{op}`")));
        }
        let Chunk { chunk } = codec::decode(msg)?;
        self.lock().push(chunk);
        self.came.notify_all();
        // What 2021 sent for nothing.
        Ok(vec![0xc0])
    }

    /// The chunks that have come, once there are so many of them or none has come for `patience`.
    pub fn wait(&self, patience: Duration, count: usize) -> Vec<FileChunk> {
        let mut chunks = self.lock();
        let mut deadline = Instant::now() + patience;
        let mut before = chunks.len();
        while chunks.len() < count {
            if chunks.len() > before {
                before = chunks.len();
                deadline = Instant::now() + patience;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let woken = self.came.wait_timeout(chunks, left);
            chunks = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        chunks.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<FileChunk>> {
        self.chunks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Dispatcher for Received {
    fn dispatch(&self, _actor: &str, op: &str, msg: &[u8]) -> Result<Vec<u8>, BoxError> {
        Ok(self.take(op, msg)?)
    }
}
