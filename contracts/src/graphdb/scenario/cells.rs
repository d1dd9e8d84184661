//! The columns that scenarios expect, as they are written there.

use crate::graphdb::{Column, Node, Relation, Scalar};

pub(super) const NULL: Scalar =
    Scalar { bool_value: None, int_value: None, double_value: None, string_value: None };

pub(super) fn scalars(values: impl Into<Vec<Scalar>>) -> Column {
    Column { scalars: Some(values.into()), ..Column::default() }
}

/// A row of scalars, each a column of its own.
pub(super) fn row(values: impl Into<Vec<Scalar>>) -> Vec<Column> {
    values.into().into_iter().map(|value| scalars([value])).collect()
}

pub(super) fn ints<const N: usize>(values: [i64; N]) -> Column {
    scalars(values.map(Scalar::from))
}

pub(super) fn texts<const N: usize>(values: [&str; N]) -> Column {
    scalars(values.map(Scalar::from))
}

pub(super) fn nodes(values: impl Into<Vec<Node>>) -> Column {
    Column { nodes: Some(values.into()), ..Column::default() }
}

pub(super) fn relations(values: impl Into<Vec<Relation>>) -> Column {
    Column { relations: Some(values.into()), ..Column::default() }
}

pub(super) fn node<const L: usize, const P: usize>(
    labels: [&str; L],
    properties: [(&str, Scalar); P],
) -> Node {
    let properties = properties.map(|(name, value)| (name.to_owned(), value)).into();
    Node { labels: labels.map(String::from).into(), properties }
}

pub(super) fn relation<const P: usize>(
    type_name: &str,
    properties: [(&str, Scalar); P],
) -> Relation {
    let properties = properties.map(|(name, value)| (name.to_owned(), value)).into();
    Relation { type_name: type_name.into(), properties }
}
