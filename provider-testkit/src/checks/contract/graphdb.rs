//! `wasmcloud:graphdb`: each pinned rule of the contract is a check.

use provider_contracts::graphdb::{
    GraphDbClient,
    scenario::{Failure as Missed, Scenario, pinned},
};

use super::played::{Calls, chosen, must_declare, tag};
use crate::{
    Check, Scope,
    lab::{Halt, Lab, Outcome},
    payload,
    protocol::Failure,
    wasmcloud::GRAPHDB,
};

/// How much of what came is shown.
const SHOWN: usize = 160;
const OPS: [&str; 2] = ["QueryGraph", "DeleteGraph"];

pub(super) fn checks() -> Vec<Check> {
    pinned().iter().map(row).collect()
}

fn row(scenario: &Scenario) -> Check {
    let (causes, fix, example) = advice(scenario.slug());
    Check {
        // The catalogue is made once and lives as long as the program.
        id: format!("graphdb::{}", scenario.slug()).leak(),
        title: scenario.name(),
        rule: scenario.rule(),
        source: "the contract `wasmcloud:graphdb`",
        why: scenario.why(),
        what: "links an actor and runs queries in graphs that nobody used before; each reply must be \
               the pinned one",
        causes,
        fix,
        example,
        needs: needs(scenario.slug()),
        scope: Scope::Contract(GRAPHDB),
        run: play,
        ..Check::BLANK
    }
}

/// What the replies of a scenario are made of is checked by those before it.
fn needs(slug: &str) -> &'static [&'static str] {
    match slug {
        "columns-first" => &["links::bind"],
        "scalars" => &["graphdb::columns-first"],
        "no-rows" => &["graphdb::scalars"],
        "nodes" => &["graphdb::no-rows"],
        "relations" => &["graphdb::nodes"],
        "deleted" => &["graphdb::relations", "graphdb::apart"],
        _ => &["graphdb::relations"],
    }
}

type Advice = (&'static [&'static str], &'static str, &'static str);

fn advice(slug: &str) -> Advice {
    match slug {
        "columns-first" | "no-rows" => (
            &["the database's rows are sent as columns", "the header makes columns without rows"],
            "make columns of rows with `graphdb::Table`",
            include_str!("../examples/graphdb-columns.md"),
        ),
        "scalars" | "nodes" | "relations" => (
            &["null is sent as an empty value", "a part of a node or a relation is left out"],
            "fill the one field that belongs to the value's type, and none for null",
            include_str!("../examples/graphdb-values.md"),
        ),
        "no-place" | "one-kind" | "refused" | "bounds" => (
            &[
                "what the reply has no place for is left out",
                "an error of the database becomes an empty result",
                "names and queries are not looked at",
            ],
            "call `graphdb::check` first, return the database's errors, and refuse what has no place",
            include_str!("../examples/graphdb-refusals.md"),
        ),
        "apart" | "deleted" => (
            &["the graph's name is not used", "`success` is true always"],
            "keep graphs by their names, and answer whether there was one",
            include_str!("../examples/graphdb-graphs.md"),
        ),
        _ => (
            &["the query is changed before it is run", "what was written is not committed"],
            "hand the query to the database as it came, and commit before the reply",
            include_str!("../examples/graphdb-queries.md"),
        ),
    }
}

/// Plays the scenario that the check's id names.
fn play(lab: &mut Lab) -> Outcome {
    let scenario = chosen(lab, pinned(), Scenario::slug)?;
    let (provider, actor) = lab.linked()?;
    must_declare(&provider, OPS)?;
    let client = GraphDbClient::new(Calls(&provider), &actor);
    scenario.run(&client, &tag(super::unique(lab))).map_err(|missed| told(&missed))
}

fn told(missed: &Missed) -> Halt {
    let step = payload::shortened(&missed.step, SHOWN);
    let summary = format!("step {}, {step}, does not go as pinned", missed.number);
    let shown = |text: &str| payload::shortened(text, SHOWN);
    Failure::new(summary).expected(shown(&missed.expected)).got(shown(&missed.got)).into()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_scenario_is_a_check_with_an_example() {
        let rows = checks();
        assert_eq!(rows.len(), pinned().len());
        let examples: HashSet<&str> = rows.iter().map(|check| check.example).collect();
        assert_eq!(examples.len(), 5);
    }
}
