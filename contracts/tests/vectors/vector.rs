//! A row of the vectors: bytes that a crate of 2021 made, and what they mean.

use std::sync::{Arc, Mutex};

use provider_core::{BoxError, Dispatcher, codec};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

pub(crate) const VECTORS: &str = include_str!("../../vectors/golden-vectors.json");

#[derive(Deserialize)]
pub(crate) struct File {
    pub(crate) vectors: Vec<Vector>,
}

#[derive(Deserialize)]
pub(crate) struct Vector {
    pub(crate) contract: String,
    pub(crate) hex: String,
    pub(crate) json: Value,
    pub(crate) name: String,
    pub(crate) op: String,
    pub(crate) role: String,
    pub(crate) r#type: String,
}

impl Vector {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let digits = self.hex.as_bytes();
        assert!(digits.len().is_multiple_of(2), "{}", self.name);
        digits
            .chunks(2)
            .map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    /// The bytes mean the JSON, and the JSON is written as these bytes.
    pub(crate) fn holds_for<T: Serialize + DeserializeOwned>(&self) {
        let (name, bytes) = (&self.name, self.bytes());
        let decoded: T = codec::decode(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(serde_json::to_value(&decoded).unwrap(), self.json, "{name}");
        let value: T = serde_json::from_value(self.json.clone()).unwrap();
        assert_eq!(codec::encode(&value).unwrap(), bytes, "{name}");
    }

    pub(crate) fn string(&self, key: &str) -> String {
        self.json[key].as_str().unwrap().into()
    }

    pub(crate) fn integer(&self, key: &str) -> i32 {
        self.json[key].as_i64().unwrap().try_into().unwrap()
    }
}

pub(crate) fn vectors(of: &str) -> Vec<Vector> {
    let file: File = serde_json::from_str(VECTORS).unwrap();
    file.vectors.into_iter().filter(|vector| vector.contract == of).collect()
}

/// Operation and payload.
pub(crate) type Called = (String, Vec<u8>);

/// Keeps the last call that came.
#[derive(Clone, Default)]
pub(crate) struct Recording(pub(crate) Arc<Mutex<Option<Called>>>);

impl Dispatcher for Recording {
    fn dispatch(&self, _actor: &str, op: &str, msg: &[u8]) -> Result<Vec<u8>, BoxError> {
        *self.0.lock().unwrap() = Some((op.into(), msg.into()));
        Err("recorded".into())
    }
}
