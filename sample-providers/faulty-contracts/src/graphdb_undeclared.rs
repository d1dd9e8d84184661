//! `wasmcloud:graphdb` for queries that need no graph, with one of its operations declared.

use provider_core::prelude::*;
use serde::{Deserialize, Serialize};

/// One value of a result.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Scalar {
    /// An integer.
    pub int_value: Option<i64>,
    /// A string.
    pub string_value: Option<String>,
}

/// A column of a result.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Column {
    /// Its values.
    pub scalars: Option<Vec<Scalar>>,
}

/// What a query finds.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct ResultSet {
    /// Its columns.
    pub columns: Vec<Column>,
    /// How it was found.
    pub statistics: Vec<String>,
}

/// What `QueryGraph` returns.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QueryResponse {
    /// What was found.
    pub result_set: ResultSet,
}

/// What `DeleteGraph` returns.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct DeleteResponse {
    /// Whether it is gone.
    pub success: bool,
}

/// Graphs and queries.
#[contract("wasmcloud:graphdb")]
pub trait Graphs {
    /// Runs a query.
    fn query_graph(
        &self,
        cx: Cx<'_, Self>,
        #[arg(name = "graphName")] graph_name: String,
        query: String,
    ) -> OpResult<QueryResponse>;

    /// Deletes a graph. The library does not declare it.
    fn delete_graph(
        &self,
        cx: Cx<'_, Self>,
        #[arg(name = "graphName")] graph_name: String,
    ) -> OpResult<DeleteResponse>;
}

/// A database without graphs: it can return an integer.
#[derive(Debug, Default)]
pub struct Empty;

impl Provider for Empty {
    type Link = ();

    fn link(&self, _config: &LinkConfig) -> Result<(), BoxError> {
        Ok(())
    }
}

impl Graphs for Empty {
    fn query_graph(
        &self,
        _cx: Cx<'_, Self>,
        _graph_name: String,
        query: String,
    ) -> OpResult<QueryResponse> {
        let number = query.strip_prefix("RETURN ").and_then(|number| number.parse().ok());
        let number = number.ok_or("only `RETURN` and an integer is understood")?;
        let scalar = Scalar { int_value: Some(number), string_value: None };
        let column = Column { scalars: Some(vec![scalar]) };
        let result_set = ResultSet { columns: vec![column], statistics: Vec::new() };
        Ok(QueryResponse { result_set })
    }

    fn delete_graph(&self, _cx: Cx<'_, Self>, _graph_name: String) -> OpResult<DeleteResponse> {
        Ok(DeleteResponse { success: true })
    }
}
