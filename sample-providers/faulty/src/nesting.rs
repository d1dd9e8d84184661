//! How deep a value is nested: with a limit, and without one.

use std::{fmt, hint};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};

/// How many arrays and maps are inside each other in some value. The codec's own limit keeps the
/// recursion short.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Nesting {
    pub(crate) depth: u32,
    /// Whether there are bytes somewhere in it.
    pub(crate) bytes: bool,
}

impl Nesting {
    /// Of two values beside each other.
    fn and(self, other: Self) -> Self {
        Self { depth: self.depth.max(other.depth), bytes: self.bytes || other.bytes }
    }

    /// Of a value around this one.
    fn around(self) -> Self {
        Self { depth: self.depth + 1, ..self }
    }
}

impl<'de> Deserialize<'de> for Nesting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Nesting;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Nesting, A::Error> {
        let mut deepest = Nesting::default();
        while let Some(item) = items.next_element()? {
            deepest = deepest.and(item);
        }
        Ok(deepest.around())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Nesting, A::Error> {
        let mut deepest = Nesting::default();
        while let Some((key, value)) = entries.next_entry()? {
            deepest = deepest.and(key).and(value);
        }
        Ok(deepest.around())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Nesting, E> {
        Ok(Nesting::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Nesting, E> {
        Ok(Nesting::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Nesting, E> {
        Ok(Nesting::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Nesting, E> {
        Ok(Nesting::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<Nesting, E> {
        Ok(Nesting::default())
    }

    fn visit_bytes<E>(self, _: &[u8]) -> Result<Nesting, E> {
        Ok(Nesting { bytes: true, ..Nesting::default() })
    }

    fn visit_unit<E>(self) -> Result<Nesting, E> {
        Ok(Nesting::default())
    }
}

/// An array with what is in its first place.
struct Array(Option<Box<Array>>);

impl Array {
    /// Reads arrays inside arrays the way decoders do that know no limit: a call for each.
    fn read(payload: &[u8]) -> Self {
        // What a decoder has on the stack: so much more than what it calls that it overflows here.
        let scratch = [0_u8; 4096];
        match payload.split_first() {
            Some((0x91..=0x9f, items)) if hint::black_box(&scratch)[0] == 0 => {
                Self(Some(Box::new(Self::read(items))))
            }
            _ => Self(None),
        }
    }
}

/// Reads a payload that is arrays inside each other. It has no limit but the stack's.
pub(crate) fn read_without_limit(payload: &[u8]) {
    let mut level = Array::read(payload);
    // Taken apart from the outside: the reading is what overflows.
    while let Some(inner) = level.0.take() {
        level = *inner;
    }
}
