//! What is known to fail is told apart, and what is known wrongly is red: in code and in the front end
//! for `cargo test`.

use std::{
    env, fs,
    path::PathBuf,
    process::{Command, ExitCode},
    sync::OnceLock,
};

use libtest_mimic::{Arguments, Failed, Trial};
use provider_testkit::{
    Agreement, CONFIG_FILE, Deny, Kit, Level, Options, Run, Verdict, enter_worker_if_asked,
    harness, report,
};

#[allow(dead_code, reason = "it is for other tests as well")]
mod common;

/// The variable that makes this program the `tests/conformance.rs` of the package in that folder.
const FRONT: &str = "TESTKIT_EXPECT_FRONT";
const STYLE: report::Style = report::Style { color: false, width: 100 };

type Outcome = Result<(), Failed>;

fn main() -> ExitCode {
    enter_worker_if_asked();
    if let Ok(folder) = env::var(FRONT) {
        let package = harness::Package {
            name: "front",
            manifest_dir: folder.leak(),
            scratch: option_env!("CARGO_TARGET_TMPDIR"),
        };
        return harness::main(package, |_| Ok(harness::Preparation::ready(())));
    }
    let trials = vec![
        Trial::test("a_failure_that_is_expected_is_not_red_and_blocks", expected),
        Trial::test("a_pass_that_is_not_expected_is_red", unexpected_pass),
        Trial::test("a_failure_of_another_kind_than_expected_is_red", unexpected_verdict),
        Trial::test("an_expectation_that_is_over_counts_no_more", over),
        Trial::test("what_is_left_out_is_not_run", left_out),
        Trial::test("what_is_denied_is_red", denied),
        Trial::test("nothing_but_expected_failures_verify_nothing", nothing),
        Trial::test("what_does_not_fit_the_provider_is_an_error_with_the_nearest", misfits),
        Trial::test("the_front_end_agrees", front),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn check(holds: bool, otherwise: impl FnOnce() -> String) -> Outcome {
    if holds { Ok(()) } else { Err(Failed::from(otherwise())) }
}

/// A library that makes no provider: `create::ok` fails, and what builds on it is blocked.
fn broken() -> Result<PathBuf, Failed> {
    static LIBRARY: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let built = LIBRARY.get_or_init(|| common::c_library("unusable.c", 7));
    Ok(built.clone()?)
}

fn options(text: &str) -> Result<Options, Failed> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("of-another-name.toml");
    fs::write(&path, text)?;
    Ok(Options::in_file(path)?)
}

fn run(text: &str, patterns: &[&str]) -> Result<Run, Failed> {
    let kit = Kit::open(broken()?, options(text)?)?;
    Ok(kit.run(&kit.select(patterns, Level::Must)?, &mut ()))
}

const CREATE_FAILS: &str =
    "[[expect]]\nid = 'create::ok'\noutcome = 'fail'\nreason = 'none is made yet'\n";

fn expected() -> Outcome {
    let run = run(CREATE_FAILS, &["load::now", "create::ok", "links::bind"])?;
    let text = report::human(&run, STYLE);
    let tally = run.tally();
    check(run.exit_code() == 0, || text.clone())?;
    check((tally.passed, tally.expected, tally.failed) == (1, 1, 0), || format!("{tally:?}"))?;
    check(text.contains("expected to fail: none is made yet"), || text.clone())?;
    check(text.contains("because `create::ok` fails, as expected"), || text.clone())?;
    check(text.contains("1 failed as expected"), || text.clone())?;
    let json: serde_json::Value = serde_json::from_str(&report::json(&run))?;
    let told = json["checks"][1]["expectation"].clone();
    check(told["reason"] == "none is made yet", || told.to_string())?;
    check(told["agreement"] == "as_expected", || told.to_string())?;
    let back: Run = serde_json::from_value(json)?;
    check(back == run, || "JSON does not come back".into())
}

fn unexpected_pass() -> Outcome {
    let text = "[[expect]]\nid = 'load'\noutcome = 'fail'\nreason = 'once upon a time'";
    let run = run(text, &["load::now"])?;
    let text = report::human(&run, STYLE);
    check(run.exit_code() == 1 && run.tally().unexpected == 1, || text.clone())?;
    check(text.contains("UNEXPECTED PASS load::now"), || text.clone())?;
    check(text.contains("remove the `[[expect]]` of `load`; it said: once upon"), || text.clone())
}

fn unexpected_verdict() -> Outcome {
    let text = format!("{CREATE_FAILS}verdict = 'hang'\n");
    let run = run(&text, &["load::now", "create::ok"])?;
    let text = report::human(&run, STYLE);
    check(run.exit_code() == 1 && run.tally().failed == 1, || text.clone())?;
    check(text.contains("expected to fail, but with the verdict hang"), || text.clone())
}

fn over() -> Outcome {
    let text = format!("{CREATE_FAILS}until = 2020-02-29\n");
    let run = run(&text, &["load::now", "create::ok"])?;
    let text = report::human(&run, STYLE);
    check(run.exit_code() == 1, || text.clone())?;
    check(text.contains("no longer expected to fail: none is made yet (until 2020-02-29)"), || {
        text.clone()
    })
}

fn left_out() -> Outcome {
    let text = "[[expect]]\nid = 'create::*'\noutcome = 'skip'\nreason = 'none is made yet'";
    let run = run(text, &["load::now", "create::ok"])?;
    let text = report::human(&run, STYLE);
    let tally = run.tally();
    check(run.exit_code() == 0 && (tally.left_out, tally.skipped) == (1, 0), || text.clone())?;
    check(run.checks[1].steps.is_empty() && run.checks[1].duration_ms == 0, || text.clone())?;
    check(text.contains("left out: none is made yet"), || text.clone())
}

fn denied() -> Outcome {
    let skips = "[[expect]]\nid = 'create'\noutcome = 'skip'\nreason = 'none is made yet'";
    for (text, deny, patterns) in [
        (CREATE_FAILS, Deny::Expected, &["load::now", "create::ok"][..]),
        (CREATE_FAILS, Deny::Blocked, &["load::now", "links::bind"]),
        (skips, Deny::Skip, &["load::now", "create::ok"]),
    ] {
        let kit = Kit::open(broken()?, options(text)?)?;
        let selection = kit.select(patterns, Level::Must)?;
        check(kit.run(&selection, &mut ()).exit_code() == 0, || format!("{deny:?}"))?;
        let options = Options { deny: vec![deny], ..options(text)? };
        let kit = Kit::open(broken()?, options)?;
        let run = kit.run(&selection, &mut ());
        check(run.exit_code() == 1, || report::human(&run, STYLE))?;
        let denied = run.checks.iter().filter(|check| check.denied == Some(deny)).count();
        check(denied == 1, || report::human(&run, STYLE))?;
    }
    Ok(())
}

fn nothing() -> Outcome {
    let run = run(CREATE_FAILS, &["create::ok"])?;
    let agreement = run.checks[0].agreement();
    check(agreement == Some(Agreement::AsExpected), || format!("{agreement:?}"))?;
    check(run.checks[0].verdict == Verdict::Fail, || format!("{:?}", run.checks[0]))?;
    check(run.exit_code() == 3, || report::human(&run, STYLE))
}

fn misfits() -> Outcome {
    for (text, expected) in [
        ("[[expect]]\nid = 'links::bnd'\noutcome = 'fail'\nreason = 'r'", "mean `links::bind`?"),
        ("[timeouts.checks]\n'link' = '3s'", "did you mean `links`?"),
        ("[samples.Gte]", "`[samples.Gte]` is for no operation of it"),
    ] {
        let unusable = Kit::open(broken()?, options(text)?).err().ok_or("it was opened")?;
        let line = unusable.to_string();
        check(unusable.exit_code() == 2 && line.contains(expected), || line.clone())?;
        check(line.lines().count() == 1, || line.clone())?;
    }
    Ok(())
}

fn front() -> Outcome {
    let library = broken()?;
    let folder = tempfile::tempdir()?;
    let run = |text: &str, arguments: &[&str], list: bool| {
        fs::write(folder.path().join(CONFIG_FILE), text)?;
        let mut command = Command::new(env::current_exe()?);
        command.env(FRONT, folder.path()).env("PROVIDER_LIB", &library).args(arguments);
        command.env_remove("NEXTEST").env_remove("NEXTEST_RUN_ID");
        if list {
            command.env("NEXTEST", "1");
        }
        let output = command.output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        Ok::<_, Failed>((output.status.code(), text))
    };
    let skips = "[[expect]]\nid = 'create::ok'\noutcome = 'skip'\nreason = 'none is made yet'";
    let passes = "[[expect]]\nid = 'load::now'\noutcome = 'fail'\nreason = 'r'";
    let unknown = "[[expect]]\nid = 'load::nwo'\noutcome = 'fail'\nreason = 'r'";
    for (text, arguments, code, expected) in [
        (CREATE_FAILS, &["create::ok", "--exact"][..], 0, "expected to fail: none is made yet"),
        (CREATE_FAILS, &["links::bind", "--exact"], 0, "fails, as expected"),
        (passes, &["load::now", "--exact"], 101, "UNEXPECTED PASS load::now"),
        (skips, &["create::ok", "--exact"], 0, "1 ignored"),
        (skips, &["create::ok", "--exact"], 0, "none is made yet"),
        (unknown, &[], 101, "did you mean `load::now`?"),
    ] {
        let (found, text) = run(text, arguments, false)?;
        check(found == Some(code) && text.contains(expected), || {
            format!("{arguments:?} ended with {found:?}:\n{text}")
        })?;
    }
    let (_, ignored) = run(skips, &["--list", "--format", "terse", "--ignored"], true)?;
    check(ignored.contains("create::ok: test"), || ignored.clone())
}
