//! Malformed payloads.

/// How deep a payload nests to overflow the stack of a decoder without a limit.
const DEEP: usize = 100_000;
/// How many random bytes make noise.
const NOISE: usize = 1 << 20;

/// A malformed payload.
#[derive(Debug)]
pub(crate) struct Shape {
    /// For people, for example `cut off after 3 of 12 bytes`.
    pub(crate) name: String,
    pub(crate) payload: Vec<u8>,
    /// Whether a reader that is not strict may take it. It must be survived all the same.
    pub(crate) lenient: bool,
}

impl Shape {
    fn new(name: impl Into<String>, payload: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), payload: payload.into(), lenient: false }
    }
}

/// Payloads that are no `MessagePack` message whatever the operation expects.
pub(crate) fn undecodable() -> Vec<Shape> {
    let mut shapes = vec![
        Shape::new("the byte c1, which never occurs", [0xc1]),
        Shape::new("a map that ends after its first key", *b"\x82\xa1a"),
    ];
    for (what, marker) in [("an array", 0xdd), ("a map", 0xdf), ("a string", 0xdb), ("bytes", 0xc6)]
    {
        shapes.push(Shape::new(
            format!("{what} of 4294967295 that is not there"),
            [marker, 0xff, 0xff, 0xff, 0xff],
        ));
    }
    shapes.push(Shape::new(format!("{DEEP} arrays inside each other"), vec![0x91; DEEP]));
    shapes
}

/// Every way to spoil `sample`, which must be a map to be spoilt in more than its length.
pub(crate) fn malformed(sample: &[u8], seed: u64) -> Vec<Shape> {
    let mut shapes = undecodable();
    for length in 0..sample.len() {
        shapes.push(Shape::new(
            format!("cut off after {length} of {} bytes", sample.len()),
            &sample[..length],
        ));
    }
    let Some(fields) = sample.first().filter(|marker| *marker & 0xf0 == 0x80) else {
        return shapes;
    };
    for (what, payload) in [
        ("a number", &b"\x05"[..]),
        ("a string", b"\xa1x"),
        ("nil", b"\xc0"),
        ("a boolean", b"\xc3"),
    ] {
        shapes.push(Shape::new(format!("{what} instead of a map"), payload));
    }
    // Some decoders take bytes for an array of numbers, and an array for a struct.
    shapes.push(Shape { lenient: true, ..Shape::new("bytes instead of a map", *b"\xc4\x01x") });
    if let Some(payload) = with_bad_text(sample) {
        shapes.push(Shape::new("a string that is not UTF-8", payload));
    }
    if *fields < 0x8f {
        let mut payload = sample.to_vec();
        payload[0] += 1;
        payload.extend(b"\xa7unknown");
        payload.extend(std::iter::repeat_n(0x91, DEEP));
        payload.push(0xc0);
        shapes.push(Shape {
            lenient: true,
            ..Shape::new(
                format!("{DEEP} arrays inside each other in a field that nobody asked for"),
                payload,
            )
        });
    }
    shapes.push(Shape::new("1 MiB of noise", noise(seed)));
    shapes
}

/// `sample` with the first byte of its last short string spoilt.
fn with_bad_text(sample: &[u8]) -> Option<Vec<u8>> {
    // Whole short strings, found without a decoder: a marker and as many letters.
    let start = (1..sample.len()).rev().find(|start| {
        let length = usize::from(sample[*start] & 0x1f);
        sample[*start] & 0xe0 == 0xa0
            && length > 0
            && sample
                .get(start + 1..start + 1 + length)
                .is_some_and(|text| text.iter().all(u8::is_ascii_graphic))
    })?;
    let mut payload = sample.to_vec();
    payload[start + 1] = 0xff;
    Some(payload)
}

/// A map of a million entries made of chance.
fn noise(seed: u64) -> Vec<u8> {
    let mut state = seed | 1;
    let mut bytes = vec![0xdf, 0x00, 0x10, 0x00, 0x00];
    while bytes.len() < NOISE {
        // xorshift64
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use provider_core::codec;
    use serde_json::json;

    use super::*;
    use crate::payload;

    #[test]
    fn no_shape_is_a_message() {
        let sample = payload::encode(&json!({"key": "k", "value": 3})).unwrap();
        let shapes = malformed(&sample, 7);
        assert!(shapes.len() > 20 + sample.len() - 10);
        for shape in &shapes {
            if shape.lenient || shape.name.contains("instead") {
                continue;
            }
            assert_eq!(
                payload::decode(&shape.payload).ok().filter(|value| !value.is_null()),
                None,
                "{}",
                shape.name
            );
        }
        assert!(shapes.iter().any(|shape| shape.name.contains("UTF-8")));
        assert!(shapes.iter().any(|shape| shape.lenient));
    }

    #[test]
    fn a_sample_that_is_no_map_is_only_cut() {
        let sample = codec::encode("text").unwrap();
        assert!(malformed(&sample, 1).iter().all(|shape| !shape.name.contains("instead")));
    }
}
