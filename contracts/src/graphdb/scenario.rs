//! What pins the meaning: steps with the replies that they must get, to hold any implementation to.
//!
//! [`pinned`] is the list; [`Scenario::run`] plays one through a client whose actor is linked. Graphs
//! carry the tag that is given: with a new one they are new.
//!
//! ```no_run
//! use provider_contracts::graphdb::{GraphDbClient, scenario};
//! # fn linked() -> GraphDbClient<provider_core::NullDispatcher> {
//! #     GraphDbClient::new(provider_core::NullDispatcher, "MACTOR")
//! # }
//!
//! for scenario in scenario::pinned() {
//!     scenario.run(&linked(), "first-run").unwrap();
//! }
//! ```

mod cells;
mod pinned;
mod shown;

use std::{
    collections::BTreeSet,
    error::Error as StdError,
    fmt::{self, Write as _},
};

use provider_core::{Dispatcher, Error, ErrorKind};

pub use self::pinned::pinned;
use super::{Column, GraphDbClient, QueryResponse};

/// How much of what came is shown.
const SHOWN: usize = 600;

/// A rule, and steps that are taken in order.
#[derive(Debug, Clone)]
pub struct Scenario {
    slug: &'static str,
    name: &'static str,
    rule: &'static str,
    why: &'static str,
    steps: Vec<Step>,
}

#[derive(Debug, Clone)]
struct Step {
    graph: &'static str,
    act: Act,
}

#[derive(Debug, Clone)]
enum Act {
    /// Must return these columns.
    Query(String, Vec<Column>),
    /// Must be refused with one of the kinds, and say this.
    Refused(String, &'static [ErrorKind], &'static str),
    /// Must say whether there was one.
    Delete(bool),
}

/// A step that did not go as pinned.
#[derive(Debug)]
pub struct Failure {
    /// The scenario.
    pub scenario: &'static str,
    /// Which of its steps, from 1 on.
    pub number: usize,
    /// What was done.
    pub step: String,
    /// What must come.
    pub expected: String,
    /// What came.
    pub got: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scenario, number, step, expected, got } = self;
        write!(f, "{scenario}: step {number}, {step}: expected {expected}, got {got}")
    }
}

impl StdError for Failure {}

impl Scenario {
    /// A short name of lower-case words and hyphens, which stays what it is.
    #[must_use]
    pub fn slug(&self) -> &'static str {
        self.slug
    }

    /// What it pins, in a sentence.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The contract's words.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        self.rule
    }

    /// What goes wrong for an actor where the rule is broken.
    #[must_use]
    pub fn why(&self) -> &'static str {
        self.why
    }

    /// Plays it through the client of an actor that is linked, in graphs whose names end in `tag`, which
    /// has up to 48 bytes. They are deleted when all went well.
    ///
    /// # Errors
    ///
    /// The first step that does not go as pinned.
    pub fn run<D: Dispatcher>(&self, client: &GraphDbClient<D>, tag: &str) -> Result<(), Failure> {
        let name = |graph: &str| format!("{graph}-{tag}");
        for (index, step) in self.steps.iter().enumerate() {
            step.take(client, name(step.graph)).map_err(|(expected, got)| Failure {
                scenario: self.name,
                number: index + 1,
                step: step.shown(),
                expected,
                got,
            })?;
        }
        let graphs: BTreeSet<&str> = self.steps.iter().map(|step| step.graph).collect();
        for graph in graphs {
            // A provider that cannot delete is found out by the scenario about that.
            let _ = client.delete_graph(name(graph));
        }
        Ok(())
    }

    fn new(slug: &'static str, name: &'static str, rule: &'static str, why: &'static str) -> Self {
        Self { slug, name, rule, why, steps: Vec::new() }
    }

    fn step(mut self, graph: &'static str, act: Act) -> Self {
        self.steps.push(Step { graph, act });
        self
    }

    /// In the graph `g`, this returns these columns.
    fn query(self, query: impl Into<String>, columns: impl Into<Vec<Column>>) -> Self {
        self.query_in("g", query, columns)
    }

    fn query_in(
        self,
        graph: &'static str,
        query: impl Into<String>,
        columns: impl Into<Vec<Column>>,
    ) -> Self {
        self.step(graph, Act::Query(query.into(), columns.into()))
    }

    /// The database refuses it, or its reply.
    fn refused(self, query: impl Into<String>, saying: &'static str) -> Self {
        self.step("g", Act::Refused(query.into(), &[ErrorKind::Failed], saying))
    }

    fn out_of_bounds(self, query: impl Into<String>, kind: &'static [ErrorKind]) -> Self {
        self.step("g", Act::Refused(query.into(), kind, ""))
    }

    fn delete(self, graph: &'static str, there: bool) -> Self {
        self.step(graph, Act::Delete(there))
    }
}

impl Step {
    fn shown(&self) -> String {
        let graph = self.graph;
        match &self.act {
            Act::Query(query, _) | Act::Refused(query, ..) => {
                format!("`{}` in the graph `{graph}`", shortened(query))
            }
            Act::Delete(_) => format!("`DeleteGraph` of the graph `{graph}`"),
        }
    }

    /// What was expected and what came, unless that is the same.
    fn take<D: Dispatcher>(
        &self,
        client: &GraphDbClient<D>,
        graph: String,
    ) -> Result<(), (String, String)> {
        match &self.act {
            Act::Query(query, expected) => match client.query_graph(graph, query.clone()) {
                Ok(reply) if reply.result_set.columns == *expected => {
                    if reply.result_set.statistics.is_empty() {
                        return Err(("statistics".into(), "none".into()));
                    }
                    Ok(())
                }
                got => Err((shown::columns(expected), result(got))),
            },
            Act::Refused(query, kinds, saying) => match client.query_graph(graph, query.clone()) {
                Err(error) if kinds.contains(&error.kind()) && error.message().contains(saying) => {
                    Ok(())
                }
                got => {
                    let kinds: Vec<String> = kinds.iter().map(ToString::to_string).collect();
                    let mut expected = format!("an error: {}", kinds.join(" or "));
                    if !saying.is_empty() {
                        let _ = write!(expected, ", that says {saying:?}");
                    }
                    Err((expected, result(got)))
                }
            },
            Act::Delete(there) => match client.delete_graph(graph) {
                Ok(reply) if reply.success == *there => Ok(()),
                got => {
                    let got = got.map(|reply| format!("success: {}", reply.success));
                    Err((format!("success: {there}"), outcome(got)))
                }
            },
        }
    }
}

fn result(got: Result<QueryResponse, Error>) -> String {
    outcome(got.map(|reply| shown::columns(&reply.result_set.columns)))
}

fn outcome(got: Result<String, Error>) -> String {
    match got {
        Ok(got) => shortened(&got),
        Err(error) => format!("{}: {}", error.kind(), shortened(error.message())),
    }
}

fn shortened(text: &str) -> String {
    let end = text.floor_char_boundary(SHOWN);
    if end < text.len() { format!("{}..", &text[..end]) } else { text.to_owned() }
}
