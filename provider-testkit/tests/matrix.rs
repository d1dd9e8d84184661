//! The tables of defects and the catalogue of checks cover each other. That each defect is found as its
//! row says is tested in `mutants.rs`.

use std::collections::BTreeSet;

use faulty_defects::Defect;
use provider_testkit::{checks, find};

/// Every defect there is: of the faulty provider, and of the faulty ones of known contracts.
fn defects() -> impl Iterator<Item = &'static Defect> {
    faulty_defects::defects().chain(faulty_contracts::defects())
}

#[test]
fn a_defect_is_found_by_checks_that_there_are() {
    for defect in defects() {
        let found: Vec<&str> = found_by(defect).collect();
        assert!(!found.is_empty(), "no check finds `{}`", defect.name);
        for id in found {
            assert!(find(id).is_ok(), "`{}` is found by `{id}`, which is no check", defect.name);
        }
    }
}

/// The checks that are red, or, for figures, say it in a note.
fn found_by(defect: &'static Defect) -> impl Iterator<Item = &'static str> {
    let noted = Some(defect.noted).filter(|id| !id.is_empty());
    defect.red.iter().copied().chain(noted)
}

#[test]
fn every_check_finds_a_defect() {
    let found = defects().flat_map(found_by);
    let proven: BTreeSet<&str> =
        found.filter_map(|id| find(id).ok()).map(|check| check.id).collect();
    let unproven: Vec<&str> =
        checks().iter().map(|check| check.id).filter(|id| !proven.contains(id)).collect();
    assert!(unproven.is_empty(), "no defect proves {unproven:?}");
}
