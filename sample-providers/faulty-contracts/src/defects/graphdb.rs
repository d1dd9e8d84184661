//! `wasmcloud:graphdb`.

use faulty_defects::{Defect, Made};

const fn of(example: &'static str) -> Defect {
    Defect { verdict: "fail", made: Made::Example { example }, ..Defect::BLANK }
}

/// A query's reply is wrong.
const QUERY: Defect = Defect { last: "QueryGraph", ..of("graphdb") };

pub(super) const DEFECTS: &[Defect] = &[
    Defect {
        name: "graphdb-answers-undeclared",
        what: "answers `DeleteGraph`, which it does not declare",
        red: &["contract::undeclared"],
        last: "DeleteGraph",
        ..of("graphdb_undeclared")
    },
    Defect {
        name: "graphdb-rows-first",
        what: "sends rows as columns",
        red: &["graphdb::columns-first"],
        ..QUERY
    },
    Defect {
        name: "graphdb-null-is-empty",
        what: "sends null as an empty string",
        red: &["graphdb::scalars"],
        ..QUERY
    },
    Defect {
        name: "graphdb-empty-column",
        what: "sends a column without values for a result without rows",
        red: &["graphdb::no-rows"],
        ..QUERY
    },
    Defect {
        name: "graphdb-labels-lost",
        what: "sends nodes without their labels",
        red: &["graphdb::nodes"],
        ..QUERY
    },
    Defect {
        name: "graphdb-types-lost",
        what: "sends relations without their type",
        red: &["graphdb::relations"],
        ..QUERY
    },
    Defect {
        name: "graphdb-list-is-null",
        what: "sends null for what has no place in a reply",
        red: &["graphdb::no-place"],
        ..QUERY
    },
    Defect {
        name: "graphdb-null-is-a-node",
        what: "sends a node with nothing in it for a null among nodes",
        red: &["graphdb::one-kind"],
        ..QUERY
    },
    Defect {
        name: "graphdb-errors-are-empty",
        what: "answers a query that the database refuses with an empty result",
        red: &["graphdb::refused"],
        ..QUERY
    },
    Defect {
        name: "graphdb-no-bounds",
        what: "looks at neither names nor queries",
        red: &["graphdb::bounds"],
        ..QUERY
    },
    Defect {
        name: "graphdb-one-graph",
        what: "has one graph for all names",
        red: &["graphdb::apart"],
        ..QUERY
    },
    Defect {
        name: "graphdb-delete-always-succeeds",
        what: "says of every graph that it was there and is deleted",
        red: &["graphdb::deleted"],
        last: "DeleteGraph",
        ..of("graphdb")
    },
    Defect {
        name: "graphdb-limit-ignored",
        what: "returns more rows than `LIMIT` says",
        red: &["graphdb::reading"],
        ..QUERY
    },
    Defect {
        name: "graphdb-deletes-no-nodes",
        what: "answers `DETACH DELETE` and does nothing",
        red: &["graphdb::writing"],
        ..QUERY
    },
];
