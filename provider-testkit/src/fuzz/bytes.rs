//! Payloads in a token: hexadecimal digits, with what repeats written once.
//!
//! `81a474657874d92c` + `61x300` + `c0` is `81a474657874d92c.61x300.c0`: parts with a full stop
//! between them, each digits, or one byte and how often it comes. No payload is `-`.

use std::fmt::Write as _;

use crate::protocol::hex;

/// How often a byte must come to be written once.
const RUN: usize = 6;
/// How long a payload of a token may be.
const LONGEST: usize = 16 << 20;

pub(super) fn encode(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return String::from("-");
    }
    let mut parts: Vec<String> = Vec::new();
    let mut plain = Vec::new();
    for run in bytes.chunk_by(|one, other| one == other) {
        if run.len() < RUN {
            plain.extend(run);
            continue;
        }
        if !plain.is_empty() {
            parts.push(hex::encode(&std::mem::take(&mut plain)));
        }
        let mut part = hex::encode(&run[..1]);
        // Writing to a string does not fail.
        let _ = write!(part, "x{}", run.len());
        parts.push(part);
    }
    if !plain.is_empty() {
        parts.push(hex::encode(&plain));
    }
    parts.join(".")
}

pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    if text == "-" {
        return Some(bytes);
    }
    for part in text.split('.') {
        match part.split_once('x') {
            None => bytes.extend(hex::decode(part).filter(|plain| !plain.is_empty())?),
            Some((byte, count)) => {
                let [byte] = hex::decode(byte)?[..] else {
                    return None;
                };
                let count: usize = count.parse().ok()?;
                if count > LONGEST.saturating_sub(bytes.len()) {
                    return None;
                }
                bytes.extend(std::iter::repeat_n(byte, count));
            }
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_repeats_is_written_once_and_reads_back() {
        let long = [&b"\x81\xa4"[..], &[0x61; 300], &[0xc0]].concat();
        assert_eq!(encode(&long), "81a4.61x300.c0");
        for bytes in [&long[..], b"", b"\0", &[0xff; 6], &[0xff; 5]] {
            assert_eq!(decode(&encode(bytes)).as_deref(), Some(bytes));
        }
    }

    #[test]
    fn what_is_no_payload_is_refused() {
        for wrong in ["", "8", "8g", "81..82", "6161x3", "61x", "61x-1", "61x99999999999", "x3"] {
            assert_eq!(decode(wrong), None, "{wrong}");
        }
    }
}
