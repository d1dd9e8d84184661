//! The list.

use provider_core::ErrorKind;

use super::{
    Scenario,
    cells::{NULL, ints, node, nodes, relation, relations, row, scalars, texts},
};
use crate::graphdb::MAX_QUERY_BYTES;

/// Every pinned rule of the contract, one scenario each.
#[must_use]
pub fn pinned() -> Vec<Scenario> {
    vec![
        columns_come_first(),
        each_scalar_has_its_field(),
        a_node_has_labels_and_properties(),
        a_relation_has_a_type_and_properties(),
        no_rows_have_no_columns(),
        what_has_no_place_is_refused(),
        a_column_is_of_one_kind(),
        a_refused_query_changes_nothing(),
        names_and_queries_have_bounds(),
        graphs_are_apart(),
        a_deleted_graph_is_gone(),
        queries_read(),
        queries_write(),
    ]
}

fn columns_come_first() -> Scenario {
    Scenario::new(
        "columns-first",
        "columns come first, rows by index",
        "Columns come first, rows by index: the values of row 3 are those at index 3 of each \
         column.",
        "An actor that reads a table the other way round takes one person's name for another \
         one's.",
    )
    .query("RETURN 1 AS a, 2 AS b, 3 AS c", row([1.into(), 2.into(), 3.into()]))
    .query(
        "UNWIND [3, 1, 2] AS x RETURN x, x * 10 AS y ORDER BY x",
        [ints([1, 2, 3]), ints([10, 20, 30])],
    )
    .query(
        "UNWIND ['b', 'a'] AS x RETURN 1 AS one, x ORDER BY x",
        [ints([1, 1]), texts(["a", "b"])],
    )
}

fn each_scalar_has_its_field() -> Scenario {
    Scenario::new(
        "scalars",
        "a scalar has one field, null has none",
        "Null is a scalar with nothing in it; a boolean, an integer of 64 bits, a float and a string \
         are a scalar with the one field.",
        "An actor tells by the field what it has. Where null is an empty string or 1.0 an integer, it \
         computes with what was never there.",
    )
    .query(
        "RETURN true AS a, false AS b, null AS c, 1.5 AS d, 2.0 AS e, '' AS f, 'x' AS g",
        row([true.into(), false.into(), NULL, 1.5.into(), 2.0.into(), "".into(), "x".into()]),
    )
    .query(
        "RETURN 9223372036854775807 AS a, -9223372036854775808 AS b, 0 AS c",
        row([i64::MAX.into(), i64::MIN.into(), 0.into()]),
    )
    .query(
        "RETURN 'ünï ☃ 𝒳' AS a, \"it's\" AS b, 'say \"x\"' AS c, 'a\\nb' AS d",
        row(["ünï ☃ 𝒳".into(), "it's".into(), "say \"x\"".into(), "a\nb".into()]),
    )
    .query(
        "UNWIND [1, 'a', true, null, 1.5] AS x RETURN x",
        [scalars([1.into(), "a".into(), true.into(), NULL, 1.5.into()])],
    )
}

fn a_node_has_labels_and_properties() -> Scenario {
    let ada = || node(["Admin", "Person"], [("born", 1815.into()), ("name", "Ada".into())]);
    Scenario::new(
        "nodes",
        "a node has its labels and its properties",
        "A node is in `nodes`, with its labels, sorted by bytes, and its properties.",
        "Without labels an actor cannot tell a person from a place.",
    )
    .query("CREATE (:Person:Admin {name: 'Ada', born: 1815, died: null})", [])
    .query("CREATE ()", [])
    .query("MATCH (n:Person) RETURN n", [nodes([ada()])])
    .query("MATCH (n:Admin) RETURN n.name AS name, n", [texts(["Ada"]), nodes([ada()])])
    .query("MATCH (n) WHERE n.name IS NULL RETURN n", [nodes([node([], [])])])
}

