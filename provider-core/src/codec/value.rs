//! Reads one value whose bytes were walked over before.
//!
//! Most arguments are a string or an integer: these are read right here, everything else by
//! `rmp-serde`. That halves what a small request costs.

use rmp::Marker;
use rmp_serde::decode::Error as DecodeError;
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, Unexpected, Visitor},
    forward_to_deserialize_any,
};

use super::decoding;
use crate::error::Error;

/// Reads a value. `bytes` are exactly one value that the walk has accepted, but for the UTF-8 of a
/// string.
#[inline]
pub(super) fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Error> {
    T::deserialize(Value(bytes)).map_err(|error| decoding(&error))
}

struct Value<'a>(&'a [u8]);

impl<'a> Value<'a> {
    /// The rest is for `rmp-serde`, which does not look at a string's UTF-8 when nobody asks for one.
    fn rest(
        self,
    ) -> Result<rmp_serde::Deserializer<rmp_serde::decode::ReadRefReader<'a, [u8]>>, DecodeError>
    {
        match self.string().map(str::from_utf8) {
            Some(Err(_)) => Err(not_utf8()),
            Some(Ok(_)) | None => Ok(rmp_serde::Deserializer::from_read_ref(self.0)),
        }
    }

    /// The contents of a string, nothing if it is none.
    #[inline]
    fn string(&self) -> Option<&'a [u8]> {
        let (&marker, rest) = self.0.split_first()?;
        // The short ones first: nearly all are.
        if marker & 0xe0 == 0xa0 {
            return Some(rest);
        }
        let header = match Marker::from_u8(marker) {
            Marker::Str8 => 1,
            Marker::Str16 => 2,
            Marker::Str32 => 4,
            _ => return None,
        };
        rest.get(header..)
    }

    #[inline]
    fn visit_string<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.string().map(str::from_utf8) {
            Some(Ok(text)) => visitor.visit_borrowed_str(text),
            Some(Err(_)) => Err(not_utf8()),
            None => self.rest()?.deserialize_any(visitor),
        }
    }

    #[inline]
    fn visit_integer<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        let wide =
            |bytes: &[u8]| bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
        if let [number @ 0..=0x7f] = *self.0 {
            return visitor.visit_u64(u64::from(number));
        }
        match self.0.split_first().map(|(marker, rest)| (Marker::from_u8(*marker), rest)) {
            Some((Marker::FixNeg(number), _)) => visitor.visit_i64(i64::from(number)),
            Some((Marker::U8 | Marker::U16 | Marker::U32 | Marker::U64, rest)) => {
                visitor.visit_u64(wide(rest))
            }
            _ => self.rest()?.deserialize_any(visitor),
        }
    }
}

#[cold]
fn not_utf8() -> DecodeError {
    DecodeError::custom("a string is not UTF-8")
}

macro_rules! integers {
    ($($method:ident)*) => {
        $(
            #[inline]
            fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
                self.visit_integer(visitor)
            }
        )*
    };
}

macro_rules! by_rmp_serde {
    ($($method:ident($($name:ident: $type:ty),*))*) => {
        $(
            fn $method<V: Visitor<'de>>(
                self,
                $($name: $type,)*
                visitor: V,
            ) -> Result<V::Value, DecodeError> {
                self.rest()?.$method($($name,)* visitor)
            }
        )*
    };
}

impl<'de> Deserializer<'de> for Value<'de> {
    type Error = DecodeError;

    integers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }

    #[inline]
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.visit_string(visitor)
    }

    #[inline]
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.visit_string(visitor)
    }

    by_rmp_serde! {
        deserialize_any()
        deserialize_i128()
        deserialize_u128()
        deserialize_bytes()
        deserialize_byte_buf()
        deserialize_option()
        deserialize_unit_struct(name: &'static str)
        deserialize_newtype_struct(name: &'static str)
        deserialize_tuple(len: usize)
        deserialize_tuple_struct(name: &'static str, len: usize)
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        // `rmp-serde` would read bytes as an array of integers, and that as the struct's fields.
        if let Some(0xc4..=0xc6) = self.0.first() {
            return Err(DecodeError::invalid_type(Unexpected::Bytes(self.0), &visitor));
        }
        self.rest()?.deserialize_struct(name, fields, visitor)
    }

    forward_to_deserialize_any! {
        bool f32 f64 char unit seq map identifier ignored_any
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `rmp-serde` reads, or says.
    fn reference<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Option<T> {
        rmp_serde::from_slice(bytes).ok()
    }

    #[test]
    fn strings_and_integers_are_read_as_rmp_serde_reads_them() {
        let mut values: Vec<Vec<u8>> = Vec::new();
        for number in [0, 1, 127, 128, 255, 256, 65_535, 65_536, u64::from(u32::MAX), u64::MAX] {
            values.push(rmp_serde::to_vec(&number).unwrap());
        }
        for number in [-1_i64, -32, -33, -128, -129, -32_769, i64::from(i32::MIN), i64::MIN] {
            values.push(rmp_serde::to_vec(&number).unwrap());
        }
        for length in [0, 1, 31, 32, 255, 256, 65_535, 65_536] {
            values.push(rmp_serde::to_vec(&"x".repeat(length)).unwrap());
        }
        values.push(rmp_serde::to_vec(&1.5_f64).unwrap());
        values.push(vec![0xc0]);
        values.push(vec![0xc3]);
        values.push(vec![0xc4, 1, b'x']);
        values.push(vec![0xd3, 0, 0, 0, 0, 0, 0, 0, 5]);
        for value in &values {
            assert_eq!(read::<i8>(value).ok(), reference(value), "{value:02x?}");
            assert_eq!(read::<i32>(value).ok(), reference(value), "{value:02x?}");
            assert_eq!(read::<i64>(value).ok(), reference(value), "{value:02x?}");
            assert_eq!(read::<u16>(value).ok(), reference(value), "{value:02x?}");
            assert_eq!(read::<u64>(value).ok(), reference(value), "{value:02x?}");
            assert_eq!(read::<&str>(value).ok(), reference(value), "{value:02x?}");
            assert_eq!(read::<Option<String>>(value).ok(), reference(value), "{value:02x?}");
            assert_eq!(read::<bool>(value).ok(), reference(value), "{value:02x?}");
        }
    }

    #[test]
    fn bytes_are_no_message() {
        #[derive(Debug, Deserialize)]
        struct One {
            #[expect(dead_code, reason = "nothing gets that far")]
            number: u8,
        }
        let error = read::<One>(b"\xc4\x01\x07").unwrap_err();
        assert!(error.message().starts_with("invalid type: byte array"), "{error}");
    }

    #[test]
    fn a_string_that_is_not_utf8_is_refused_with_its_reason() {
        assert_eq!(read::<String>(b"\xa1\xff").unwrap_err().message(), "a string is not UTF-8");
    }
}
