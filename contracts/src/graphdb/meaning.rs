//! The parts of the meaning that every implementation computes alike.

use std::{fmt, time::Duration};

use provider_core::{BoxError, Error, ErrorKind};

use super::{Column, Node, QueryResponse, Relation, ResultSet, Scalar};

/// How long a graph's name may be, in bytes.
pub const MAX_NAME_BYTES: usize = 64;
/// How long a query may be, in bytes.
pub const MAX_QUERY_BYTES: usize = 1 << 20;
/// How much of a column's name an error repeats.
const SHOWN_NAME: usize = 128;
/// What a scalar takes in a reply beside its string: the names of its four fields.
const SCALAR_BYTES: usize = 56;
/// What a node or a relation takes beside what is in it.
const ENTITY_BYTES: usize = 24;

/// Whether a graph may have this name and a query this text; `DeleteGraph` has none.
///
/// # Errors
///
/// *Bad request*, and *too large* for a long query.
pub fn check(graph_name: &str, query: Option<&str>) -> Result<(), Error> {
    let refused = |message: String| Err(Error::new(ErrorKind::BadRequest, message));
    if graph_name.is_empty() {
        return refused("the graph's name is empty".into());
    }
    if graph_name.len() > MAX_NAME_BYTES {
        let length = graph_name.len();
        return refused(format!(
            "the graph's name has {length} bytes, up to {MAX_NAME_BYTES} are allowed"
        ));
    }
    if graph_name.contains('\0') {
        return refused("the graph's name has a NUL in it".into());
    }
    let Some(query) = query else { return Ok(()) };
    if query.len() > MAX_QUERY_BYTES {
        let length = query.len();
        let message = format!("the query has {length} bytes, up to {MAX_QUERY_BYTES} are allowed");
        return Err(Error::new(ErrorKind::TooLarge, message));
    }
    if let Some(place) = query.find('\0') {
        // A database that is written in C would run what stands before it.
        return refused(format!("the query has a NUL in it, after {place} bytes"));
    }
    Ok(())
}

/// A value that has a place in a reply.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Null, a boolean, a number or a string.
    Scalar(Scalar),
    /// A node.
    Node(Node),
    /// A relation.
    Relation(Relation),
}

impl Value {
    fn what(&self) -> &'static str {
        match self {
            Self::Scalar(scalar) if *scalar == Scalar::default() => "null",
            Self::Scalar(_) => "a scalar",
            Self::Node(_) => "a node",
            Self::Relation(_) => "a relation",
        }
    }

    fn bytes(&self) -> usize {
        let of_scalar =
            |scalar: &Scalar| SCALAR_BYTES + scalar.string_value.as_ref().map_or(0, String::len);
        let of_properties = |properties: &std::collections::BTreeMap<String, Scalar>| {
            properties.iter().map(|(name, value)| name.len() + of_scalar(value)).sum::<usize>()
        };
        match self {
            Self::Scalar(scalar) => of_scalar(scalar),
            Self::Node(Node { labels, properties }) => {
                let labels: usize = labels.iter().map(|label| 1 + label.len()).sum();
                ENTITY_BYTES + labels + of_properties(properties)
            }
            Self::Relation(Relation { type_name, properties }) => {
                ENTITY_BYTES + type_name.len() + of_properties(properties)
            }
        }
    }
}

/// How large a reply may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many rows.
    pub rows: usize,
    /// How many bytes, about.
    pub bytes: usize,
}

