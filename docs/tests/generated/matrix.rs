//! Which defect proves which check.

use std::{collections::BTreeSet, fmt::Write as _};

use provider_testkit::{Check, Level, Scope, checks, find};

use crate::catalogue::{id, name};

/// A defect, and what must find it.
pub(crate) struct Proof {
    pub(crate) name: &'static str,
    pub(crate) what: &'static str,
    pub(crate) verdict: &'static str,
    /// Ids of checks, those of families with the operation's name.
    pub(crate) red: &'static [&'static str],
    /// The package whose defect it is.
    package: &'static str,
}

impl Proof {
    /// Whether this check must find it.
    pub(crate) fn is_found_by(&self, check: &Check) -> bool {
        self.red.iter().any(|red| find(red).is_ok_and(|found| found.id == check.id))
    }
}

/// Every defect of every table.
pub(crate) fn proofs() -> Vec<Proof> {
    let of = |package: &'static str| {
        move |defect: &faulty_defects::Defect| Proof {
            name: defect.name,
            what: defect.what,
            verdict: defect.verdict,
            red: defect.red,
            package,
        }
    };
    let contracts = faulty_contracts::defects().map(of("faulty-contracts"));
    faulty_defects::defects().map(of("faulty")).chain(contracts).collect()
}

/// How many checks and defects there are.
pub(crate) fn numbers() -> String {
    let level = |level| checks().iter().filter(|check| check.level == level).count();
    let contracts: BTreeSet<&str> = checks()
        .iter()
        .filter_map(|check| match check.scope {
            Scope::Contract(contract) => Some(contract),
            _ => None,
        })
        .collect();
    let families = checks().iter().filter(|check| check.is_family()).count();
    let mut text = format!(
        "There are {} checks: {} of rules that every provider must keep, {} of what a good one does, {} \
         that measure.\n{families} of them are made for each operation",
        checks().len(),
        level(Level::Must),
        level(Level::Should),
        level(Level::Perf),
    );
    if !contracts.is_empty() {
        // Writing to a string does not fail.
        let _ = write!(text, ", and {} contracts have checks of their own", contracts.len());
    }
    let _ = write!(
        text,
        ". The testkit is tested with {}\nproviders that have one defect each, and must find that \
         one and no other.\n",
        proofs().len()
    );
    text
}

/// The page of the matrix.
pub(crate) fn page() -> String {
    let proofs = proofs();
    let kills: usize = proofs.iter().map(|proof| proof.red.len()).sum();
    let mut text = format!(
        "# Defects and checks\n\n\
         <!-- Made from the tables of defects by docs/tests/generated. -->\n\n\
         The testkit is tested with providers that have one defect each. For each of them a run of \
         every check must turn\nexactly the checks red that its row names, with the verdict and the \
         last call that it names, and no other. A check\nthat no defect turns red would not be \
         tested, and a defect that no check finds would be a gap: a test fails on both.\n\n\
         {} checks, {} defects, {kills} findings.\n",
        checks().len(),
        proofs.len(),
    );
    text.push_str("\n## What proves each check\n\n| check | defects |\n|---|---|\n");
    for check in checks() {
        let found: Vec<String> = proofs
            .iter()
            .filter(|proof| proof.is_found_by(check))
            .map(|proof| format!("`{}`", proof.name))
            .collect();
        let found = if found.is_empty() { String::from("none yet") } else { found.join(", ") };
        // Writing to a string does not fail, here and below.
        let _ = writeln!(text, "| [`{}`](../checks/{}.md) | {found} |", id(check), name(check));
    }
    let mut package = "";
    for proof in &proofs {
        if proof.package != package {
            package = proof.package;
            let _ = write!(
                text,
                "\n## The defects of `{package}`\n\n\
                 | defect | what the provider does | verdict | found by |\n|---|---|---|---|\n"
            );
        }
        let found: Vec<String> = proof.red.iter().map(|red| link(red)).collect();
        let found = found.join(", ");
        let _ =
            writeln!(text, "| `{}` | {} | {} | {found} |", proof.name, proof.what, proof.verdict);
    }
    text
}

/// A link to the page of the check with this id.
pub(crate) fn link(red: &str) -> String {
    match find(red) {
        Ok(check) => format!("[`{red}`](../checks/{}.md)", name(check)),
        Err(_) => format!("`{red}`"),
    }
}
