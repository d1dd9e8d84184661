//! What travels.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One value. With nothing in it, it is null.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Scalar {
    /// A boolean.
    pub bool_value: Option<bool>,
    /// An integer.
    pub int_value: Option<i64>,
    /// A floating-point number.
    pub double_value: Option<f64>,
    /// A string.
    pub string_value: Option<String>,
}

impl From<bool> for Scalar {
    fn from(value: bool) -> Self {
        Self { bool_value: Some(value), ..Self::default() }
    }
}

impl From<i64> for Scalar {
    fn from(value: i64) -> Self {
        Self { int_value: Some(value), ..Self::default() }
    }
}

impl From<f64> for Scalar {
    fn from(value: f64) -> Self {
        Self { double_value: Some(value), ..Self::default() }
    }
}

impl From<String> for Scalar {
    fn from(value: String) -> Self {
        Self { string_value: Some(value), ..Self::default() }
    }
}

impl From<&str> for Scalar {
    fn from(value: &str) -> Self {
        value.to_owned().into()
    }
}

/// A node.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Its labels, sorted by bytes.
    pub labels: Vec<String>,
    /// Its properties by their names. None of them is null.
    pub properties: BTreeMap<String, Scalar>,
}

/// A relation between two nodes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Relation {
    /// Its type.
    pub type_name: String,
    /// Its properties by their names. None of them is null.
    pub properties: BTreeMap<String, Scalar>,
}

/// A column of a result: one of the three lists is there, with a value for each row.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// The values of a column of scalars.
    pub scalars: Option<Vec<Scalar>>,
    /// The values of a column of nodes.
    pub nodes: Option<Vec<Node>>,
    /// The values of a column of relations.
    pub relations: Option<Vec<Relation>>,
}

/// What a query returned.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ResultSet {
    /// The columns, in the order of `RETURN`; none when there are no rows.
    pub columns: Vec<Column>,
    /// What was done, for people.
    pub statistics: Vec<String>,
}

/// What `QueryGraph` returns.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QueryResponse {
    /// What the query returned.
    pub result_set: ResultSet,
}

/// What `DeleteGraph` returns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteResponse {
    /// Whether there was such a graph, which is gone now.
    pub success: bool,
}
