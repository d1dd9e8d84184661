//! A provider under a debugger and under valgrind, and a package that `cargo generate` makes. Where the
//! program is not installed the test is not made, and in continuous integration that is a failure.

#[allow(dead_code, reason = "the other tests of the command use more of it")]
#[path = "command/command.rs"]
mod command;
#[path = "command/fool.rs"]
mod fool;
#[path = "command/generate.rs"]
mod generate;
#[path = "command/package.rs"]
mod package;

use std::{
    env,
    path::Path,
    process::{Command, ExitCode, Stdio},
};

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use tempfile::TempDir;

use crate::{
    command::{Ran, run},
    fool::{CALLS_NOTHING, fool},
};

/// It reads what it freed.
const READS_FREED_MEMORY: u8 = 27;

fn main() -> ExitCode {
    let trials = vec![
        trial(
            "a_debugger_sees_where_a_provider_crashes",
            "gdb",
            a_debugger_sees_where_a_provider_crashes,
        ),
        trial(
            "what_a_tool_finds_is_a_failure_with_the_tools_words",
            "valgrind",
            what_a_tool_finds_is_a_failure_with_the_tools_words,
        ),
        trial(
            "cargo_generate_makes_the_same_from_the_same_template",
            "cargo-generate",
            generate::cargo_generate_makes_the_same_from_the_same_template,
        ),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// A test that needs `program`.
fn trial(name: &str, program: &'static str, test: fn()) -> Trial {
    Trial::ignorable_test(name, move || {
        if there_is(program) {
            test();
            return Ok(Completion::Completed);
        }
        let reason = format!("there is no `{program}`");
        if env::var("CI").is_ok_and(|ci| ci == "true") {
            return Err(Failed::from(reason));
        }
        Ok(Completion::ignored_with(reason))
    })
}

/// Whether `name` can be started.
fn there_is(name: &str) -> bool {
    let mut command = Command::new(name);
    let command = command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn check(library: &Path, arguments: &[&str]) -> Ran {
    run(["check", library.to_str().expect("the path is UTF-8")].iter().chain(arguments))
}

fn a_debugger_sees_where_a_provider_crashes() {
    let folder = TempDir::new().expect("a temporary folder");
    let library = fool(folder.path(), CALLS_NOTHING);
    let debugger = "gdb -q -nx -batch -ex run -ex bt";
    let ran = check(&library, &["links::bind", "--debugger", debugger]);
    assert!(ran.out.contains("SIGSEGV"), "{ran:#?}");
    assert!(ran.out.contains("in act (") && ran.out.contains("fool.c"), "{ran:#?}");
}

fn what_a_tool_finds_is_a_failure_with_the_tools_words() {
    let folder = TempDir::new().expect("a temporary folder");
    let library = fool(folder.path(), READS_FREED_MEMORY);
    check(&library, &["links::bind"]).ended_with(0);
    let wrap = "valgrind -q --error-exitcode=9";
    let arguments = ["links::bind", "--wrap", wrap, "--format", "json"];
    let report = check(&library, &arguments).ended_with(1).json();
    let check = &report["checks"][0];
    let summary = "every call was right, and `valgrind` ended with exit code 9";
    assert_eq!(check["summary"], summary, "{check}");
    let tail = check["stderr_tail"].as_str().unwrap_or_default();
    assert!(tail.contains("Invalid read of size 1") && tail.contains("act (fool.c:"), "{tail}");
    assert!(!tail.contains("provider_testkit::"), "{tail}");
    let again = check["again"].as_str().unwrap_or_default();
    assert!(again.ends_with("--wrap 'valgrind -q --error-exitcode=9' links::bind"), "{again}");
}
