//! `wasmcloud:graphdb` with graphs in memory.

use std::{
    collections::{BTreeMap, HashMap, hash_map::Entry},
    sync::{Mutex, PoisonError},
    time::Instant,
};

use graphdblite::{Database, Properties, Record, Value as Found};
use provider_contracts::graphdb::{
    Column, DeleteResponse, GraphDb, Limits, Node, QueryResponse, Relation, Scalar, Table, Value,
    check,
};
use provider_core::prelude::*;

use crate::has;

const LIMITS: Limits = Limits { rows: 1000, bytes: 1 << 20 };

/// Graphs of each link's own.
#[derive(Debug)]
pub struct Graphs;

/// A link's graphs, by name.
#[derive(Default)]
pub struct Open(Mutex<HashMap<String, Database>>);

impl std::fmt::Debug for Open {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Open").finish_non_exhaustive()
    }
}

impl Provider for Graphs {
    type Link = Open;

    fn link(&self, _config: &LinkConfig) -> Result<Open, BoxError> {
        Ok(Open::default())
    }
}

impl GraphDb for Graphs {
    fn query_graph(
        &self,
        cx: Cx<'_, Self>,
        graph_name: String,
        mut query: String,
    ) -> OpResult<QueryResponse> {
        let began = Instant::now();
        if !has("graphdb-no-bounds") {
            check(&graph_name, Some(&query))?;
        }
        if has("graphdb-limit-ignored") {
            query = query.replace("LIMIT 1", "");
        }
        let name = if has("graphdb-one-graph") { String::new() } else { graph_name };
        let mut graphs = cx.link().0.lock().unwrap_or_else(PoisonError::into_inner);
        let graph = match graphs.entry(name) {
            Entry::Occupied(graph) => graph.into_mut(),
            Entry::Vacant(place) => place.insert(Database::open_memory()?),
        };
        if has("graphdb-deletes-no-nodes") && query.contains("DETACH DELETE") {
            query = "UNWIND [] AS x RETURN x".into();
        }
        // The engine takes its time for blanks when it is not optimised.
        let rows = match graph.execute(query.trim_end()) {
            Err(_) if has("graphdb-errors-are-empty") => Vec::new(),
            rows => rows?,
        };
        let empty = rows.is_empty();
        let mut reply = table(rows)?.reply(Vec::new(), began.elapsed());
        let columns = &mut reply.result_set.columns;
        if has("graphdb-rows-first") {
            *columns = rows_first(columns);
        }
        if has("graphdb-empty-column") && empty {
            columns.push(Column { scalars: Some(Vec::new()), ..Column::default() });
        }
        Ok(reply)
    }

    fn delete_graph(&self, cx: Cx<'_, Self>, graph_name: String) -> OpResult<DeleteResponse> {
        check(&graph_name, None)?;
        let name = if has("graphdb-one-graph") { String::new() } else { graph_name };
        let mut graphs = cx.link().0.lock().unwrap_or_else(PoisonError::into_inner);
        let there = graphs.remove(&name).is_some();
        Ok(DeleteResponse { success: there || has("graphdb-delete-always-succeeds") })
    }
}

fn table(rows: Vec<Record>) -> Result<Table, BoxError> {
    let of_nodes: Vec<bool> = rows.first().map_or_else(Vec::new, |row| {
        (0..row.len())
            .map(|index| {
                let mut column = rows.iter().filter_map(|row| row.value_at(index));
                column.any(|found| matches!(found, Found::Node(_)))
            })
            .collect()
    });
    let mut table = Table::new(LIMITS);
    for row in rows {
        let cells = row.iter().zip(&of_nodes).map(|((name, found), of_nodes)| {
            let value = match value(found.clone()) {
                Ok(Value::Scalar(scalar))
                    if has("graphdb-null-is-a-node")
                        && *of_nodes
                        && scalar == Scalar::default() =>
                {
                    Ok(Value::Node(Node::default()))
                }
                Err(_) if has("graphdb-list-is-null") => Ok(Value::Scalar(Scalar::default())),
                value => value,
            };
            (name.as_str(), value)
        });
        table.row(cells)?;
    }
    Ok(table)
}

/// The same the other way round, where all of it is scalars.
fn rows_first(columns: &[Column]) -> Vec<Column> {
    let all: Option<Vec<&Vec<Scalar>>> =
        columns.iter().map(|column| column.scalars.as_ref()).collect();
    let Some(all) = all else { return columns.to_vec() };
    let rows = 0..all.first().map_or(0, |column| column.len());
    rows.map(|row| {
        let scalars = all.iter().filter_map(|column| column.get(row).cloned()).collect();
        Column { scalars: Some(scalars), ..Column::default() }
    })
    .collect()
}

fn value(found: Found) -> Result<Value, String> {
    Ok(match found {
        Found::Node(node) => {
            let labels = if has("graphdb-labels-lost") { Vec::new() } else { node.labels };
            Value::Node(Node { labels, properties: properties("a node", node.properties)? })
        }
        Found::Edge(edge) => {
            let type_name = if has("graphdb-types-lost") { String::new() } else { edge.label };
            let properties = properties("a relation", edge.properties)?;
            Value::Relation(Relation { type_name, properties })
        }
        found => Value::Scalar(scalar(found)?),
    })
}

fn scalar(found: Found) -> Result<Scalar, &'static str> {
    Ok(match found {
        Found::Null if has("graphdb-null-is-empty") => "".into(),
        Found::Null => Scalar::default(),
        Found::Bool(value) => value.into(),
        Found::I64(value) => value.into(),
        Found::F64(value) => value.into(),
        Found::String(value) => value.into(),
        Found::List(_) => return Err("a list"),
        Found::Map(_) => return Err("a map"),
        Found::Path(_) => return Err("a path"),
        Found::Date(_) => return Err("a date"),
        _ => return Err("a value of another type"),
    })
}

fn properties(of: &str, found: Properties) -> Result<BTreeMap<String, Scalar>, String> {
    let scalars = found.into_iter().map(|(name, value)| match scalar(value) {
        Ok(value) => Ok((name, value)),
        Err(what) => Err(format!("{of} whose property `{name}` is {what}")),
    });
    scalars.collect()
}
