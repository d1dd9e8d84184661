//! A program that forgets to become a worker is told so, and does not start itself without end.

use provider_testkit::{Kit, Options, Problem};

#[expect(dead_code, reason = "this test needs no library of cargo's")]
mod common;

#[test]
fn a_program_that_does_not_become_a_worker_is_told_what_is_missing() {
    let library = common::c_library("small.c", 0).unwrap();
    let unusable = Kit::open(library, Options::default()).unwrap_err();
    assert!(matches!(unusable.problem, Problem::Testkit(_)), "{unusable}");
    let line = unusable.to_string();
    assert!(line.contains("`enter_worker_if_asked` must be the first statement"), "{line}");
    assert_eq!(unusable.exit_code(), 4);
}
