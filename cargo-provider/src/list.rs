//! `cargo provider list`: every check, a line each.

use std::fmt::Write;

use provider_testkit::{Check, SCHEMA_VERSION, checks};
use serde_json::{Value, json};

use crate::{cli, exit::Exit, output::Output};

/// Lists the checks.
pub(crate) fn run(arguments: &cli::List, output: &mut Output) -> Exit {
    if arguments.json {
        output.json(&document(checks()));
    } else {
        output.text(&table(checks()));
    }
    Exit::Success
}

fn document(checks: &[Check]) -> Value {
    let checks: Vec<Value> = checks
        .iter()
        .map(|check| {
            json!({
                "id": check.id,
                "level": check.level,
                "title": check.title,
                "family": check.is_family(),
                "needs": check.needs,
            })
        })
        .collect();
    json!({ "schema_version": SCHEMA_VERSION, "checks": checks })
}

fn table(checks: &[Check]) -> String {
    let name = |check: &Check| {
        let operation = if check.is_family() { "::<op>" } else { "" };
        format!("{}{operation}", check.id)
    };
    let width = checks.iter().map(|check| name(check).len()).max();
    let width = width.unwrap_or_default();
    let mut table = String::new();
    for check in checks {
        // Writing to a string does not fail.
        let _ =
            writeln!(table, "{:width$}  {:6}  {}", name(check), check.level.name(), check.title);
    }
    table
}
