//! `MessagePack` as actors have spoken it since 2021, and its limits.
//!
//! Writers make a map keyed by field name, fields in declaration order, bytes as bin, integers in
//! their shortest form.
//!
//! Readers accept keys in any order, unknown keys, a missing optional, wider integers, bin, str or
//! an array of integers where bytes are expected, and a struct as a positional array. They refuse a
//! missing required field, a duplicate field, an integer out of range, a float for an integer,
//! invalid UTF-8, an empty payload where a message is expected, trailing bytes, and nesting deeper
//! than [`MAX_DEPTH`].
//!
//! Every payload is walked once before anything is decoded from it. So the limits hold in fields
//! that nobody asked for as well, and a decoder never recurses deeper than the walk allowed.

mod args;
mod value;
mod walk;

pub use self::args::{Args, ArgsWriter};
pub use self::walk::MAX_DEPTH;

use rmp::encode::ValueWriteError;
use rmp_serde::{decode, encode};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::error::{Error, ErrorKind};

/// The payload of a message.
///
/// # Errors
///
/// [`BadRequest`](ErrorKind::BadRequest) when `value` cannot be represented.
pub fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, Error> {
    // Most messages fit: growing a fresh vector from nothing costs three to five times as much.
    let mut payload = Vec::with_capacity(128);
    encode_into(&mut payload, value)?;
    Ok(payload)
}

/// Appends the payload of a message to `payload`, which keeps its memory from call to call.
///
/// # Errors
///
/// [`BadRequest`](ErrorKind::BadRequest) when `value` cannot be represented; `payload` then holds a
/// part of it.
pub fn encode_into<T: Serialize + ?Sized>(payload: &mut Vec<u8>, value: &T) -> Result<(), Error> {
    write(payload, value)
}

/// Writes the payload of a message.
#[inline]
pub(crate) fn write<T: Serialize + ?Sized>(
    writer: &mut impl std::io::Write,
    value: &T,
) -> Result<(), Error> {
    value.serialize(&mut rmp_serde::Serializer::new(writer).with_struct_map()).map_err(encoding)
}

#[cold]
fn encoding(error: encode::Error) -> Error {
    if let encode::Error::InvalidValueWrite(
        ValueWriteError::InvalidMarkerWrite(error) | ValueWriteError::InvalidDataWrite(error),
    ) = error
    {
        // What the writer said: it keeps its kind.
        return match error.downcast::<Error>() {
            Ok(error) => error,
            Err(error) => Error::with_source(ErrorKind::Failed, error),
        };
    }
    Error::new(ErrorKind::BadRequest, format!("cannot be encoded as MessagePack: {error}"))
}

/// Reads a message from a payload. It may borrow from the payload.
///
/// # Errors
///
/// [`BadRequest`](ErrorKind::BadRequest), with the reason, for whatever readers refuse.
pub fn decode<'a, T: Deserialize<'a>>(payload: &'a [u8]) -> Result<T, Error> {
    walk::whole(payload)?;
    value::read(payload)
}

/// Reads a reply: like [`decode()`], but no bytes at all count as nil, which is what `()` and an
/// absent optional look like.
///
/// # Errors
///
/// Those of [`decode()`].
pub fn decode_reply<T: DeserializeOwned>(payload: &[u8]) -> Result<T, Error> {
    const NIL: &[u8] = &[0xc0];
    decode(if payload.is_empty() { NIL } else { payload })
}

#[cold]
fn decoding(error: &decode::Error) -> Error {
    let message = match error {
        decode::Error::Syntax(text) | decode::Error::Uncategorized(text) => text.clone(),
        decode::Error::TypeMismatch(marker) => format!("unexpected type {marker:?}"),
        decode::Error::LengthMismatch(length) => format!("unexpected length {length}"),
        decode::Error::Utf8Error(_) => String::from("a string is not UTF-8"),
        decode::Error::OutOfRange => String::from("an integer is out of range"),
        other => other.to_string(),
    };
    Error::new(ErrorKind::BadRequest, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::{CapabilityConfiguration, HealthRequest, HealthResponse};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Message {
        name: String,
        count: i32,
        note: Option<String>,
        #[serde(with = "serde_bytes")]
        body: Vec<u8>,
    }

    fn message() -> Message {
        Message { name: "n".into(), count: 300, note: None, body: vec![1, 2] }
    }

    fn refused<'a, T: Deserialize<'a> + std::fmt::Debug>(payload: &'a [u8], reason: &str) {
        let error = decode::<T>(payload).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadRequest);
        assert!(error.message().contains(reason), "{payload:02x?}: {error}");
    }

    #[test]
    fn a_struct_is_a_map_in_declaration_order_with_short_integers_and_bin() {
        let payload = encode(&message()).unwrap();
        assert_eq!(
            payload,
            b"\x84\xa4name\xa1n\xa5count\xcd\x01\x2c\xa4note\xc0\xa4body\xc4\x02\x01\x02"
        );
        assert_eq!(decode::<Message>(&payload).unwrap(), message());
    }

    #[test]
    fn readers_accept_any_order_unknown_keys_missing_optionals_wide_integers_and_arrays() {
        let other_order = b"\x84\xa4body\xa2\x01\x02\xa5count\xd3\0\0\0\0\0\0\x01\x2c\xa3new\x91\x80\xa4name\xa1n";
        assert_eq!(decode::<Message>(other_order).unwrap(), message());
        let positional = b"\x94\xa1n\xcd\x01\x2c\xc0\x92\x01\x02";
        assert_eq!(decode::<Message>(positional).unwrap(), message());
    }

    #[test]
    fn readers_refuse_what_the_contracts_page_lists() {
        refused::<Message>(b"", "empty");
        refused::<Message>(b"\x81\xa4name\xa1n", "missing field");
        refused::<HealthRequest>(b"\x82\xabplaceholder\xc2\xabplaceholder\xc2", "duplicate field");
        refused::<i32>(b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff", "invalid value");
        refused::<i32>(b"\xca\x3f\x80\0\0", "invalid type");
        refused::<String>(b"\xa1\xff", "UTF-8");
        refused::<i32>(b"\x01\x02", "trailing");
        refused::<i32>(b"\xc1", "0xc1");
    }

    #[test]
    fn nesting_ends_at_the_limit_also_in_a_field_that_nobody_asked_for() {
        let nested = |depth: usize| {
            let mut payload = b"\x83\xa6module\xa1M\xa6values\x80\xa1x".to_vec();
            payload.extend(std::iter::repeat_n(0x91, depth));
            payload.push(0xc0);
            payload
        };
        // The map itself is one level.
        decode::<CapabilityConfiguration>(&nested(MAX_DEPTH - 1)).unwrap();
        refused::<CapabilityConfiguration>(&nested(MAX_DEPTH), "nested deeper than 64");
        refused::<CapabilityConfiguration>(&nested(100_000), "nested deeper than 64");
    }

    #[test]
    fn every_truncation_and_every_length_bomb_is_refused() {
        let payload = encode(&message()).unwrap();
        for length in 0..payload.len() {
            decode::<Message>(&payload[..length]).unwrap_err();
        }
        for marker in [0xdd, 0xdf, 0xdb, 0xc6, 0xc9] {
            refused::<Message>(&[marker, 0xff, 0xff, 0xff, 0xff], "ends");
        }
    }

    #[test]
    fn no_bytes_at_all_are_nil_in_a_reply() {
        decode_reply::<()>(&[]).unwrap();
        decode_reply::<HealthResponse>(&[]).unwrap_err();
    }
}
