//! One scenario of the kit.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use gherkin::{Feature, Scenario, Step};
use graphdb_embedded::EmbeddedGraphDb;
use provider_contracts::graphdb::{GraphDb, GraphDbClient};
use provider_core::{Adapter, DirectCalls, Error, ErrorKind, contract_of};

use crate::values::{Cell, read, rows};

const ACTOR: &str = "MTCK";

/// What came of a scenario.
pub(crate) enum Outcome {
    /// It goes as the kit has it.
    Kept,
    /// The contract has no place for it, and why.
    NotForUs(&'static str),
    /// It goes otherwise.
    Differs(String),
}

/// A scenario, with an example's words in their places.
pub(crate) struct Play {
    pub(crate) title: String,
    pub(crate) steps: Vec<Step>,
}

/// The scenario, or one for each of its examples, after what all of its feature begin with.
pub(crate) fn expanded(feature: &Feature, scenario: &Scenario) -> Vec<Play> {
    let background = feature.background.iter().flat_map(|background| background.steps.clone());
    let all: Vec<Step> = background.chain(scenario.steps.iter().cloned()).collect();
    let tables: Vec<_> =
        scenario.examples.iter().filter_map(|found| found.table.as_ref()).collect();
    if tables.is_empty() {
        return vec![Play { title: scenario.name.clone(), steps: all }];
    }
    let examples = tables.into_iter().flat_map(|table| {
        let (names, rows) = table.rows.split_first().unwrap();
        rows.iter().map(move |row| (names, row))
    });
    let filled = examples.map(|(names, row)| {
        let fill = |text: &str| {
            names.iter().zip(row).fold(text.to_owned(), |text, (name, value)| {
                text.replace(&format!("<{name}>"), value)
            })
        };
        let steps = all.iter().cloned().map(|mut step| {
            step.value = fill(&step.value);
            step.docstring = step.docstring.as_deref().map(fill);
            for cell in step.table.iter_mut().flat_map(|table| &mut table.rows).flatten() {
                *cell = fill(cell);
            }
            step
        });
        Play { title: scenario.name.clone(), steps: steps.collect() }
    });
    filled.collect()
}

/// A graph of its own, empty.
pub(crate) struct Graph {
    graphs: GraphDbClient<DirectCalls<Adapter<EmbeddedGraphDb>>>,
    folder: PathBuf,
}

/// What is in a graph, as far as it is compared: nodes by their ids, how many relationships, and labels.
/// The engine's relationships have no ids.
#[derive(Default)]
struct Census {
    nodes: BTreeSet<i64>,
    relationships: i64,
    labels: BTreeSet<String>,
}

impl Graph {
    /// `folder` is the kit's: it has the graphs with names too.
    pub(crate) fn new(folder: &Path) -> Self {
        let contract = contract_of!(EmbeddedGraphDb: GraphDb);
        let calls = DirectCalls(Adapter::new(EmbeddedGraphDb::default(), contract));
        calls.bind(ACTOR, [("", ""); 0]).unwrap();
        Self { graphs: GraphDbClient::new(calls, ACTOR), folder: folder.into() }
    }

    fn query(&self, query: &str) -> Result<Vec<Vec<Cell>>, Error> {
        Ok(rows(self.graphs.query_graph("g".into(), query.into())?.result_set.columns))
    }

    fn numbers(&self, query: &str) -> Result<BTreeSet<i64>, Error> {
        let numbers = self.query(query)?.into_iter().flatten().filter_map(|cell| match cell {
            Cell::Scalar(scalar) => scalar.int_value,
            _ => None,
        });
        Ok(numbers.collect())
    }

    fn census(&self) -> Result<Census, Error> {
        let labels = self.query("MATCH (n) RETURN n")?.into_iter().flatten();
        let labels = labels.flat_map(|cell| match cell {
            Cell::Node(labels, _) => labels,
            _ => Vec::new(),
        });
        Ok(Census {
            nodes: self.numbers("MATCH (n) RETURN id(n)")?,
            relationships: self.numbers("MATCH ()-[r]->() RETURN count(r)")?.into_iter().sum(),
            labels: labels.collect(),
        })
    }

    /// The script of a graph with a name, from the kit.
    fn script(&self, name: &str) -> String {
        let mut folders = self.folder.ancestors().map(|folder| folder.join("graphs").join(name));
        let folder = folders.find(|folder| folder.is_dir()).unwrap();
        fs::read_to_string(folder.join(format!("{name}.cypher"))).unwrap()
    }
}

/// Plays the steps in an empty graph.
pub(crate) fn play(graph: &Graph, steps: &[Step]) -> Outcome {
    let mut state = State { graph, result: Ok(Vec::new()), before: Census::default() };
    for step in steps {
        match state.step(step) {
            Outcome::Kept => {}
            other => return other,
        }
    }
    Outcome::Kept
}

struct State<'a> {
    graph: &'a Graph,
    result: Result<Vec<Vec<Cell>>, Error>,
    before: Census,
}