fn a_relation_has_a_type_and_properties() -> Scenario {
    Scenario::new(
        "relations",
        "a relation has its type and its properties",
        "A relationship is in `relations`, with its type and its properties.",
        "A relation without its type says that two things have to do with each other, and not what.",
    )
    .query(
        "CREATE ({k: 1})-[:KNOWS {since: 1.5, well: true}]->({k: 2})-[:LIKES]->({k: 3})",
        [],
    )
    .query(
        "MATCH (a)-[r]->(b) RETURN a.k AS a, r, b.k AS b ORDER BY a",
        [
            ints([1, 2]),
            relations([
                relation("KNOWS", [("since", 1.5.into()), ("well", true.into())]),
                relation("LIKES", []),
            ]),
            ints([2, 3]),
        ],
    )
}

fn no_rows_have_no_columns() -> Scenario {
    Scenario::new(
        "no-rows",
        "a result without rows has no columns",
        "A result without rows has no columns.",
        "An actor that asks for the first row looks into the first column. Where that is there and \
         empty in one database and absent in another, it fails in one of them.",
    )
    .query("CREATE (:A {n: 1})", [])
    .query("MATCH (n:Nobody) RETURN n, n.x AS x", [])
    .query("UNWIND [] AS x RETURN x", [])
    .query("MATCH (n:A) WHERE n.n > 1 RETURN n.n AS n", [])
}

fn what_has_no_place_is_refused() -> Scenario {
    Scenario::new(
        "no-place",
        "a value that has no place in a reply is refused, with its column",
        "A list, a map, a path or a temporal value has no place: the query fails with an error that \
         names the column and what it holds, also as a property of a node that is returned.",
        "Where such a value becomes null, an actor goes on as if there was nothing.",
    )
    .refused("RETURN 1 AS a, [1, 2] AS some", "`some` holds a list")
    .refused("RETURN {a: 1} AS some", "`some` holds a map")
    .refused("RETURN date('2020-01-02') AS some", "`some` holds a date")
    .query("CREATE (:L {l: [1, 'a']})-[:R]->(:M)", [])
    .refused("MATCH (n:L) RETURN n", "`n` holds a node whose property `l` is a list")
    .refused("MATCH p = (:L)-[:R]->(:M) RETURN p", "`p` holds a path")
    .query("MATCH (n:L) RETURN n.l[1] AS x, size(n.l) AS s", row(["a".into(), 2.into()]))
    .query("RETURN toString(date('2020-01-02')) AS d", row(["2020-01-02".into()]))
}

fn a_column_is_of_one_kind() -> Scenario {
    Scenario::new(
        "one-kind",
        "a column of nodes has nothing else in it",
        "A column that holds nodes in some rows and something else in others fails the query.",
        "Rows are found by their index. Where a null is left out of a column, every row behind it is \
         another one's.",
    )
    .query("CREATE (:P {n: 1})-[:K]->(:P {n: 2})", [])
    .refused("MATCH (a:P) OPTIONAL MATCH (a)-[:K]->(b) RETURN b ORDER BY a.n", "`b` holds")
    .query(
        "MATCH (a:P) OPTIONAL MATCH (a)-[:K]->(b) RETURN b.n AS b ORDER BY a.n",
        [scalars([2.into(), NULL])],
    )
}

fn a_refused_query_changes_nothing() -> Scenario {
    Scenario::new(
        "refused",
        "a query that is refused is an error and changes nothing",
        "A query happens as a whole or not at all.",
        "An actor that is told of an error tries again. Where half of the query is there, it is there \
         twice then.",
    )
    .refused("MATCH (n RETURN n", "")
    .refused("SELECT 1", "")
    .refused("", "")
    .refused("RETURN nobody", "nobody")
    .refused("RETURN 1 AS a; RETURN 2 AS a", "")
    .refused("CREATE (:T {v: 1}) WITH 1 AS one RETURN one / 0 AS x", "")
    .query("MATCH (t:T) RETURN count(t) AS n", row([0.into()]))
}

