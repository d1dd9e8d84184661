//! An object on its way to the actor.

use provider_contracts::blobstore::{Chunk, Container, FileChunk};
use provider_core::{Actor, Error};

use crate::store::Source;

/// How much is read at once, where chunks are shorter.
const BLOCK: u64 = 4 << 20;
/// The operation.
const RECEIVE_CHUNK: &str = "ReceiveChunk";

/// What an actor asked for.
pub(crate) struct Download {
    pub(crate) source: Source,
    pub(crate) container: String,
    pub(crate) id: String,
    pub(crate) chunk_size: u64,
    pub(crate) context: Option<String>,
}

impl Download {
    /// Sends all chunks, each when the actor has answered the one before.
    ///
    /// # Errors
    ///
    /// The store's, the host's or the actor's. No further chunk is sent then.
    pub(crate) async fn run(self, actor: &Actor) -> Result<(), Error> {
        let total = self.source.length;
        let block = self.chunk_size * (BLOCK / self.chunk_size).max(1);
        let mut number = 0;
        let mut offset = 0;
        loop {
            let bytes = self.source.read(offset, block.min(total - offset)).await?;
            offset += bytes.len() as u64;
            let size = usize::try_from(self.chunk_size).unwrap_or(usize::MAX);
            // An object of no bytes is one chunk of none.
            let parts =
                if bytes.is_empty() { vec![&bytes[..]] } else { bytes.chunks(size).collect() };
            for part in parts {
                self.send(actor, number, part).await?;
                number += 1;
            }
            if offset >= total {
                return Ok(());
            }
        }
    }

    async fn send(&self, actor: &Actor, sequence_no: u64, bytes: &[u8]) -> Result<(), Error> {
        let chunk = Chunk::from(FileChunk {
            sequence_no,
            container: Container { id: self.container.clone() },
            id: self.id.clone(),
            total_bytes: self.source.length,
            chunk_size: self.chunk_size,
            context: self.context.clone(),
            chunk_bytes: bytes.to_vec(),
        });
        // What an actor of 2021 returns for nothing differs.
        let message = provider_core::codec::encode(&chunk)?;
        drop(chunk);
        actor.dispatch_bytes_async(RECEIVE_CHUNK, &message).await.map(drop)
    }
}