impl State<'_> {
    fn step(&mut self, step: &Step) -> Outcome {
        let text = step.value.trim().trim_end_matches(':');
        let query = step.docstring.as_deref().unwrap_or_default().trim();
        match text {
            "an empty graph" | "any graph" => Outcome::Kept,
            "having executed" => self.prepare(query),
            "executing query" => {
                self.before = match self.graph.census() {
                    Ok(census) => census,
                    // A property that has no place.
                    Err(error) => return unlike(&error),
                };
                self.result = self.graph.query(query);
                Outcome::Kept
            }
            "executing control query" => {
                if let Err(error) = &self.result {
                    return unlike(error);
                }
                self.result = self.graph.query(query);
                Outcome::Kept
            }
            "parameters are" => Outcome::NotForUs("parameters"),
            "the result should be empty" => self.compare(&[], Order::Any),
            "no side effects" => self.side_effects(&BTreeMap::new()),
            "the side effects should be" => {
                let table = step.table.as_ref().unwrap();
                let pairs = table.rows.iter().map(|row| (&*row[0], row[1].parse().unwrap()));
                self.side_effects(&pairs.collect())
            }
            text => self.rest(text, step),
        }
    }

    fn rest(&mut self, text: &str, step: &Step) -> Outcome {
        let table = step.table.as_ref().map_or(&[][..], |table| &table.rows);
        if text.starts_with("there exists a procedure") {
            return Outcome::NotForUs("procedures");
        }
        if let Some(name) = text.strip_prefix("the ").and_then(|text| text.strip_suffix(" graph")) {
            return self.prepare(&self.graph.script(name));
        }
        if text.starts_with("the result should be") {
            if text.contains("ignoring element order") {
                return Outcome::NotForUs("a list, map, path or temporal value");
            }
            let order = if text.ends_with("in order") { Order::Given } else { Order::Any };
            return self.compare(table.get(1..).unwrap_or_default(), order);
        }
        if text.contains(" should be raised at ") {
            return match &self.result {
                Ok(rows) => Outcome::Differs(format!("no {text}, but {rows:?}")),
                Err(error) if no_place(error) => {
                    Outcome::Differs(format!("no {text}, but {error}"))
                }
                Err(error) if matches!(error.kind(), ErrorKind::Failed | ErrorKind::BadRequest) => {
                    Outcome::Kept
                }
                Err(error) => Outcome::Differs(format!("{:?}: {error}", error.kind())),
            };
        }
        Outcome::Differs(format!("a step that nobody knows: {text}"))
    }

    fn prepare(&self, query: &str) -> Outcome {
        match self.graph.query(query) {
            Ok(_) => Outcome::Kept,
            Err(error) => unlike(&error),
        }
    }

    fn compare(&self, table: &[Vec<String>], order: Order) -> Outcome {
        let expected = table.iter().map(|row| row.iter().map(|cell| read(cell)).collect());
        let expected: Option<Vec<Vec<Cell>>> = expected.collect();
        let (mut expected, came) = match (expected, &self.result) {
            (Some(expected), Ok(came)) => (expected, came.clone()),
            // Nobody can say it in a reply, and the provider says so.
            (_, Err(error)) => return unlike(error),
            (None, Ok(came)) => {
                return Outcome::Differs(format!("{came:?} in the place of {table:?}"));
            }
        };
        let differs = || Outcome::Differs(format!("{came:?} and not {table:?}"));
        if let Order::Given = order {
            return if expected == came { Outcome::Kept } else { differs() };
        }
        for row in &came {
            match expected.iter().position(|one| one == row) {
                Some(found) => drop(expected.swap_remove(found)),
                None => return differs(),
            }
        }
        if expected.is_empty() { Outcome::Kept } else { differs() }
    }

    /// What changed, but for properties: those of what is new or gone are not told apart by their ids.
    fn side_effects(&self, expected: &BTreeMap<&str, i64>) -> Outcome {
        let after = match self.graph.census() {
            Ok(after) => after,
            Err(error) => return unlike(&error),
        };
        let before = &self.before;
        let new = |count: usize| i64::try_from(count).unwrap();
        let wanted = |name: &str| expected.get(name).copied().unwrap_or_default();
        let changes = [
            ("+nodes", new(after.nodes.difference(&before.nodes).count()), wanted("+nodes")),
            ("-nodes", new(before.nodes.difference(&after.nodes).count()), wanted("-nodes")),
            ("+labels", new(after.labels.difference(&before.labels).count()), wanted("+labels")),
            ("-labels", new(before.labels.difference(&after.labels).count()), wanted("-labels")),
            (
                "relationships",
                after.relationships - before.relationships,
                wanted("+relationships") - wanted("-relationships"),
            ),
        ];
        match changes.into_iter().find(|(_, came, wanted)| came != wanted) {
            Some((name, came, wanted)) => {
                Outcome::Differs(format!("{name} changes by {came} and not by {wanted}"))
            }
            None => Outcome::Kept,
        }
    }
}

#[derive(Clone, Copy)]
enum Order {
    Any,
    Given,
}

fn no_place(error: &Error) -> bool {
    let message = error.message();
    message.contains("has no place in a reply") || message.contains(" in one row and ")
}

fn unlike(error: &Error) -> Outcome {
    if error.message().contains(" in one row and ") {
        return Outcome::NotForUs("a column of several kinds");
    }
    if no_place(error) {
        return Outcome::NotForUs("a list, map, path or temporal value");
    }
    Outcome::Differs(format!("{:?}: {error}", error.kind()))
}
