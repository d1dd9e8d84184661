//! The tables of defects and the catalogue of checks cover each other. That each defect is found as its
//! row says is tested in `mutants.rs`.

use std::collections::BTreeSet;

use faulty::Defect;
use provider_testkit::{checks, find};

/// Checks that no defect turns red yet.
const UNPROVEN: [&str; 3] = ["abi::format", "abi::toolchain", "abi::needed"];

/// Every defect there is: of the faulty provider, and of the faulty ones of known contracts.
fn defects() -> impl Iterator<Item = &'static Defect> {
    faulty::defects().chain(faulty_contracts::defects())
}

#[test]
fn a_defect_turns_checks_red_that_there_are() {
    for defect in defects() {
        assert!(!defect.red.is_empty(), "no check finds `{}`", defect.name);
        for red in defect.red {
            assert!(find(red).is_ok(), "`{}` is found by `{red}`, which is no check", defect.name);
        }
    }
}

#[test]
fn every_check_is_turned_red_by_a_defect() {
    let red = defects().flat_map(|defect| defect.red);
    let proven: BTreeSet<&str> = red.filter_map(|id| find(id).ok()).map(|check| check.id).collect();
    for check in checks() {
        let known = UNPROVEN.contains(&check.id);
        assert!(proven.contains(check.id) || known, "no defect turns `{}` red", check.id);
        assert!(!(proven.contains(check.id) && known), "`{}` is proven now", check.id);
    }
}
