//! A chunk is read as it comes: in a map around it, or bare; each of them as a map or as an array.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{
        Error as _, MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, SeqAccessDeserializer},
    },
};

use super::{Chunk, Container, FileChunk};

impl<'de> Deserialize<'de> for Chunk {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Message).map(Self::from)
    }
}

/// The fields of both forms.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Either {
    chunk: Option<FileChunk>,
    sequence_no: Option<u64>,
    container: Option<Container>,
    id: Option<String>,
    total_bytes: Option<u64>,
    chunk_size: Option<u64>,
    context: Option<String>,
    #[serde(with = "serde_bytes", default)]
    chunk_bytes: Option<Vec<u8>>,
}

impl Either {
    fn chunk<E: serde::de::Error>(self) -> Result<FileChunk, E> {
        fn needed<T, E: serde::de::Error>(field: Option<T>, name: &'static str) -> Result<T, E> {
            field.ok_or_else(|| E::missing_field(name))
        }
        if let Some(chunk) = self.chunk {
            return Ok(chunk);
        }
        Ok(FileChunk {
            sequence_no: needed(self.sequence_no, "sequenceNo")?,
            container: needed(self.container, "container")?,
            id: needed(self.id, "id")?,
            total_bytes: needed(self.total_bytes, "totalBytes")?,
            chunk_size: needed(self.chunk_size, "chunkSize")?,
            context: self.context,
            chunk_bytes: needed(self.chunk_bytes, "chunkBytes")?,
        })
    }
}

struct Message;

impl<'de> Visitor<'de> for Message {
    type Value = FileChunk;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map with `chunk`, or a chunk")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<FileChunk, A::Error> {
        Either::deserialize(MapAccessDeserializer::new(map))?.chunk()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<FileChunk, A::Error> {
        let first = values.next_element()?.ok_or_else(|| A::Error::missing_field("chunk"))?;
        let sequence_no = match first {
            First::Chunk(chunk) => return Ok(chunk),
            First::SequenceNo(number) => number,
        };
        let rest = Rest::deserialize(SeqAccessDeserializer::new(values))?;
        let Rest { container, id, total_bytes, chunk_size, context, chunk_bytes } = rest;
        Ok(FileChunk { sequence_no, container, id, total_bytes, chunk_size, context, chunk_bytes })
    }
}

/// What follows the number in a bare chunk that is an array.
#[derive(Deserialize)]
struct Rest {
    container: Container,
    id: String,
    total_bytes: u64,
    chunk_size: u64,
    context: Option<String>,
    #[serde(with = "serde_bytes")]
    chunk_bytes: Vec<u8>,
}

/// What an array begins with.
enum First {
    /// The whole chunk: the array stands for the map around it.
    Chunk(FileChunk),
    /// The first field of a bare chunk.
    SequenceNo(u64),
}

impl<'de> Deserialize<'de> for First {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Beginning)
    }
}

struct Beginning;

impl<'de> Visitor<'de> for Beginning {
    type Value = First;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a chunk or its number")
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<First, E> {
        Ok(First::SequenceNo(number))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<First, E> {
        let negative = || E::custom("an integer is out of range");
        u64::try_from(number).map(First::SequenceNo).map_err(|_| negative())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<First, A::Error> {
        FileChunk::deserialize(MapAccessDeserializer::new(map)).map(First::Chunk)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, values: A) -> Result<First, A::Error> {
        FileChunk::deserialize(SeqAccessDeserializer::new(values)).map(First::Chunk)
    }
}
