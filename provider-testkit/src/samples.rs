//! Requests of known contracts that are safe to send, and what their replies look like.

use serde_json::Value;

use crate::{
    Sample,
    wasmcloud::{self, Known, Type},
};

impl Type {
    fn fits(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Bool => value.is_boolean(),
            Self::Int => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
            Self::Texts => value.as_array().is_some_and(|items| items.iter().all(Value::is_string)),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Text => "a string",
            Self::Bool => "a boolean",
            Self::Int => "a 32-bit integer",
            Self::Texts => "an array of strings",
        }
    }
}

/// The operation with its reply, where its request is safe.
fn known(contract: &str, op: &str) -> Option<(&'static Known, &'static [(&'static str, Type)])> {
    let known = wasmcloud::contract(contract)?.op(op)?;
    Some((known, known.reply?))
}

/// A safe request of a known contract's operation. `seed` makes its keys new.
pub(crate) fn built_in(contract: &str, op: &str, seed: u64) -> Option<Sample> {
    known(contract, op).map(|(known, _)| Sample {
        request: (known.request)(&format!("testkit-{seed:016x}-{op}")),
        response: None,
    })
}

/// What is wrong with the reply of a known contract's operation, if something is.
pub(crate) fn wrong_reply(contract: &str, op: &str, reply: Option<&Value>) -> Option<String> {
    let (_, reply_fields) = known(contract, op)?;
    let Some(Value::Object(fields)) = reply else {
        return Some(format!("a map with {} is expected", shape(contract, op)));
    };
    for (name, kind) in reply_fields {
        match fields.get(*name) {
            None => return Some(format!("`{name}` is missing")),
            Some(value) if !kind.fits(value) => {
                return Some(format!("`{name}` is {value}, {} is expected", kind.name()));
            }
            Some(_) => {}
        }
    }
    None
}

/// The shape of the reply of a known contract's operation.
pub(crate) fn shape(contract: &str, op: &str) -> String {
    let Some((_, fields)) = known(contract, op) else {
        return String::new();
    };
    let fields: Vec<String> =
        fields.iter().map(|(name, kind)| format!("`{name}`: {}", kind.name())).collect();
    fields.join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::wasmcloud::KEYVALUE;

    #[test]
    fn replies_are_held_against_the_contract() {
        let wrong = |op, reply: Value| wrong_reply(KEYVALUE, op, Some(&reply));
        assert_eq!(wrong("Get", json!({"value": "", "exists": false})), None);
        assert_eq!(
            wrong("Get", json!({"value": "", "exist": false})).unwrap(),
            "`exists` is missing"
        );
        assert_eq!(
            wrong("Add", json!({"value": "5"})).unwrap(),
            "`value` is \"5\", a 32-bit integer is expected"
        );
        assert!(wrong("SetQuery", json!({"values": [1]})).is_some());
        assert!(wrong("SetQuery", json!([])).unwrap().contains("a map"));
        assert_eq!(wrong_reply("x:y", "Get", None), None);
    }

    #[test]
    fn keys_are_new_each_time() {
        let first = built_in(KEYVALUE, "Get", 1).unwrap();
        assert_ne!(first, built_in(KEYVALUE, "Get", 2).unwrap());
        assert!(built_in(KEYVALUE, "Nonsense", 1).is_none());
    }
}
