//! From the client's values to the contract's.

use std::collections::{BTreeMap, HashMap};

use falkordb::FalkorValue as Found;
use provider_contracts::graphdb::{Node, Relation, Scalar, Value};

/// The value, or what is there that has no place in a reply.
pub(crate) fn value(found: Found) -> Result<Value, String> {
    Ok(match found {
        Found::Node(node) => {
            let properties = properties("a node", node.properties)?;
            Value::Node(Node { labels: node.labels, properties })
        }
        Found::Edge(edge) => {
            let properties = properties("a relation", edge.properties)?;
            Value::Relation(Relation { type_name: edge.relationship_type, properties })
        }
        other => Value::Scalar(scalar(other)?),
    })
}

fn scalar(found: Found) -> Result<Scalar, &'static str> {
    Ok(match found {
        Found::None => Scalar::default(),
        Found::Bool(value) => value.into(),
        Found::I64(value) => value.into(),
        Found::F64(value) => value.into(),
        Found::String(value) => value.into(),
        Found::Array(_) => return Err("a list"),
        Found::Map(_) => return Err("a map"),
        Found::Path(_) => return Err("a path"),
        Found::Node(_) => return Err("a node"),
        Found::Edge(_) => return Err("a relation"),
        Found::Date(_) => return Err("a date"),
        Found::Time(_) => return Err("a time"),
        Found::DateTime(_) => return Err("a date with a time"),
        Found::Duration(_) => return Err("a duration"),
        Found::Point(_) => return Err("a point"),
        Found::Vec32(_) => return Err("a vector"),
        _ => return Err("a value of another type"),
    })
}

fn properties(of: &str, found: HashMap<String, Found>) -> Result<BTreeMap<String, Scalar>, String> {
    found
        .into_iter()
        .map(|(name, value)| match scalar(value) {
            Ok(value) => Ok((name, value)),
            Err(what) => Err(format!("{of} whose property `{name}` is {what}")),
        })
        .collect()
}
