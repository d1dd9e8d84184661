//! Debuggers, tools that a check runs under, and the command that repeats a failure.

use std::{env, path::Path, process::Command};

use tempfile::TempDir;

use crate::{
    command::{Ran, finish, program, run, workspace},
    fool::{CALLS_NOTHING, fool},
    libraries::{c_keyvalue, moods},
};

fn check(library: &Path, arguments: &[&str]) -> Ran {
    run(["check", library.to_str().expect("the path is UTF-8")].iter().chain(arguments))
}

#[test]
fn a_check_in_this_process_says_what_happens_and_how_it_ended() {
    let ran = check(c_keyvalue(), &["links::bind", "--in-process"]).ended_with(0);
    for part in ["folder: /", "step: call 1: dlopen(", "\"BindActor\"", "step: call 2 returned"] {
        assert!(ran.err.contains(part), "{part}: {ran:#?}");
    }
    assert!(ran.out.contains("ok: 1 check, 1 passed"), "{ran:#?}");
    let folder = ran.err.lines().find_map(|line| line.strip_prefix("folder: ")).unwrap();
    assert!(!Path::new(folder).exists(), "{folder}");

    let ran = check(moods(), &["links::malformed", "--in-process"]).ended_with(1);
    assert!(ran.out.contains("FAIL links::malformed"), "{ran:#?}");

    let ran = check(moods(), &["ops::sample::Echo", "--in-process"]).ended_with(3);
    assert!(ran.out.contains("ops::sample::Echo"), "{ran:#?}");
}

#[test]
fn a_crash_in_this_process_is_a_crash_of_the_command() {
    let folder = TempDir::new().unwrap();
    let ran = check(&fool(folder.path(), CALLS_NOTHING), &["links::bind", "--in-process"]);
    assert_eq!(ran.code, None, "{ran:#?}");
    assert!(ran.err.lines().last().unwrap().contains("\"BindActor\""), "{ran:#?}");
}

#[test]
fn one_check_must_be_named_and_the_program_must_be_there() {
    for option in [&["--in-process"][..], &["--debugger", "gdb"]] {
        let ran = check(c_keyvalue(), &[&["links"], option].concat()).ended_with(2);
        assert!(ran.line().contains("needs exactly one check"), "{ran:#?}");
    }
    for option in ["--debugger", "--wrap"] {
        let ran = check(c_keyvalue(), &["links::bind", option, "no-such-tool -q"]).ended_with(2);
        assert!(ran.line().contains("`no-such-tool`, which is not on the path"), "{ran:#?}");
        let ran = check(c_keyvalue(), &["links::bind", option, "'x"]).ended_with(2);
        assert!(ran.err.contains("quote"), "{ran:#?}");
    }
}

#[test]
fn a_tool_that_starts_a_process_of_its_own_is_one_too() {
    // The shell waits for the worker, which is not the shell's own process.
    let ran = check(c_keyvalue(), &["links::bind", "--wrap", r#"sh -c '"$0"; exit $?'"#]);
    ran.ended_with(0);
    let ran = check(c_keyvalue(), &["links::bind", "--wrap", "false"]).ended_with(4);
    assert!(ran.out.contains("`false` ended with 1 before the check began"), "{ran:#?}");
}

/// The command after `again:` in a report.
fn again(report: &str) -> &str {
    let line = report.lines().find_map(|line| line.trim_start().strip_prefix("again:"));
    line.unwrap_or_else(|| panic!("nothing repeats it: {report}")).trim()
}

/// Runs `line` as a user would.
fn as_typed(line: &str, defect: &str) -> Ran {
    let own = Path::new(env!("CARGO_BIN_EXE_cargo-provider")).parent().expect("it is in a folder");
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = [own.to_owned()].into_iter().chain(env::split_paths(&path));
    let mut command = Command::new("sh");
    command
        .args(["-c", line])
        .env("PATH", env::join_paths(folders).expect("they came from such a path"))
        .env("FAULTY_DEFECT", defect)
        .current_dir(workspace());
    finish(&mut command)
}

#[test]
fn the_command_after_again_repeats_the_failure() {
    for (defect, id, kind) in [
        ("second-bind-fails", "links::bind-idempotent", "FAIL"),
        ("panic-on-odd-value", "links::config-values", "PANIC"),
        ("hang-in-stop", "stop::clean", "HANG"),
        ("deep-nesting-overflows", "ops::malformed::Nest", "CRASH"),
    ] {
        let mut command = program();
        let arguments = ["check", "-p", "faulty", "--dev", "--timeout-scale", "0.2", id];
        let ran = finish(command.env("FAULTY_DEFECT", defect).args(arguments)).ended_with(1);
        let head = format!("{kind} {id} ");
        assert!(ran.out.contains(&head), "{ran:#?}");
        let once_more = as_typed(again(&ran.out), defect).ended_with(1);
        assert!(once_more.out.contains(&head), "{once_more:#?}");
    }
}

#[test]
fn the_command_after_again_repeats_the_failure_of_a_test() {
    let (defect, id) = ("second-bind-fails", "links::bind-idempotent");
    let test = format!("cargo test -q -p faulty --test conformance -- {id}");
    let ran = as_typed(&test, defect);
    let head = format!("FAIL {id} ");
    assert!(ran.out.contains(&head), "{ran:#?}");
    let line = again(&ran.out);
    assert!(line.contains("cargo test -p faulty"), "{line}");
    let once_more = as_typed(line, defect);
    assert!(once_more.out.contains(&head), "{once_more:#?}");
    assert!(once_more.out.contains("1 failed"), "{once_more:#?}");
}
