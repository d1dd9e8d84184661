//! Values as the kit writes them, and as replies have them.

use std::collections::BTreeMap;

use provider_contracts::graphdb::{Column, Scalar};

/// A value of a result.
#[derive(Debug, Clone)]
pub(crate) enum Cell {
    Scalar(Scalar),
    Node(Vec<String>, BTreeMap<String, Scalar>),
    Relation(String, BTreeMap<String, Scalar>),
}

impl PartialEq for Cell {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Scalar(one), Self::Scalar(other)) => same(one, other),
            (Self::Node(labels, one), Self::Node(others, other)) => {
                labels == others && all_same(one, other)
            }
            (Self::Relation(name, one), Self::Relation(its, other)) => {
                name == its && all_same(one, other)
            }
            _ => false,
        }
    }
}

/// Numbers that are none are the same here.
#[expect(clippy::float_cmp, reason = "the kit says which number it is")]
fn same(one: &Scalar, other: &Scalar) -> bool {
    match (one.double_value, other.double_value) {
        (Some(one), Some(other)) => one == other || (one.is_nan() && other.is_nan()),
        _ => one == other,
    }
}

fn all_same(one: &BTreeMap<String, Scalar>, other: &BTreeMap<String, Scalar>) -> bool {
    one.len() == other.len()
        && one.iter().zip(other).all(|((name, one), (its, other))| name == its && same(one, other))
}

/// The rows of a reply.
pub(crate) fn rows(columns: Vec<Column>) -> Vec<Vec<Cell>> {
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for column in columns {
        let scalars = column.scalars.into_iter().flatten().map(Cell::Scalar);
        let nodes = column.nodes.into_iter().flatten();
        let nodes = nodes.map(|node| Cell::Node(node.labels, node.properties));
        let relations = column.relations.into_iter().flatten();
        let relations = relations.map(|found| Cell::Relation(found.type_name, found.properties));
        for (index, cell) in scalars.chain(nodes).chain(relations).enumerate() {
            match rows.get_mut(index) {
                Some(row) => row.push(cell),
                None => rows.push(vec![cell]),
            }
        }
    }
    rows
}

/// A cell of the kit's tables, or nothing where the contract has no place for such a value.
pub(crate) fn read(text: &str) -> Option<Cell> {
    let mut reader = Reader(text.trim());
    let cell = reader.cell()?;
    reader.0.is_empty().then_some(cell)
}

struct Reader<'a>(&'a str);

impl<'a> Reader<'a> {
    fn take(&mut self, word: &str) -> bool {
        let rest = self.0.strip_prefix(word);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn space(&mut self) {
        self.0 = self.0.trim_start();
    }

    /// What stands before the first character that is no part of it.
    fn word(&mut self, part: impl Fn(char) -> bool) -> &'a str {
        let end = self.0.find(|c| !part(c)).unwrap_or(self.0.len());
        let (word, rest) = self.0.split_at(end);
        self.0 = rest;
        word
    }

    fn name(&mut self) -> Option<String> {
        if self.take("`") {
            let name = self.word(|c| c != '`').to_owned();
            return self.take("`").then_some(name);
        }
        let name = self.word(|c| c.is_alphanumeric() || c == '_');
        (!name.is_empty()).then(|| name.to_owned())
    }

    fn cell(&mut self) -> Option<Cell> {
        if self.take("[:") {
            let name = self.name()?;
            let properties = self.properties()?;
            return self.take("]").then_some(Cell::Relation(name, properties));
        }
        if self.take("(") {
            let mut labels = Vec::new();
            while self.take(":") {
                labels.push(self.name()?);
            }
            labels.sort();
            let properties = self.properties()?;
            return self.take(")").then_some(Cell::Node(labels, properties));
        }
        self.scalar().map(Cell::Scalar)
    }

    fn properties(&mut self) -> Option<BTreeMap<String, Scalar>> {
        let mut properties = BTreeMap::new();
        self.space();
        if !self.take("{") {
            return Some(properties);
        }
        loop {
            self.space();
            if self.take("}") {
                return Some(properties);
            }
            let name = self.name()?;
            self.space();
            if !self.take(":") {
                return None;
            }
            self.space();
            properties.insert(name, self.scalar()?);
            self.space();
            self.take(",");
        }
    }

    fn scalar(&mut self) -> Option<Scalar> {
        if self.take("'") {
            return self.string().map(Scalar::from);
        }
        let word = self.word(|c| c.is_alphanumeric() || "+-.".contains(c));
        match word {
            "null" => Some(Scalar::default()),
            "true" => Some(true.into()),
            "false" => Some(false.into()),
            "NaN" => Some(f64::NAN.into()),
            "Inf" => Some(f64::INFINITY.into()),
            "-Inf" => Some(f64::NEG_INFINITY.into()),
            word => word.parse::<i64>().map(Scalar::from).ok().or_else(|| {
                let digits = word.contains(|c: char| c.is_ascii_digit());
                digits.then(|| word.parse::<f64>().ok())?.map(Scalar::from)
            }),
        }
    }

    fn string(&mut self) -> Option<String> {
        let mut text = String::new();
        let mut characters = self.0.char_indices();
        while let Some((index, character)) = characters.next() {
            match character {
                '\'' => {
                    self.0 = &self.0[index + 1..];
                    return Some(text);
                }
                '\\' => match characters.next()?.1 {
                    'n' => text.push('\n'),
                    't' => text.push('\t'),
                    other => text.push(other),
                },
                other => text.push(other),
            }
        }
        None
    }
}