/// Why a result does not become a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// A value has no place in a reply.
    NoPlace {
        /// The column.
        column: String,
        /// What is in it, such as `a list`.
        what: String,
    },
    /// The values of a column are of several kinds.
    Mixed {
        /// The column.
        column: String,
        /// What its first row holds.
        first: &'static str,
        /// What another row holds.
        other: &'static str,
    },
    /// More rows than the link allows.
    Rows(usize),
    /// More bytes than the link allows.
    Bytes(usize),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |name: &str| name[..name.floor_char_boundary(SHOWN_NAME)].to_owned();
        match self {
            Self::NoPlace { column, what } => {
                let column = shown(column);
                write!(f, "column `{column}` holds {what}, which has no place in a reply")
            }
            Self::Mixed { column, first, other } => {
                let column = shown(column);
                write!(f, "column `{column}` holds {first} in one row and {other} in another")
            }
            Self::Rows(limit) => {
                write!(f, "the result has more rows than the {limit} of `MAX_ROWS`")
            }
            Self::Bytes(limit) => {
                write!(f, "the result is larger than the {limit} bytes of `MAX_REPLY_BYTES`")
            }
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let kind = match refusal {
            Refusal::Rows(_) | Refusal::Bytes(_) => ErrorKind::TooLarge,
            Refusal::NoPlace { .. } | Refusal::Mixed { .. } => ErrorKind::Failed,
        };
        Self::new(kind, refusal.to_string())
    }
}

impl From<Refusal> for BoxError {
    fn from(refusal: Refusal) -> Self {
        Error::from(refusal).into()
    }
}

/// Makes columns of rows.
#[derive(Debug)]
pub struct Table {
    columns: Vec<Column>,
    rows: usize,
    bytes: usize,
    limits: Limits,
}

impl Table {
    /// A table without rows.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { columns: Vec::new(), rows: 0, bytes: 0, limits }
    }

    /// Adds a row: the columns with their names, each with its value or with what is there that has no
    /// place in a reply, such as `a list`.
    ///
    /// # Errors
    ///
    /// When the row does not become part of a reply. The table is of no use then.
    pub fn row<'a>(
        &mut self,
        row: impl IntoIterator<Item = (&'a str, Result<Value, String>)>,
    ) -> Result<(), Refusal> {
        if self.rows == self.limits.rows {
            return Err(Refusal::Rows(self.limits.rows));
        }
        for (index, (name, value)) in row.into_iter().enumerate() {
            let value = value.map_err(|what| Refusal::NoPlace { column: name.to_owned(), what })?;
            self.bytes += value.bytes();
            if self.bytes > self.limits.bytes {
                return Err(Refusal::Bytes(self.limits.bytes));
            }
            if self.rows == 0 {
                self.columns.push(Column::default());
            }
            if let Some(column) = self.columns.get_mut(index) {
                add(column, value, self.rows == 0).map_err(|(first, other)| Refusal::Mixed {
                    column: name.to_owned(),
                    first,
                    other,
                })?;
            }
        }
        self.rows += 1;
        Ok(())
    }

    /// The reply.
    #[must_use]
    pub fn reply(self, mut statistics: Vec<String>, took: Duration) -> QueryResponse {
        let milliseconds = took.as_secs_f64() * 1000.0;
        statistics.push(format!("Query internal execution time: {milliseconds:.1} ms"));
        QueryResponse { result_set: ResultSet { columns: self.columns, statistics } }
    }
}

