//! The requests and replies that steps are made of.

use std::fmt::Debug;

use provider_core::codec::{self, ArgsWriter};
use serde::{Serialize, de::DeserializeOwned};

use crate::keyvalue::{
    AddResponse, ClearResponse, DelResponse, GetResponse, ListRangeResponse, ListResponse,
    SetOperationResponse, SetQueryResponse, SetResponse,
};

/// What is sent.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) op: &'static str,
    pub(super) payload: Vec<u8>,
    pub(super) shown: String,
}

impl Request {
    fn new(op: &'static str, args: ArgsWriter, shown: impl Debug) -> Self {
        Self {
            op,
            payload: args.finish().expect("strings and integers can be represented"),
            shown: format!("{op} {shown:?}"),
        }
    }

    fn of_key(op: &'static str, key: &str) -> Self {
        Self::new(op, ArgsWriter::new(1).put("key", key), key)
    }

    fn of_value<T: Serialize + Debug>(op: &'static str, key: &str, value: T) -> Self {
        let args = ArgsWriter::new(2).put("key", key).put("value", &value);
        Self::new(op, args, (key, value))
    }

    fn of_keys<const N: usize>(op: &'static str, keys: [&str; N]) -> Self {
        Self::new(op, ArgsWriter::new(1).put("keys", keys.as_slice()), keys)
    }
}

pub(super) fn get(key: &str) -> Request {
    Request::of_key("Get", key)
}

pub(super) fn add(key: &str, value: i32) -> Request {
    Request::of_value("Add", key, value)
}

pub(super) fn set(key: &str, value: &str, expires: i32) -> Request {
    let args = ArgsWriter::new(3).put("key", key).put("value", value).put("expires", &expires);
    Request::new("Set", args, (key, value, expires))
}

pub(super) fn del(key: &str) -> Request {
    Request::of_key("Del", key)
}

pub(super) fn clear(key: &str) -> Request {
    Request::of_key("Clear", key)
}

pub(super) fn range(key: &str, start: i32, stop: i32) -> Request {
    let args = ArgsWriter::new(3).put("key", key).put("start", &start).put("stop", &stop);
    Request::new("Range", args, (key, start, stop))
}

pub(super) fn push(key: &str, value: &str) -> Request {
    Request::of_value("Push", key, value)
}

pub(super) fn list_item_delete(key: &str, value: &str) -> Request {
    Request::of_value("ListItemDelete", key, value)
}

pub(super) fn set_add(key: &str, value: &str) -> Request {
    Request::of_value("SetAdd", key, value)
}

pub(super) fn set_remove(key: &str, value: &str) -> Request {
    Request::of_value("SetRemove", key, value)
}

pub(super) fn set_union<const N: usize>(keys: [&str; N]) -> Request {
    Request::of_keys("SetUnion", keys)
}

pub(super) fn set_intersection<const N: usize>(keys: [&str; N]) -> Request {
    Request::of_keys("SetIntersection", keys)
}

pub(super) fn set_query(key: &str) -> Request {
    Request::of_key("SetQuery", key)
}

pub(super) fn key_exists(key: &str) -> Request {
    Request::of_key("KeyExists", key)
}

/// What must come back, byte for byte.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub(super) payload: Vec<u8>,
    /// Shows a payload as this kind of reply.
    pub(super) read: fn(&[u8]) -> String,
}

impl Reply {
    fn of<T: Serialize + DeserializeOwned + Debug>(reply: &T) -> Self {
        Self {
            payload: codec::encode(reply).expect("strings and integers can be represented"),
            read: |payload| match codec::decode::<T>(payload) {
                Ok(reply) => format!("{reply:?}"),
                Err(error) => format!("{payload:02x?} ({error})"),
            },
        }
    }
}

pub(super) fn found(value: &str) -> Reply {
    let value = value.into();
    Reply::of(&GetResponse { value, exists: true })
}

pub(super) fn exists(exists: bool) -> Reply {
    let value = String::new();
    Reply::of(&GetResponse { value, exists })
}

pub(super) fn missing() -> Reply {
    exists(false)
}

pub(super) fn total(value: i32) -> Reply {
    Reply::of(&AddResponse { value })
}

pub(super) fn was_set(value: &str) -> Reply {
    let value = value.into();
    Reply::of(&SetResponse { value })
}

pub(super) fn deleted(key: &str) -> Reply {
    Reply::of(&DelResponse { key: key.into() })
}

pub(super) fn cleared(key: &str) -> Reply {
    Reply::of(&ClearResponse { key: key.into() })
}

pub(super) fn items<const N: usize>(values: [&str; N]) -> Reply {
    let values = values.map(String::from).into();
    Reply::of(&ListRangeResponse { values })
}

pub(super) fn count(new_count: i32) -> Reply {
    Reply::of(&ListResponse { new_count })
}

pub(super) fn changed(new_count: i32) -> Reply {
    Reply::of(&SetOperationResponse { new_count })
}

pub(super) fn members<const N: usize>(values: [&str; N]) -> Reply {
    let values = values.map(String::from).into();
    Reply::of(&SetQueryResponse { values })
}
