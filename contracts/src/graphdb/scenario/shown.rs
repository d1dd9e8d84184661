//! Results for people, nearly as Cypher writes them.

use std::collections::BTreeMap;

use crate::graphdb::{Column, Scalar};

/// Columns, each with its values.
pub(super) fn columns(columns: &[Column]) -> String {
    let all: Vec<String> = columns.iter().map(column).collect();
    if all.is_empty() { "no columns".into() } else { format!("columns {}", all.join(" ")) }
}

fn column(column: &Column) -> String {
    let mut lists = Vec::new();
    if let Some(values) = &column.scalars {
        lists.push(values.iter().map(scalar).collect());
    }
    if let Some(nodes) = &column.nodes {
        let node = |labels: &[String], found| format!("({}{})", names(labels), properties(found));
        lists.push(nodes.iter().map(|found| node(&found.labels, &found.properties)).collect());
    }
    if let Some(relations) = &column.relations {
        let relations = relations.iter();
        lists.push(
            relations
                .map(|found| format!("[:{}{}]", found.type_name, properties(&found.properties)))
                .collect::<Vec<_>>(),
        );
    }
    let lists: Vec<String> = lists.iter().map(|list| format!("[{}]", list.join(", "))).collect();
    if lists.is_empty() { "nothing".into() } else { lists.join(" and ") }
}

fn names(labels: &[String]) -> String {
    labels.iter().flat_map(|label| [":", label]).collect()
}

fn properties(found: &BTreeMap<String, Scalar>) -> String {
    let all: Vec<String> =
        found.iter().map(|(name, value)| format!("{name}: {}", scalar(value))).collect();
    if all.is_empty() { String::new() } else { format!(" {{{}}}", all.join(", ")) }
}

fn scalar(value: &Scalar) -> String {
    let fields = [
        value.bool_value.map(|value| value.to_string()),
        value.int_value.map(|value| value.to_string()),
        value.double_value.map(|value| format!("{value:?}")),
        value.string_value.as_ref().map(|value| format!("{value:?}")),
    ];
    let fields: Vec<String> = fields.into_iter().flatten().collect();
    if fields.is_empty() { "null".into() } else { fields.join(" and ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphdb::scenario::cells::{NULL, node, nodes, relation, relations, scalars};

    #[test]
    fn a_result_is_shown_nearly_as_cypher_writes_it() {
        let shown = columns(&[
            scalars([true.into(), 1.into(), 2.0.into(), "a".into(), NULL]),
            nodes([node(["A", "B"], [("k", 1.into())]), node([], [])]),
            relations([relation("R", [("w", 1.into())])]),
            Column::default(),
        ]);
        assert_eq!(
            shown,
            "columns [true, 1, 2.0, \"a\", null] [(:A:B {k: 1}), ()] [[:R {w: 1}]] nothing"
        );
        assert_eq!(columns(&[]), "no columns");
    }
}
