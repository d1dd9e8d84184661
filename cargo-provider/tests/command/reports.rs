//! The reports of `check` in each of their formats, and what reads them.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::{collections::BTreeSet, fs, path::Path};

use jsonschema::Validator;
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    command::{Ran, finish, program, run, workspace},
    libraries::{c_keyvalue, compiled, described, moods},
};

/// The published schema `name`.
fn schema(name: &str) -> Validator {
    let path = workspace().join(format!("docs/src/reference/{name}.schema.json"));
    let schema = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

#[track_caller]
fn valid(schema: &Validator, document: &Value) {
    let errors: Vec<String> = schema
        .iter_errors(document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert_eq!(errors, [""; 0], "{document:#}");
}

fn check(library: &Path, arguments: &[&str]) -> Ran {
    let library = library.to_str().expect("the path is UTF-8");
    run(["check", library].iter().chain(arguments))
}

/// Checks the faulty provider, with one of its defects.
fn faulty(defect: &str, arguments: &[&str]) -> Ran {
    let mut command = program();
    command.env("FAULTY_DEFECT", defect).args(["check", "-p", "faulty", "--dev"]).args(arguments);
    finish(&mut command)
}

#[test]
fn every_report_for_programs_fits_the_schema() {
    let report = schema("report");
    let fits = |ran: Ran, code: i32| {
        let document = ran.ended_with(code).json();
        valid(&report, &document);
        assert_eq!(document["exit_code"], code);
        document
    };
    let good = fits(check(c_keyvalue(), &["--format", "json"]), 0);
    assert_eq!(good["tally"]["failed"], 0);
    for (defect, id) in [
        ("second-bind-fails", "links::bind-idempotent"),
        ("panic-in-op", "ops::malformed"),
        ("exit-in-stop", "stop::clean"),
        ("hang-in-stop", "stop::clean"),
        // What builds on it is blocked.
        ("byte-on-bind", "links"),
    ] {
        let arguments = [id, "--format", "json", "--timeout-scale", "0.1"];
        let document = fits(faulty(defect, &arguments), 1);
        assert!(document["tally"]["failed"].as_u64() > Some(0), "{defect}");
        let blocked = document["tally"]["blocked"].as_u64() > Some(0);
        assert_eq!(blocked, defect == "byte-on-bind", "{defect}");
    }
    // Nobody has written a sample down: it is skipped.
    fits(check(moods(), &["ops::sample::Echo", "--format", "json"]), 3);
}

#[test]
fn expectations_fit_the_schema() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("known.toml");
    let text = r#"
        [[expect]]
        id = "links::malformed"
        outcome = "fail"
        reason = "known"
        until = 2999-01-31
        [[expect]]
        id = "links::bind"
        outcome = "fail"
        reason = "wrong"
    "#;
    fs::write(&file, text).unwrap();
    let arguments = ["links::malformed", "links::bind", "--format", "json", "--config"];
    let ran = check(moods(), &[&arguments[..], &[file.to_str().unwrap()]].concat());
    let document = ran.ended_with(1).json();
    valid(&schema("report"), &document);
    let agreements: BTreeSet<&str> = document["checks"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|check| check["expectation"]["agreement"].as_str())
        .collect();
    assert_eq!(agreements, ["as_expected", "unexpected_pass"].into());
}

#[test]
fn a_schema_refuses_what_is_no_report() {
    let document = check(c_keyvalue(), &["links::bind", "--format", "json"]).ended_with(0).json();
    let mut broken = document.clone();
    broken["checks"][0]["verdict"]["kind"] = "fine".into();
    assert!(!schema("report").is_valid(&broken));
    let mut broken = document;
    broken.as_object_mut().unwrap().remove("identity");
    assert!(!schema("report").is_valid(&broken));
}

#[test]
fn what_a_provider_is_has_one_shape() {
    let report = check(c_keyvalue(), &["links::bind", "--format", "json"]).ended_with(0).json();
    let library = c_keyvalue().to_str().unwrap();
    let mut inspected = run(["inspect", library, "--json"]).ended_with(0).json();
    valid(&schema("identity"), &inspected);
    inspected.as_object_mut().unwrap().remove("schema_version");
    assert_eq!(inspected, report["identity"]);
}

#[test]
fn each_thing_that_happens_is_a_line() {
    let ran = faulty("second-bind-fails", &["links", "--format", "jsonl"]).ended_with(1);
    let lines = schema("report-lines");
    let events: Vec<Value> =
        ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for event in &events {
        valid(&lines, event);
    }
    let first = &events[0];
    assert_eq!(first["event"], "run_started");
    assert_eq!(first["identity"]["name"], "faulty");
    let selected = first["checks"].as_array().unwrap().len();
    let of = |kind: &str| events.iter().filter(|event| event["event"] == kind).count();
    assert_eq!((of("check_started"), of("check_finished")), (selected, selected));
    let last = events.last().unwrap();
    assert_eq!((&last["event"], &last["exit_code"]), (&"run_finished".into(), &1.into()));
    assert_eq!(last["tally"]["failed"], 1);
}

#[test]
fn several_reports_are_written_in_one_run() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    let wanted = |format: &str, name: &str| format!("--report={format}={}", path(name).display());
    let formats = ["human", "json", "jsonl", "junit", "github", "html"];
    let wanted: Vec<String> = formats.iter().map(|format| wanted(format, format)).collect();
    let mut arguments = vec!["links::bind-idempotent", "links::remove"];
    arguments.extend(wanted.iter().map(String::as_str));
    let ran = faulty("second-bind-fails", &arguments).ended_with(1);
    assert!(ran.out.contains("FAIL links::bind-idempotent"), "{}", ran.out);
    let text = |name: &str| fs::read_to_string(path(name)).unwrap();
    assert_eq!(text("human"), ran.out);
    let report: Value = serde_json::from_str(&text("json")).unwrap();
    valid(&schema("report"), &report);
    assert!(text("jsonl").lines().last().unwrap().contains("run_finished"));
    let junit = quick_junit::Report::deserialize_from_str(&text("junit")).unwrap();
    assert_eq!((junit.tests, junit.failures, junit.errors), (2, 1, 0));
    assert!(text("github").starts_with("::error title=links%3A%3Abind-idempotent::fail [must]"));
    // The page shows every call, not the last ones only.
    let calls: u64 = report["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| check["calls"].as_u64().unwrap())
        .sum();
    let rows = text("html").matches("<td class=\"number\">").count();
    assert_eq!(rows, usize::try_from(calls).unwrap());
    assert!(rows > 10, "{rows}");
}

#[test]
fn two_reports_in_one_file_and_formats_that_nobody_knows_are_refused() {
    let ran = check(c_keyvalue(), &["--report", "json=x", "--report", "html=x"]).ended_with(2);
    assert!(ran.line().contains("two reports"), "{ran:?}");
    let ran = check(c_keyvalue(), &["--out", "x", "--report", "html=x"]).ended_with(2);
    assert!(ran.line().contains("two reports"), "{ran:?}");
    let ran = check(c_keyvalue(), &["--report", "xml=x"]).ended_with(2);
    assert!(ran.err.contains("`xml` is no format"), "{ran:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_that_cannot_be_written_is_no_success() {
    let ran = check(c_keyvalue(), &["links::bind", "--report", "html=/dev/full"]).ended_with(4);
    assert!(ran.err.contains("cannot write `/dev/full`: "), "{ran:?}");
}

#[test]
fn a_file_that_is_no_provider_is_a_report_in_every_format() {
    let folder = TempDir::new().unwrap();
    let library = folder.path().join("libtext.so");
    fs::write(&library, "hello\n").unwrap();
    let with = |format: &str| check(&library, &["--format", format]).ended_with(2);
    let document = with("json").json();
    valid(&schema("report"), &document);
    assert_eq!(document["unusable"], "a text and no shared library");
    assert_eq!(document["exit_code"], 2);
    let line: Value = serde_json::from_str(&with("jsonl").out).unwrap();
    valid(&schema("report-lines"), &line);
    assert_eq!(line["event"], "unusable");
    let junit = quick_junit::Report::deserialize_from_str(&with("junit").out).unwrap();
    assert_eq!((junit.tests, junit.failures), (1, 1));
    assert!(with("github").out.starts_with("::error title=abi%3A%3Aformat::"));
    assert!(with("html").out.contains("a text and no shared library"));
    let human = with("human");
    assert_eq!(human.out, "");
    assert!(human.line().starts_with("error: "), "{human:?}");
}

#[test]
fn a_library_that_dies_while_it_is_loaded_is_a_report_with_what_is_known() {
    let folder = TempDir::new().unwrap();
    let source = described(
        "dies",
        1,
        "#include <stdlib.h>\n__attribute__((constructor)) static void die(void) { abort(); }",
    );
    let library = compiled(folder.path(), "dies", &source);
    let document = check(&library, &["--format", "json"]).ended_with(1).json();
    valid(&schema("report"), &document);
    assert_eq!(document["check"]["verdict"]["kind"], "crash", "{document:#}");
    assert_eq!(document["check"]["signal"], "SIGABRT");
}

#[test]
fn colours_are_there_when_they_are_wanted() {
    let colored = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = program();
        command.args(["check", c_keyvalue().to_str().unwrap(), "links::bind"]).args(arguments);
        command.envs(variables.iter().copied());
        finish(&mut command).ended_with(0).out.contains("\u{1b}[")
    };
    assert!(!colored(&[], &[]));
    assert!(colored(&["--color", "always"], &[("NO_COLOR", "1")]));
    assert!(colored(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!colored(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(!colored(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
}
