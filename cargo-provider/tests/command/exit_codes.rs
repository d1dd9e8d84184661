//! Every exit code, and what leads to it. 130 needs an interrupt: see `interrupt`.

use crate::{
    command::{Ran, finish, program},
    libraries::{c_keyvalue, moods},
};

fn check(arguments: &[&str], env: &[(&str, &str)]) -> Ran {
    let mut command = program();
    finish(command.arg("check").args(arguments).envs(env.iter().copied()))
}

#[test]
fn all_is_well_is_0() {
    let ran = check(&[c_keyvalue().to_str().unwrap(), "load::now"], &[]).ended_with(0);
    assert!(ran.out.contains("ok: 1 check, 1 passed"), "{}", ran.out);
}

#[test]
fn a_failed_check_is_1() {
    let ran = check(&[moods().to_str().unwrap(), "links::malformed"], &[]).ended_with(1);
    assert!(ran.out.contains("failed: 1 check, 1 failed"), "{}", ran.out);
}

#[test]
fn wrong_usage_is_2() {
    let ran = check(&[c_keyvalue().to_str().unwrap(), "load::nwo"], &[]).ended_with(2);
    assert!(ran.line().contains("did you mean `load::now`?"), "{ran:?}");
}

#[test]
fn nothing_verified_is_3() {
    let ran = check(&[moods().to_str().unwrap(), "ops::sample::Echo"], &[]).ended_with(3);
    assert!(ran.out.contains("nothing verified: 1 check, 1 skipped"), "{}", ran.out);
}

#[test]
fn a_testkit_that_goes_wrong_is_4_and_no_failure_of_the_provider() {
    // No check can have a folder of its own.
    let nowhere = [("TMPDIR", "/nowhere/at/all")];
    let library = c_keyvalue().to_str().unwrap();
    let ran = check(&[library, "load::now"], &nowhere).ended_with(4);
    assert!(ran.out.contains("ERROR abi::format"), "{}", ran.out);
    assert!(ran.out.contains("no folder can be made"), "{}", ran.out);
    let blocked = "not checked, because `abi::format` could not be checked";
    assert!(ran.out.contains(blocked), "{}", ran.out);
    assert!(ran.out.contains("testkit error: 2 checks"), "{}", ran.out);
    let report = check(&[library, "load::now", "--format", "json"], &nowhere).ended_with(4).json();
    assert_eq!(report["checks"][0]["verdict"]["kind"], "error");
}
