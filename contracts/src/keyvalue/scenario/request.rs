//! The requests and replies that steps are made of.

use std::{borrow::Cow, fmt::Debug};

use provider_core::codec::{self, ArgsWriter};
use serde::{Serialize, de::DeserializeOwned};

use super::names::Names;
use crate::keyvalue::{
    AddResponse, ClearResponse, DelResponse, GetResponse, ListRangeResponse, ListResponse,
    SetOperationResponse, SetQueryResponse, SetResponse,
};

/// What is sent.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) op: &'static str,
    args: Vec<(&'static str, Arg)>,
}

#[derive(Debug, Clone)]
enum Arg {
    Key(&'static str),
    Keys(Vec<&'static str>),
    Text(String),
    Number(i32),
}

impl Request {
    fn new<const N: usize>(op: &'static str, args: [(&'static str, Arg); N]) -> Self {
        Self { op, args: args.into() }
    }

    fn of_key(op: &'static str, key: &'static str) -> Self {
        Self::new(op, [("key", Arg::Key(key))])
    }

    fn of_value(op: &'static str, key: &'static str, value: &str) -> Self {
        Self::new(op, [("key", Arg::Key(key)), ("value", Arg::Text(value.into()))])
    }

    fn of_keys<const N: usize>(op: &'static str, keys: [&'static str; N]) -> Self {
        Self::new(op, [("keys", Arg::Keys(keys.into()))])
    }

    /// Whether it can be sent again without a trace.
    pub(super) fn only_reads(&self) -> bool {
        matches!(self.op, "Get" | "KeyExists")
    }

    pub(super) fn payload(&self, names: &Names) -> Vec<u8> {
        let args =
            self.args.iter().fold(
                ArgsWriter::new(self.args.len()),
                |args, (name, arg)| match arg {
                    Arg::Key(key) => args.put(name, &*names.key(key)),
                    Arg::Keys(keys) => {
                        let keys: Vec<Cow<'_, str>> =
                            keys.iter().map(|key| names.key(key)).collect();
                        args.put(name, &keys)
                    }
                    Arg::Text(text) => args.put(name, text),
                    Arg::Number(number) => args.put(name, number),
                },
            );
        args.finish().expect("strings and integers can be represented")
    }

    pub(super) fn shown(&self, names: &Names) -> String {
        let args: Vec<String> = self
            .args
            .iter()
            .map(|(_, arg)| match arg {
                Arg::Key(key) => format!("{:?}", names.key(key)),
                Arg::Keys(keys) => {
                    let keys: Vec<Cow<'_, str>> = keys.iter().map(|key| names.key(key)).collect();
                    format!("{keys:?}")
                }
                Arg::Text(text) => format!("{text:?}"),
                Arg::Number(number) => number.to_string(),
            })
            .collect();
        match &args[..] {
            [arg] => format!("{} {arg}", self.op),
            args => format!("{} ({})", self.op, args.join(", ")),
        }
    }
}

pub(super) fn get(key: &'static str) -> Request {
    Request::of_key("Get", key)
}

pub(super) fn add(key: &'static str, value: i32) -> Request {
    Request::new("Add", [("key", Arg::Key(key)), ("value", Arg::Number(value))])
}

pub(super) fn set(key: &'static str, value: &str, expires: i32) -> Request {
    let value = ("value", Arg::Text(value.into()));
    Request::new("Set", [("key", Arg::Key(key)), value, ("expires", Arg::Number(expires))])
}

pub(super) fn del(key: &'static str) -> Request {
    Request::of_key("Del", key)
}

pub(super) fn clear(key: &'static str) -> Request {
    Request::of_key("Clear", key)
}

pub(super) fn range(key: &'static str, start: i32, stop: i32) -> Request {
    let (start, stop) = (("start", Arg::Number(start)), ("stop", Arg::Number(stop)));
    Request::new("Range", [("key", Arg::Key(key)), start, stop])
}

pub(super) fn push(key: &'static str, value: &str) -> Request {
    Request::of_value("Push", key, value)
}

pub(super) fn list_item_delete(key: &'static str, value: &str) -> Request {
    Request::of_value("ListItemDelete", key, value)
}

pub(super) fn set_add(key: &'static str, value: &str) -> Request {
    Request::of_value("SetAdd", key, value)
}

pub(super) fn set_remove(key: &'static str, value: &str) -> Request {
    Request::of_value("SetRemove", key, value)
}

pub(super) fn set_union<const N: usize>(keys: [&'static str; N]) -> Request {
    Request::of_keys("SetUnion", keys)
}

pub(super) fn set_intersection<const N: usize>(keys: [&'static str; N]) -> Request {
    Request::of_keys("SetIntersection", keys)
}

pub(super) fn set_query(key: &'static str) -> Request {
    Request::of_key("SetQuery", key)
}

pub(super) fn key_exists(key: &'static str) -> Request {
    Request::of_key("KeyExists", key)
}

/// What must come back.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    content: Content,
    /// Shows a payload as this kind of reply.
    pub(super) read: fn(&[u8]) -> String,
    /// Whether an actor reads the same in both.
    pub(super) same: fn(&[u8], &[u8]) -> bool,
}

#[derive(Debug, Clone)]
enum Content {
    Bytes(Vec<u8>),
    /// Made of the key that is called so.
    OfKey(&'static str, fn(String) -> Vec<u8>),
}

fn encoded<T: Serialize>(reply: &T) -> Vec<u8> {
    codec::encode(reply).expect("strings and integers can be represented")
}

impl Reply {
    fn of<T: Serialize + DeserializeOwned + Debug + PartialEq>(reply: &T) -> Self {
        Self::with::<T>(Content::Bytes(encoded(reply)))
    }

    fn with<T: DeserializeOwned + Debug + PartialEq>(content: Content) -> Self {
        Self {
            content,
            read: |payload| match codec::decode::<T>(payload) {
                Ok(reply) => format!("{reply:?}"),
                Err(error) => format!("{payload:02x?} ({error})"),
            },
            same: |one, other| match (codec::decode::<T>(one), codec::decode::<T>(other)) {
                (Ok(one), Ok(other)) => one == other,
                _ => false,
            },
        }
    }

    pub(super) fn payload(&self, names: &Names) -> Vec<u8> {
        match &self.content {
            Content::Bytes(payload) => payload.clone(),
            Content::OfKey(key, write) => write(names.key(key).into_owned()),
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

pub(super) fn deleted(key: &'static str) -> Reply {
    Reply::with::<DelResponse>(Content::OfKey(key, |key| encoded(&DelResponse { key })))
}

pub(super) fn cleared(key: &'static str) -> Reply {
    Reply::with::<ClearResponse>(Content::OfKey(key, |key| encoded(&ClearResponse { key })))
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
