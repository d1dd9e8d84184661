//! `wasmcloud:graphdb`: graphs of nodes and relations, queried with Cypher.
//!
//! A graph begins with the first query that names it. Which graphs an actor sees is its link's to say:
//! links that lead to the same place (a server, a folder) share the graphs there.
//!
//! # A result
//!
//! Columns come first, rows by index: the values of row 3 are those at index 3 of each column. A column
//! has exactly one of three lists, by what its values are; a result without rows has no columns.
//!
//! | Cypher | in the reply |
//! |---|---|
//! | null | a scalar with nothing in it |
//! | boolean, integer (64 bits), float, string | a scalar with the one field |
//! | node | in `nodes`: its labels, sorted by bytes, and its properties |
//! | relationship | in `relations`: its type and its properties |
//! | list, map, path, temporal value, point, vector | has no place: the query fails |
//!
//! A value that has no place fails the query with an error that names the column and what it holds, also
//! as a property of a node or a relation that is returned. So does a column that holds nodes in some rows
//! and something else in others: null, for example, after `OPTIONAL MATCH`. Return parts of such values
//! (`list[0]`, `b.name`, `toString(date)`), or `UNWIND` them. Whether a query that also wrote has written
//! then is the implementation's to say.
//!
//! # Limits
//!
//! A graph's name has 1 to 64 bytes and no NUL; a query has up to 1 MiB and no NUL. A query takes no
//! parameters and is one statement. Links bound how long a query may take and how large its reply may be
//! with the values `TIMEOUT`, `MAX_ROWS` and `MAX_REPLY_BYTES`, and how many run at the same time with
//! `CONCURRENCY`.
//!
//! # What differs between databases
//!
//! Cypher is what [openCypher](https://opencypher.org) says, and every database has its own part of it.
//! The scenarios hold implementations to what applications rest on: `CREATE`, `MATCH`, `OPTIONAL MATCH`,
//! `WHERE`, `WITH`, `UNWIND`, `MERGE`, `SET`, `REMOVE`, `DELETE`, `RETURN` with `DISTINCT`, `ORDER BY`,
//! `SKIP` and `LIMIT`, paths of variable length, and the usual functions and aggregates. Each
//! implementation names what it has beside that, and where it differs.

mod meaning;
mod messages;
#[cfg(feature = "scenarios")]
pub mod scenario;

use provider_core::prelude::*;

pub use self::{
    meaning::{Limits, MAX_NAME_BYTES, MAX_QUERY_BYTES, Refusal, Table, Value, check},
    messages::{Column, DeleteResponse, Node, QueryResponse, Relation, ResultSet, Scalar},
};

/// A graph database.
#[contract("wasmcloud:graphdb")]
pub trait GraphDb {
    /// Runs a Cypher query in a graph, and returns what it returns. A graph that is not there begins
    /// with it.
    ///
    /// A query happens as a whole or not at all.
    ///
    /// The statistics are for people: what was changed, if the database counts that, and last
    /// `Query internal execution time: 0.1 ms`.
    ///
    /// # Errors
    ///
    /// *Bad request* for a name or a query that is out of bounds, *too large* for a query or a reply
    /// over its limit, *timeout* for a query that takes too long, *unavailable* when the database cannot
    /// be reached, *failed* when the database refuses the query and for a value that has no place in
    /// the reply.
    #[op(example(
        title = "a number",
        request = r#"{"graphName": "MotoGP", "query": "RETURN 46 AS number"}"#
    ))]
    fn query_graph(
        &self,
        cx: Cx<'_, Self>,
        #[arg(name = "graphName")] graph_name: String,
        query: String,
    ) -> OpResult<QueryResponse>;

    /// Deletes a graph with all that is in it. `success` is whether there was one.
    ///
    /// # Errors
    ///
    /// *Bad request* for a name that is out of bounds, *timeout* when queries are still running in the
    /// graph, *unavailable* when the database cannot be reached.
    #[op(example(
        title = "a graph that nobody has made",
        request = r#"{"graphName": "nobody-has-made-this"}"#,
        reply = r#"{"success": false}"#
    ))]
    fn delete_graph(
        &self,
        cx: Cx<'_, Self>,
        #[arg(name = "graphName")] graph_name: String,
    ) -> OpResult<DeleteResponse>;
}
