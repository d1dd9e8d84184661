//! The page of the faults that providers of 2021 had.

use std::{collections::BTreeSet, fmt::Write as _};

use faulty_contracts::{Fault, faults_of_2021};

use super::matrix::{self, Proof};

/// The defects that do it again.
fn proofs(fault: &Fault) -> Vec<Proof> {
    let all = matrix::proofs();
    let is_one = |proof: &Proof| fault.defects.contains(&proof.name);
    let found: Vec<Proof> = all.into_iter().filter(is_one).collect();
    assert_eq!(found.len(), fault.defects.len(), "a defect of {:?} is in no table", fault.defects);
    found
}

/// The checks that find it.
pub(crate) fn found_by(fault: &Fault) -> BTreeSet<&'static str> {
    proofs(fault).iter().flat_map(|proof| proof.red).copied().collect()
}

/// The page.
pub(crate) fn page() -> String {
    let mut text = String::from(
        "# What the providers of 2021 got wrong\n\n\
         <!-- Made from the table of `faulty-contracts` by docs/tests/generated. -->\n\n\
         The contracts come from 2021, and so do the checks: each fault that the first-party \
         providers of that time had\nis made again as a defect of a small provider, and a test fails \
         unless the checks named here find it, and no\nothers do.\n\n\
         | what they did | who | found by | made again as |\n|---|---|---|---|\n",
    );
    for fault in faults_of_2021() {
        let found: Vec<String> = found_by(fault).iter().map(|red| matrix::link(red)).collect();
        let defects: Vec<String> = fault.defects.iter().map(|name| format!("`{name}`")).collect();
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} |",
            fault.what,
            fault.who,
            found.join(", "),
            defects.join(", ")
        );
    }
    text
}
