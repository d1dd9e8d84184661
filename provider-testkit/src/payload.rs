//! Payloads for people: JSON, as they write it, and `MessagePack`, as providers read it.
//!
//! | JSON | `MessagePack` |
//! |---|---|
//! | object | map, keys in the given order |
//! | integer | integer in its shortest form |
//! | number with a point, an exponent or beyond 64 bits | 64-bit float |
//! | string | str |
//! | `{"$bytes": "base64"}` | bin |
//!
//! Back from `MessagePack`, what JSON has no form for becomes an object with one key that begins
//! with `$`: `$bytes`; `$float` for infinities and what is not a number; `$ext` for an extension
//! (`[type, "base64"]`); `$map` for a map (a list of pairs) with a key that is no string or is there
//! twice.

use std::fmt;

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use provider_core::{Error, ErrorKind, codec};
use rmp::encode;
use serde::{
    Deserialize, Deserializer,
    de::{EnumAccess, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value, json};

/// Padding is written, and not asked for.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
const BYTES: &str = "$bytes";

/// The payload that `value` stands for.
///
/// # Errors
///
/// [`BadRequest`](ErrorKind::BadRequest) for text after `$bytes` that is not base64, and for a value
/// that is too large.
pub fn encode(value: &Value) -> Result<Vec<u8>, Error> {
    let mut payload = Vec::new();
    write(&mut payload, value)?;
    Ok(payload)
}

/// Bytes in JSON.
#[must_use]
pub fn bytes(bytes: &[u8]) -> Value {
    json!({ BYTES: BASE64.encode(bytes) })
}

/// The value of a payload. No bytes at all are `null`.
///
/// # Errors
///
/// [`BadRequest`](ErrorKind::BadRequest) when it is not one whole value within the SDK's limits.
pub fn decode(payload: &[u8]) -> Result<Value, Error> {
    codec::decode_reply::<Json>(payload).map(|json| json.0)
}

/// The payload in at most about `limit` bytes of text: as JSON if it decodes, else its bytes.
#[must_use]
pub fn render(payload: &[u8], limit: usize) -> String {
    if payload.is_empty() {
        return String::from("empty");
    }
    if let Ok(value) = decode(payload) {
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

fn write(payload: &mut Vec<u8>, value: &Value) -> Result<(), Error> {
    match value {
        Value::Null => encode::write_nil(payload).map_err(too_large)?,
        Value::Bool(value) => encode::write_bool(payload, *value).map_err(too_large)?,
        Value::Number(number) => write_number(payload, number)?,
        Value::String(text) => encode::write_str(payload, text).map_err(too_large)?,
        Value::Array(items) => {
            encode::write_array_len(payload, length(items.len())?).map_err(too_large)?;
            for item in items {
                write(payload, item)?;
            }
        }
        Value::Object(fields) => write_object(payload, fields)?,
    }
    Ok(())
}

fn write_number(payload: &mut Vec<u8>, number: &Number) -> Result<(), Error> {
    if let Some(number) = number.as_u64() {
        encode::write_uint(payload, number).map_err(too_large)?;
    } else if let Some(number) = number.as_i64() {
        encode::write_sint(payload, number).map_err(too_large)?;
    } else {
        let number = number.as_f64().ok_or_else(|| too_large(number))?;
        encode::write_f64(payload, number).map_err(too_large)?;
    }
    Ok(())
}

fn write_object(payload: &mut Vec<u8>, fields: &Map<String, Value>) -> Result<(), Error> {
    if let Some(bytes) = bytes_of(fields) {
        let bytes = bytes.map_err(|problem| {
            let message = format!("{} is no bytes: {problem}", json!(fields));
            Error::new(ErrorKind::BadRequest, message)
        })?;
        return encode::write_bin(payload, &bytes).map_err(too_large);
    }
    encode::write_map_len(payload, length(fields.len())?).map_err(too_large)?;
    for (key, value) in fields {
        encode::write_str(payload, key).map_err(too_large)?;
        write(payload, value)?;
    }
    Ok(())
}

/// The bytes that an object stands for, if it does, or what is wrong with its text.
fn bytes_of(fields: &Map<String, Value>) -> Option<Result<Vec<u8>, String>> {
    if fields.len() != 1 {
        return None;
    }
    let text = fields.get(BYTES)?.as_str().ok_or_else(|| String::from("a string is needed"));
    Some(text.and_then(|text| BASE64.decode(text).map_err(|error| error.to_string())))
}

fn length(length: usize) -> Result<u32, Error> {
    u32::try_from(length).map_err(too_large)
}

fn too_large(problem: impl fmt::Display) -> Error {
    let message = format!("the value cannot be written as MessagePack: {problem}");
    Error::new(ErrorKind::BadRequest, message)
}

/// A value of `MessagePack`, as JSON.
struct Json(Value);

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor).map(Self)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
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
        Ok(Number::from_f64(value)
            .map_or_else(|| json!({ "$float": value.to_string() }), Value::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_bytes<E>(self, value: &[u8]) -> Result<Value, E> {
        Ok(bytes(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Json(value)) = items.next_element()? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some((Json(key), Json(value))) = entries.next_entry()? {
            pairs.push((key, value));
        }
        Ok(map(pairs))
    }

    /// An extension: the deserialiser passes its type and its bytes as a pair.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Value, D::Error> {
        let (kind, Json(data)) = <(i8, Json)>::deserialize(inner)?;
        let data = data.get(BYTES).cloned().unwrap_or(data);
        Ok(json!({ "$ext": [kind, data] }))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, _: A) -> Result<Value, A::Error> {
        Err(serde::de::Error::custom("an enumeration is no value"))
    }
}

/// An object, if the keys allow it.
fn map(pairs: Vec<(Value, Value)>) -> Value {
    let mut object = Map::new();
    for (key, value) in &pairs {
        match key {
            Value::String(key) if !object.contains_key(key) => {
                object.insert(key.clone(), value.clone());
            }
            _ => {
                let pairs: Vec<Value> = pairs.into_iter().map(|(k, v)| json!([k, v])).collect();
                return json!({ "$map": pairs });
            }
        }
    }
    Value::Object(object)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(text: &str) -> Vec<u8> {
        encode(&serde_json::from_str(text).unwrap()).unwrap()
    }

    #[test]
    fn a_request_is_a_map_in_the_given_order_with_short_integers() {
        assert_eq!(
            encoded(r#"{"value": 300, "key": "k", "neg": -1, "on": true, "none": null}"#),
            b"\x85\xa5value\xcd\x01\x2c\xa3key\xa1k\xa3neg\xff\xa2on\xc3\xa4none\xc0"
        );
        assert_eq!(encoded("18446744073709551615"), b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff");
        assert_eq!(encoded("1.5"), b"\xcb\x3f\xf8\0\0\0\0\0\0");
        assert_eq!(encoded("[]"), b"\x90");
    }

    #[test]
    fn dollar_bytes_alone_in_an_object_is_bin_with_or_without_padding() {
        assert_eq!(encoded(r#"{"$bytes": "AQI="}"#), b"\xc4\x02\x01\x02");
        assert_eq!(encoded(r#"{"$bytes": "AQI"}"#), b"\xc4\x02\x01\x02");
        assert_eq!(encoded(r#"{"$bytes": "AQI=", "x": 1}"#), b"\x82\xa6$bytes\xa4AQI=\xa1x\x01");
        for wrong in [r#"{"$bytes": "!"}"#, r#"{"$bytes": 1}"#] {
            let error = encode(&serde_json::from_str(wrong).unwrap()).unwrap_err();
            assert!(error.message().contains("is no bytes"), "{error}");
        }
    }

    #[test]
    fn what_was_encoded_reads_back() {
        let text = r#"{"b":{"$bytes":"AP8="},"a":[1,-1,1.5,"x",null,false],"m":{}}"#;
        let value: Value = serde_json::from_str(text).unwrap();
        let back = decode(&encode(&value).unwrap()).unwrap();
        assert_eq!(back.to_string(), text);
    }

    #[test]
    fn what_json_has_no_form_for_becomes_an_object_with_a_dollar() {
        let cases: [(&[u8], &str); 7] = [
            (b"", "null"),
            (b"\xcb\x7f\xf0\0\0\0\0\0\0", r#"{"$float":"inf"}"#),
            (b"\xca\x7f\xc0\0\0", r#"{"$float":"NaN"}"#),
            (b"\xd4\x05\xff", r#"{"$ext":[5,"/w=="]}"#),
            (b"\x81\x01\x02", r#"{"$map":[[1,2]]}"#),
            (b"\x82\xa1k\x01\xa1k\x02", r#"{"$map":[["k",1],["k",2]]}"#),
            (b"\x81\xc4\x01a\x02", r#"{"$map":[[{"$bytes":"YQ=="},2]]}"#),
        ];
        for (payload, text) in cases {
            assert_eq!(decode(payload).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_does_not_decode_is_shown_as_bytes_and_what_is_long_is_cut() {
        assert_eq!(render(b"", 80), "empty");
        assert_eq!(render(b"\x81\xa1n\x01", 80), r#"{"n":1}"#);
        assert_eq!(render(b"\xc1", 80), "<1 byte: c1>");
        assert_eq!(render(&[0xc1; 100], 9), "<100 bytes: c1 c1 c1 ..>");
        let long = encode(&json!("x".repeat(100))).unwrap();
        assert_eq!(render(&long, 5), "\"xxxx.. (102 bytes)");
    }

    #[test]
    fn what_is_no_whole_value_is_refused() {
        for payload in [&b"\xc1"[..], b"\x92\x01", b"\x01\x02", b"\xa1\xff"] {
            decode(payload).unwrap_err();
        }
        let deep = vec![0x91; 100_000];
        decode(&deep).unwrap_err();
    }
}
