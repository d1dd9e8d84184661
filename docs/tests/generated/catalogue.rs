//! The pages of the checks: one each, and one that lists them.

use std::{collections::BTreeMap, fmt::Write as _, fs};

use provider_testkit::{Check, Scope, checks};

use crate::{
    matrix::{self, Proof},
    pages::root,
};

/// Where the pages of the checks are.
pub(crate) const FOLDER: &str = "docs/src/checks";
/// Where the reports of failures are that the pages show.
const REPORTS: &str = "docs/tests/reports";
const MADE_FROM: &str = "<!-- Made from the testkit's table by docs/tests/generated. -->";

/// The name of a check's page, without its ending.
pub(crate) fn name(check: &Check) -> String {
    check.id.replace("::", "-")
}

/// The id as a reader types it.
pub(crate) fn id(check: &Check) -> String {
    let operation = if check.is_family() { "::<op>" } else { "" };
    format!("{}{operation}", check.id)
}

/// What a table of contents calls the part that a check is in.
fn part(check: &Check) -> String {
    match check.scope {
        Scope::Contract(contract) => format!("contract `{contract}`"),
        _ => check.group().to_owned(),
    }
}

/// The checks, those of one part together, in the order of the catalogue; contracts last.
fn parts() -> Vec<(String, Vec<&'static Check>)> {
    let mut parts: Vec<(String, Vec<&Check>)> = Vec::new();
    for check in checks() {
        let name = part(check);
        match parts.iter_mut().find(|(part, _)| *part == name) {
            Some((_, checks)) => checks.push(check),
            None => parts.push((name, vec![check])),
        }
    }
    let of_contract = |checks: &[&Check]| matches!(checks[0].scope, Scope::Contract(_));
    parts.sort_by_key(|(_, checks)| of_contract(checks));
    parts
}

/// The pages, by path.
pub(crate) fn pages() -> BTreeMap<String, String> {
    let proofs = matrix::proofs();
    let page = |check| (format!("{FOLDER}/{}.md", name(check)), page(check, &proofs));
    checks().iter().map(page).collect()
}

/// A check's page.
fn page(check: &Check, proofs: &[Proof]) -> String {
    let mut text = format!("# `{}`\n\n{MADE_FROM}\n\n", id(check));
    // Writing to a string does not fail, here and below.
    let _ = write!(text, "*{}.* {}", check.level, sentence(check.title));
    match check.scope {
        Scope::Operation => text.push_str(" One check for each operation."),
        Scope::Contract(contract) => {
            let _ = write!(text, " For providers of `{contract}`.");
        }
        _ => {}
    }
    let _ = write!(text, "\n\n> {}\n>\n> ({})\n", escaped(check.rule), check.source);
    if !check.why.is_empty() {
        let _ = write!(text, "\n## Why\n\n{}\n", ended(check.why));
    }
    let _ = write!(text, "\n## What is done\n\n{}\n", sentence(check.what));
    text.push_str("\n## Usual causes of a failure\n\n");
    for cause in check.causes {
        let _ = writeln!(text, "- {cause}");
    }
    let _ = write!(text, "\n## How to mend it\n\n{}\n", sentence(check.fix));
    if !check.example.is_empty() {
        let _ = write!(text, "\n## An example\n\n{}\n", check.example.trim());
    }
    if let Ok(report) = fs::read_to_string(root().join(REPORTS).join(name(check) + ".txt")) {
        let _ = write!(text, "\n## What a report looks like\n\n```text\n{}\n```\n", report.trim());
    }
    let found: Vec<&Proof> = proofs.iter().filter(|proof| proof.is_found_by(check)).collect();
    if !found.is_empty() {
        text.push_str(
            "\n## What proves it\n\nThe testkit's own tests run a provider with each of these \
             defects, and demand that this check finds it.\n\n| defect | what the provider does | \
             verdict |\n|---|---|---|\n",
        );
        for proof in found {
            let _ = writeln!(text, "| `{}` | {} | {} |", proof.name, proof.what, proof.verdict);
        }
    }
    let before = links(check.needs.iter().filter_map(|need| provider_testkit::find(need).ok()));
    let after = links(checks().iter().filter(|other| other.needs.contains(&check.id)));
    if !(before.is_empty() && after.is_empty()) {
        text.push_str("\n## Other checks\n\n");
    }
    for (label, links) in [("It builds on", before), ("On it build", after)] {
        if !links.is_empty() {
            let _ = writeln!(text, "- {label} {links}.");
        }
    }
    text
}

/// Links from one check's page to those of others.
fn links<'a>(checks: impl Iterator<Item = &'a Check>) -> String {
    let links: Vec<String> =
        checks.map(|check| format!("[`{}`]({}.md)", id(check), name(check))).collect();
    links.join(", ")
}

/// The page that lists the checks.
pub(crate) fn overview() -> String {
    let mut text = format!(
        "# The checks\n\n{MADE_FROM}\n\n\
         Each check runs in a process of its own. A check whose rule builds on a broken one is \
         *blocked* and not run, so\nthat one defect is one red line. `cargo provider explain ID` \
         prints what a check's page says.\n\n\
         The level *must* is what the specification or the ABI demands, *should* what a good \
         provider does, *perf* a\nnumber that never fails a run. Checks of a contract run for \
         providers of that contract alone. [The matrix](matrix.md)\nsays which defect proves \
         which check.\n"
    );
    for (part, checks) in parts() {
        let _ = write!(text, "\n## {part}\n\n| check | level | |\n|---|---|---|\n");
        for check in checks {
            let (id, name) = (id(check), name(check));
            let _ = writeln!(
                text,
                "| [`{id}`](../checks/{name}.md) | {} | {} |",
                check.level, check.title
            );
        }
    }
    text
}

/// What the book's table of contents says of the checks.
pub(crate) fn summary() -> String {
    let mut text = String::from(
        "\n- [Every check](reference/checks.md)\n- [Defects and checks](reference/matrix.md)\n",
    );
    for (part, checks) in parts() {
        let _ = write!(text, "\n# Checks: {}\n\n", part.replace('`', ""));
        for check in checks {
            let _ = writeln!(text, "- [`{}`](checks/{}.md)", id(check), name(check));
        }
    }
    text
}

/// The list that makes the pages' examples tests.
pub(crate) fn doctests() -> String {
    let mut text =
        String::from("//! The pages of the checks. Made by tests/generated.\n\npages! {\n");
    for check in checks() {
        let name = name(check);
        let _ = writeln!(text, "    {}: \"src/checks/{name}.md\",", name.replace('-', "_"));
    }
    text.push_str("}\n");
    text
}

/// The text with what Markdown would take for emphasis, outside of code, as it is.
fn escaped(text: &str) -> String {
    let parts = text.split('`').enumerate().map(|(index, part)| match index % 2 {
        0 => part.replace('*', r"\*").replace('_', r"\_").replace('<', r"\<"),
        _ => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("`")
}

/// The text with a capital first and a full stop, unless it begins with code.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    let text: String = first.chain(letters).collect();
    ended(&text)
}

/// The text with a full stop, if it has none.
fn ended(text: &str) -> String {
    let end = if text.ends_with('.') { "" } else { "." };
    format!("{text}{end}")
}
