//! `wasmcloud:keyvalue`: strings, lists and sets under keys.

mod meaning;
mod messages;
#[cfg(feature = "scenarios")]
pub mod scenario;

use provider_core::prelude::*;

pub use self::{
    meaning::{Holds, Refusal, add, range},
    messages::{
        AddResponse, ClearResponse, DelResponse, GetResponse, ListRangeResponse, ListResponse,
        SetOperationResponse, SetQueryResponse, SetResponse,
    },
};

/// A key-value store: a key holds a string, a list of strings or a set of strings.
///
/// Each linked actor has a namespace of its own, unless its link value `NAMESPACE` names one: actors
/// whose links name the same namespace share it. An empty name names nothing.
///
/// A key comes to hold what the first operation on it makes, and holds that until it is deleted,
/// overwritten with `Set`, or empty: a list or a set without items is a missing key. An operation
/// that wants another type than the key holds fails and changes nothing; its error is of kind
/// [`Failed`](ErrorKind::Failed), as is that of every other [`Refusal`]. A missing key is an empty
/// list, an empty set and the number 0.
///
/// Each operation happens at once or not at all: no other call sees half of it.
#[expect(
    clippy::missing_errors_doc,
    reason = "what is refused is said once, above, and where an operation adds to it"
)]
#[contract("wasmcloud:keyvalue")]
pub trait KeyValue {
    /// The string that a key holds, and whether there is one. A missing key is the empty string that
    /// does not exist.
    #[op(
        idempotent,
        example(
            title = "a missing key",
            request = r#"{"key": "nobody-has-set-this"}"#,
            reply = r#"{"value": "", "exists": false}"#
        )
    )]
    fn get(&self, cx: Cx<'_, Self>, key: String) -> OpResult<GetResponse>;

    /// Adds `value` to the number that a key holds, and returns the total.
    ///
    /// A number is a string of decimal digits with or without a sign that fits 32 bits. A missing key
    /// counts from 0. The total is stored in its shortest form and the key keeps its expiry. A string
    /// that is no number and a total that does not fit are refused and change nothing.
    fn add(&self, cx: Cx<'_, Self>, key: String, value: i32) -> OpResult<AddResponse>;

    /// Sets a key to a string, whatever it held, and returns the string.
    ///
    /// The key expires `expires` seconds from now and is then gone for every operation; 0 or less
    /// means never. An expiry that the key had before is forgotten.
    #[op(
        idempotent,
        example(
            title = "forever",
            request = r#"{"key": "greeting", "value": "hello", "expires": 0}"#,
            reply = r#"{"value": "hello"}"#
        )
    )]
    fn set(
        &self,
        cx: Cx<'_, Self>,
        key: String,
        value: String,
        expires: i32,
    ) -> OpResult<SetResponse>;

    /// Deletes a key, whatever it holds, and returns the key, also when it was missing.
    #[op(idempotent)]
    fn del(&self, cx: Cx<'_, Self>, key: String) -> OpResult<DelResponse>;

    /// Empties a list and returns its key, also when it was missing.
    #[op(idempotent)]
    fn clear(&self, cx: Cx<'_, Self>, key: String) -> OpResult<ClearResponse>;

    /// The items of a list from position `start` to position `stop`, both included.
    ///
    /// The head is position 0; negative positions count from the end, -1 being the last item.
    /// Positions outside the list are clamped to it, and nothing lies between a start and a stop that
    /// comes before it.
    #[op(idempotent)]
    fn range(
        &self,
        cx: Cx<'_, Self>,
        key: String,
        start: i32,
        stop: i32,
    ) -> OpResult<ListRangeResponse>;

    /// Adds an item at the head of a list and returns the list's new length.
    fn push(&self, cx: Cx<'_, Self>, key: String, value: String) -> OpResult<ListResponse>;

    /// Removes every item that equals `value` from a list, and returns how many those were.
    fn list_item_delete(
        &self,
        cx: Cx<'_, Self>,
        key: String,
        value: String,
    ) -> OpResult<ListResponse>;

    /// Adds a member to a set and returns how many members came: 0 when it was there, else 1.
    fn set_add(
        &self,
        cx: Cx<'_, Self>,
        key: String,
        value: String,
    ) -> OpResult<SetOperationResponse>;

    /// Removes a member from a set and returns how many members went: 0 when it was not there,
    /// else 1.
    fn set_remove(
        &self,
        cx: Cx<'_, Self>,
        key: String,
        value: String,
    ) -> OpResult<SetOperationResponse>;

    /// What is a member of any of the sets, sorted by bytes. No sets at all have no members.
    #[op(
        idempotent,
        example(title = "no sets", request = r#"{"keys": []}"#, reply = r#"{"values": []}"#)
    )]
    fn set_union(&self, cx: Cx<'_, Self>, keys: Vec<String>) -> OpResult<SetQueryResponse>;

    /// What is a member of all of the sets, sorted by bytes. No sets at all have no members.
    #[op(idempotent)]
    fn set_intersection(&self, cx: Cx<'_, Self>, keys: Vec<String>) -> OpResult<SetQueryResponse>;

    /// The members of a set, sorted by bytes.
    #[op(idempotent)]
    fn set_query(&self, cx: Cx<'_, Self>, key: String) -> OpResult<SetQueryResponse>;

    /// Whether there is a key, whatever it holds. The reply's `value` is empty always.
    #[op(idempotent)]
    fn key_exists(&self, cx: Cx<'_, Self>, key: String) -> OpResult<GetResponse>;
}
