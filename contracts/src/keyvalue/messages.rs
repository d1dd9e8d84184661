//! The replies. Names are as irregular as they were in 2021: the bytes count.

use serde::{Deserialize, Serialize};

/// What `Get` and `KeyExists` return.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetResponse {
    /// The string that the key holds; empty for a missing key and in the reply of `KeyExists`.
    pub value: String,
    /// Whether the key exists.
    pub exists: bool,
}

/// What `Add` returns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddResponse {
    /// The total.
    pub value: i32,
}

/// What `Set` returns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetResponse {
    /// What the key holds now.
    pub value: String,
}

/// What `Del` returns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelResponse {
    /// The key that is gone.
    pub key: String,
}

/// What `Clear` returns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClearResponse {
    /// The key of the list that is empty.
    pub key: String,
}

/// What `Range` returns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListRangeResponse {
    /// The items, from the head on.
    pub values: Vec<String>,
}

/// What `Push` and `ListItemDelete` return.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListResponse {
    /// `Push`: the list's new length. `ListItemDelete`: how many items went.
    #[serde(rename = "newCount")]
    pub new_count: i32,
}

/// What `SetAdd` and `SetRemove` return.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetOperationResponse {
    /// How many members came or went. In this reply it is `new_count` on the wire.
    pub new_count: i32,
}

/// What `SetUnion`, `SetIntersection` and `SetQuery` return.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetQueryResponse {
    /// The members, sorted by bytes.
    pub values: Vec<String>,
}