fn names_and_queries_have_bounds() -> Scenario {
    let padded = |length: usize| {
        let query = "RETURN 1 AS a";
        format!("{query}{}", " ".repeat(length - query.len()))
    };
    Scenario::new(
        "bounds",
        "a query may have 1 MiB and no NUL",
        "A graph's name has 1 to 64 bytes and no NUL; a query has up to 1 MiB and no NUL.",
        "A NUL ends a text in many a database: what stands before it is run, and may delete all there \
         is.",
    )
    .query(padded(MAX_QUERY_BYTES), row([1.into()]))
    .out_of_bounds(padded(MAX_QUERY_BYTES + 1), &[ErrorKind::TooLarge])
    .query("CREATE (:Kept)", [])
    .out_of_bounds("MATCH (n) DETACH DELETE n\0", &[ErrorKind::BadRequest])
    .query("MATCH (n:Kept) RETURN count(n) AS n", row([1.into()]))
}

fn graphs_are_apart() -> Scenario {
    Scenario::new(
        "apart",
        "a graph has only what was put into it",
        "A graph begins with the first query that names it.",
        "An actor that keeps its tests in a graph of their own finds them among its users.",
    )
    .query_in("one", "CREATE (:A {n: 1})", [])
    .query_in("two", "MATCH (a:A) RETURN count(a) AS n", row([0.into()]))
    .query_in("two", "CREATE (:A {n: 2}), (:A {n: 3})", [])
    .query_in("one", "MATCH (a:A) RETURN a.n AS n", row([1.into()]))
    .query_in("One", "MATCH (a:A) RETURN count(a) AS n", row([0.into()]))
    .query_in("../o n/é", "CREATE (:A {n: 4}) RETURN 1 AS one", row([1.into()]))
    .query_in("two", "MATCH (a:A) RETURN a.n AS n ORDER BY n", [ints([2, 3])])
}

fn a_deleted_graph_is_gone() -> Scenario {
    Scenario::new(
        "deleted",
        "a deleted graph is gone, and another one is not deleted",
        "Deletes a graph with all that is in it. `success` is whether there was one.",
        "An actor that deletes a user's graph has promised that nothing of it is left.",
    )
    .delete("g", false)
    .query("CREATE (:A {n: 1})-[:R]->(:A {n: 2})", [])
    .query_in("other", "CREATE (:B)", [])
    .delete("g", true)
    .delete("g", false)
    .query("MATCH (n) RETURN count(n) AS n", row([0.into()]))
    .query("CREATE (:C {n: 7})", [])
    .query("MATCH (n) RETURN n", [nodes([node(["C"], [("n", 7.into())])])])
    .query_in("other", "MATCH (b:B) RETURN count(b) AS n", row([1.into()]))
}

