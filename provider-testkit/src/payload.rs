//! Payloads for people: `MessagePack` to JSON and back.
//!
//! Bytes have no place in JSON: they are `{"$hex": "00ff"}` on both ways.

use std::fmt;

use provider_core::{Error, codec};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, SeqAccess, Visitor},
    ser::{SerializeMap, SerializeSeq},
};
use serde_json::{Map, Number, Value};

use crate::protocol::hex;

/// The key that stands for bytes.
const HEX: &str = "$hex";

/// The payload that `value` is, null being no bytes at all.
///
/// # Errors
///
/// What cannot be represented.
pub fn encode(value: &Value) -> Result<Vec<u8>, Error> {
    if value.is_null() {
        return Ok(Vec::new());
    }
    codec::encode(&Outward(value))
}

/// The JSON that `payload` is. Nothing if it is no payload, null if it is no bytes at all.
#[must_use]
pub fn decode(payload: &[u8]) -> Option<Value> {
    if payload.is_empty() {
        return Some(Value::Null);
    }
    codec::decode::<Inward>(payload).ok().map(|value| value.0)
}

/// The payload in at most about `limit` bytes of text: as JSON if it decodes, else its bytes.
#[must_use]
pub fn render(payload: &[u8], limit: usize) -> String {
    if payload.is_empty() {
        return String::from("empty");
    }
    if let Some(value) = decode(payload) {
        return shortened(&value.to_string(), limit);
    }
    let shown = &payload[..payload.len().min(limit / 3)];
    let bytes: Vec<String> = shown.iter().map(|byte| format!("{byte:02x}")).collect();
    let more = if shown.len() < payload.len() { " .." } else { "" };
    let plural = if payload.len() == 1 { "" } else { "s" };
    format!("<{} byte{plural}: {}{more}>", payload.len(), bytes.join(" "))
}

/// At most about `limit` bytes of `text`.
pub(crate) fn shortened(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(limit);
    format!("{}.. ({} bytes)", &text[..end], text.len())
}

struct Outward<'a>(&'a Value);

impl Serialize for Outward<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Number(number) => number.serialize(serializer),
            Value::String(text) => serializer.serialize_str(text),
            Value::Array(items) => {
                let mut array = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    array.serialize_element(&Outward(item))?;
                }
                array.end()
            }
            Value::Object(fields) => {
                if let Some(bytes) = bytes(fields) {
                    return serializer.serialize_bytes(&bytes);
                }
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (key, value) in fields {
                    map.serialize_entry(key, &Outward(value))?;
                }
                map.end()
            }
        }
    }
}

/// The bytes that an object stands for, if it does.
fn bytes(fields: &Map<String, Value>) -> Option<Vec<u8>> {
    if fields.len() != 1 {
        return None;
    }
    hex::decode(fields.get(HEX)?.as_str()?)
}

struct Inward(Value);

impl<'de> Deserialize<'de> for Inward {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue).map(Self)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or_else(|| value.to_string().into(), Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_bytes<E>(self, value: &[u8]) -> Result<Value, E> {
        let mut fields = Map::new();
        fields.insert(HEX.into(), hex::encode(value).into());
        Ok(Value::Object(fields))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Value, D::Error> {
        // An extension: a number and bytes.
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Inward(item)) = array.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some((Inward(key), Inward(value))) = map.next_entry()? {
            let key = match key {
                Value::String(key) => key,
                other => other.to_string(),
            };
            fields.insert(key, value);
        }
        Ok(Value::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn payloads_go_both_ways() {
        for value in [
            json!(null),
            json!({"key": "k", "n": -3, "list": [true, 1.5], "body": {"$hex": "00ff"}}),
            json!([1, 300, 70000]),
            json!({"$hex": "not digits"}),
        ] {
            let payload = encode(&value).unwrap();
            assert_eq!(decode(&payload).unwrap(), value, "{payload:02x?}");
        }
        assert_eq!(encode(&json!({"$hex": "00ff"})).unwrap(), b"\xc4\x02\x00\xff");
        assert_eq!(encode(&json!({"n": 1})).unwrap(), b"\x81\xa1n\x01");
    }

    #[test]
    fn what_does_not_decode_is_shown_as_bytes_and_what_is_long_is_cut() {
        assert_eq!(render(b"", 80), "empty");
        assert_eq!(render(b"\x81\xa1n\x01", 80), r#"{"n":1}"#);
        assert_eq!(render(b"\xc1", 80), "<1 byte: c1>");
        assert_eq!(render(&[0xc1; 100], 9), "<100 bytes: c1 c1 c1 ..>");
        let long = encode(&json!("x".repeat(100))).unwrap();
        assert_eq!(render(&long, 5), "\"xxxx.. (102 bytes)");
        assert_eq!(decode(b"\xd4\x05\x01"), Some(json!([5, {"$hex": "01"}])));
        assert_eq!(decode(b"\x81\x01\x02"), Some(json!({"1": 2})));
    }
}