/// Adds a value to its column: else what the column holds and what came.
fn add(column: &mut Column, value: Value, first: bool) -> Result<(), (&'static str, &'static str)> {
    let came = value.what();
    let held = match (&column.nodes, &column.relations) {
        (Some(_), _) => "a node",
        (_, Some(_)) => "a relation",
        _ => "a scalar",
    };
    match value {
        Value::Scalar(scalar) if first || column.scalars.is_some() => {
            column.scalars.get_or_insert_default().push(scalar);
        }
        Value::Node(mut node) if first || column.nodes.is_some() => {
            node.labels.sort_unstable();
            column.nodes.get_or_insert_default().push(node);
        }
        Value::Relation(relation) if first || column.relations.is_some() => {
            column.relations.get_or_insert_default().push(relation);
        }
        _ => {
            let all_null = column
                .scalars
                .as_ref()
                .is_some_and(|held| held.iter().all(|scalar| *scalar == Scalar::default()));
            return Err((if all_null { "null" } else { held }, came));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDE: Limits = Limits { rows: 10, bytes: 10_000 };

    #[expect(clippy::unnecessary_wraps, reason = "it is what a row is made of")]
    fn scalar(value: impl Into<Scalar>) -> Result<Value, String> {
        Ok(Value::Scalar(value.into()))
    }

    #[test]
    fn names_and_queries_have_bounds() {
        let long = "g".repeat(MAX_NAME_BYTES);
        check(&long, Some(&" ".repeat(MAX_QUERY_BYTES))).unwrap();
        for (name, query) in
            [("", "q"), ("a\0", "q"), (&format!("{long}g"), "q"), ("g", "RETURN 1\0")]
        {
            assert_eq!(check(name, Some(query)).unwrap_err().kind(), ErrorKind::BadRequest);
        }
        let error = check("g", Some(&" ".repeat(MAX_QUERY_BYTES + 1))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge);
        assert_eq!(error.message(), "the query has 1048577 bytes, up to 1048576 are allowed");
    }

    #[test]
    fn rows_become_columns() {
        let mut table = Table::new(WIDE);
        let node = Node { labels: vec!["b".into(), "a".into()], ..Node::default() };
        for number in [1, 2] {
            table.row([("x", scalar(number)), ("n", Ok(Value::Node(node.clone())))]).unwrap();
        }
        let set =
            table.reply(vec!["Nodes created: 2".into()], Duration::from_micros(100)).result_set;
        assert_eq!(set.columns.len(), 2);
        assert_eq!(set.columns[0].scalars.as_ref().unwrap(), &[1.into(), 2.into()]);
        assert_eq!(set.columns[1].nodes.as_ref().unwrap()[1].labels, ["a", "b"]);
        assert_eq!(set.columns[1].scalars, None);
        assert_eq!(set.statistics, ["Nodes created: 2", "Query internal execution time: 0.1 ms"]);
    }

    #[test]
    fn what_has_no_place_is_named_with_its_column() {
        let mut table = Table::new(WIDE);
        let refusal = table.row([("x", scalar(1)), ("l", Err("a list".into()))]).unwrap_err();
        let error = Error::from(refusal);
        assert_eq!(error.kind(), ErrorKind::Failed);
        assert_eq!(error.message(), "column `l` holds a list, which has no place in a reply");
    }

    #[test]
    fn a_column_is_of_one_kind() {
        let node = || Ok(Value::Node(Node::default()));
        let null = || Ok(Value::Scalar(Scalar::default()));
        for (rows, text) in [
            ([node(), null()], "column `b` holds a node in one row and null in another"),
            ([null(), node()], "column `b` holds null in one row and a node in another"),
            (
                [Ok(Value::Relation(Relation::default())), scalar(1)],
                "column `b` holds a relation in one row and a scalar in another",
            ),
        ] {
            let mut table = Table::new(WIDE);
            let [first, second] = rows;
            table.row([("b", first)]).unwrap();
            assert_eq!(table.row([("b", second)]).unwrap_err().to_string(), text);
        }
        let mut table = Table::new(WIDE);
        table.row([("b", null())]).unwrap();
        table.row([("b", scalar("s"))]).unwrap();
    }

    #[test]
    fn a_reply_has_bounds() {
        let mut table = Table::new(Limits { rows: 1, ..WIDE });
        table.row([("x", scalar(1))]).unwrap();
        let error = Error::from(table.row([("x", scalar(1))]).unwrap_err());
        assert_eq!(error.kind(), ErrorKind::TooLarge);
        let mut table = Table::new(Limits { bytes: 100, ..WIDE });
        table.row([("x", scalar(1))]).unwrap();
        let error = Error::from(table.row([("x", scalar(1))]).unwrap_err());
        assert_eq!(error.kind(), ErrorKind::TooLarge);
    }
}