fn queries_read() -> Scenario {
    Scenario::new(
        "reading",
        "queries read as Cypher says",
        "Cypher is what openCypher says: `MATCH`, `WHERE`, `WITH`, `RETURN` and their like.",
        "An actor's queries are written once. Where a part of the language means something else, it \
         cannot be moved to another database.",
    )
    .query("CREATE (:A {n: 1})-[:R {w: 1}]->(:A {n: 2})-[:R {w: 2}]->(:A {n: 3, x: 'y'})", [])
    .query("MATCH (a:A) RETURN a.n AS n ORDER BY n DESC SKIP 1 LIMIT 1", row([2.into()]))
    .query("MATCH (:A {n: 1})-[:R*1..2]->(x) RETURN x.n AS n ORDER BY n", [ints([2, 3])])
    .query(
        "MATCH p = (:A {n: 1})-[:R*]->(x) RETURN length(p) AS l, x.n AS n ORDER BY l",
        [ints([1, 2]), ints([2, 3])],
    )
    .query(
        "MATCH (a:A)<-[r:R]-(b) RETURN a.n AS a, type(r) AS t, r.w AS w, b.n AS b ORDER BY w",
        [ints([2, 3]), texts(["R", "R"]), ints([1, 2]), ints([1, 2])],
    )
    .query(
        "MATCH (a:A) OPTIONAL MATCH (a)-[:R]->(b) RETURN a.n AS a, b.n AS b ORDER BY a",
        [ints([1, 2, 3]), scalars([2.into(), 3.into(), NULL])],
    )
    .query("MATCH (a:A) WHERE a.n IN [1, 3] AND NOT a.n = 3 RETURN a.n AS n", row([1.into()]))
    .query("MATCH (a:A) WHERE a.x STARTS WITH 'y' OR a.n < 2 RETURN a.n AS n ORDER BY n", [ints([1, 3])])
    .query("MATCH (a:A) RETURN DISTINCT a.n % 2 AS odd ORDER BY odd", [ints([0, 1])])
    .query(
        "MATCH (a:A) WITH a.n % 2 AS odd, count(*) AS c WHERE c > 1 RETURN odd, c",
        row([1.into(), 2.into()]),
    )
    .query(
        "MATCH (a:A) RETURN count(a) AS c, count(a.x) AS x, avg(a.n) AS a, min(a.n) AS b, max(a.n) AS d",
        row([3.into(), 1.into(), 2.0.into(), 1.into(), 3.into()]),
    )
    .query(
        "RETURN 7 / 2 AS a, 7 % 4 AS b, 7.0 / 2 AS c, 1 + 2 * 3 AS d, 'a' + 'b' AS e, null = null AS f",
        row([3.into(), 3.into(), 3.5.into(), 7.into(), "ab".into(), NULL]),
    )
    .query(
        "RETURN substring('hello', 1, 3) AS a, toLower('AB') AS b, trim('  x ') AS c, \
         replace('aXa', 'X', '-') AS d, size('abc') AS e, split('a,b', ',')[1] AS f, \
         abs(-2) AS g, toFloat('1.5') AS h, toInteger('12') AS i, toString(12) AS j, \
         coalesce(null, 3) AS k, CASE 2 WHEN 1 THEN 'one' WHEN 2 THEN 'two' END AS l",
        row([
            "ell".into(),
            "ab".into(),
            "x".into(),
            "a-a".into(),
            3.into(),
            "b".into(),
            2.into(),
            1.5.into(),
            12.into(),
            "12".into(),
            3.into(),
            "two".into(),
        ]),
    )
    .query("RETURN 1 AS x UNION ALL RETURN 2 AS x", [ints([1, 2])])
}

fn queries_write() -> Scenario {
    let merge = "MERGE (m:M {k: 1}) ON CREATE SET m.c = 1 ON MATCH SET m.c = m.c + 1 \
                 RETURN m.c AS c";
    Scenario::new(
        "writing",
        "queries write as Cypher says",
        "`CREATE`, `MERGE`, `SET`, `REMOVE` and `DELETE`. What a query wrote is there for the next \
         one.",
        "What an actor has written and been told is there must be found again.",
    )
    .query(merge, row([1.into()]))
    .query(merge, row([2.into()]))
    .query("MATCH (m:M) RETURN count(m) AS n", row([1.into()]))
    .query(
        "CREATE (a:A {n: 1}), (b:A {n: 2}) CREATE (a)-[:R]->(b) RETURN a.n AS n",
        row([1.into()]),
    )
    .query(
        "MATCH (a:A {n: 1}) SET a.x = 'y', a:Old RETURN a",
        [nodes([node(["A", "Old"], [("n", 1.into()), ("x", "y".into())])])],
    )
    .query(
        "MATCH (a:Old) SET a += {z: true} RETURN a.z AS z, a.x AS x",
        row([true.into(), "y".into()]),
    )
    .query("MATCH (a:Old) SET a.z = null REMOVE a.x, a:Old", [])
    .query("MATCH (a:A {n: 1}) RETURN a", [nodes([node(["A"], [("n", 1.into())])])])
    .query("MATCH (:A)-[r:R]->(:A) DELETE r", [])
    .query("MATCH ()-[r]->() RETURN count(r) AS n", row([0.into()]))
    .query(
        "MATCH (a:A {n: 1}), (b:A {n: 2}) MERGE (b)-[r:BACK]->(a) ON CREATE SET r.made = true",
        [],
    )
    .query(
        "MATCH (:A {n: 2})-[r]->(:A {n: 1}) RETURN r",
        [relations([relation("BACK", [("made", true.into())])])],
    )
    .query("MATCH (a:A {n: 1}) DETACH DELETE a", [])
    .query("MATCH (a:A) RETURN a.n AS n", row([2.into()]))
    .query("MATCH ()-[r]->() RETURN count(r) AS n", row([0.into()]))
}
