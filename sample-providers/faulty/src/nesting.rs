//! How deep a value is nested: with a limit, and without one.

use std::{fmt, hint};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};

/// How many arrays and maps are inside each other in some value. The codec's own limit keeps the
/// recursion short.
#[derive(Debug)]
pub(crate) struct Nesting(pub(crate) u32);

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
        let mut deepest = 0;
        while let Some(Nesting(depth)) = items.next_element()? {
            deepest = deepest.max(depth);
        }
        Ok(Nesting(deepest + 1))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Nesting, A::Error> {
        let mut deepest = 0;
        while let Some((Nesting(key), Nesting(value))) = entries.next_entry()? {
            deepest = deepest.max(key).max(value);
        }
        Ok(Nesting(deepest + 1))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Nesting, E> {
        Ok(Nesting(0))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Nesting, E> {
        Ok(Nesting(0))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Nesting, E> {
        Ok(Nesting(0))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Nesting, E> {
        Ok(Nesting(0))
    }

    fn visit_str<E>(self, _: &str) -> Result<Nesting, E> {
        Ok(Nesting(0))
    }

    fn visit_bytes<E>(self, _: &[u8]) -> Result<Nesting, E> {
        Ok(Nesting(0))
    }

    fn visit_unit<E>(self) -> Result<Nesting, E> {
        Ok(Nesting(0))
    }
}

/// An array with what is in its first place.
struct Array(Option<Box<Array>>);

impl Array {
    /// Reads arrays inside arrays the way decoders do that know no limit: a call for each.
    fn read(payload: &[u8]) -> Self {
        // What a decoder has on the stack.
        let scratch = hint::black_box([0_u8; 64]);
        match payload.split_first() {
            Some((0x91..=0x9f, items)) if scratch[0] == 0 => {
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
