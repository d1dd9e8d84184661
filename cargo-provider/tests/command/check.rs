//! `check` on libraries.

use std::{fs, path::Path, process::Command};

use tempfile::TempDir;

use crate::{
    command::{Ran, finish, program, run, workspace},
    libraries::{c_keyvalue, compiled, described, moods},
};

fn check(library: &Path, arguments: &[&str]) -> Ran {
    let library = library.to_str().expect("the path is UTF-8");
    run(["check", library].iter().chain(arguments))
}

#[test]
fn the_provider_in_c_keeps_the_rules() {
    let ran = check(c_keyvalue(), &[]).ended_with(0);
    assert!(ran.out.contains("c-keyvalue"), "{}", ran.out);
    // Progress, a line a check.
    assert!(ran.err.contains("pass: links::bind ("), "{}", ran.err);
}

#[test]
fn the_json_report_is_one_document_with_what_is_promised() {
    let ran = check(c_keyvalue(), &["--format", "json", "links::*"]).ended_with(0);
    let report = ran.json();
    assert_eq!(report["schema_version"], 1);
    assert_eq!(report["identity"]["contract"], "wasmcloud:keyvalue");
    assert_eq!(report["identity"]["name"], "c-keyvalue");
    assert_eq!(report["identity"]["sha256"].as_str().unwrap().len(), 64);
    let checks = report["checks"].as_array().unwrap();
    assert!(checks.len() > 1);
    for check in checks {
        assert!(check["id"].as_str().unwrap().starts_with("links::"), "{check}");
        assert_eq!(check["level"], "must");
        assert_eq!(check["verdict"]["kind"], "pass", "{check}");
    }
}

#[test]
fn a_report_in_a_file_leaves_standard_output_empty() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("report.json");
    let name = file.to_str().unwrap();
    let ran =
        check(c_keyvalue(), &["links::bind", "--format", "json", "--out", name]).ended_with(0);
    assert_eq!(ran.out, "");
    assert!(ran.err.lines().last().unwrap().starts_with("result: "), "{}", ran.err);
    let report: serde_json::Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert_eq!(report["checks"][0]["id"], "links::bind");

    let nowhere = folder.path().join("no/such/folder");
    let arguments = ["links::bind", "--out", nowhere.to_str().unwrap()];
    let ran = check(c_keyvalue(), &arguments).ended_with(2);
    assert!(ran.line().contains("cannot write"), "{ran:?}");
}

#[test]
fn an_unknown_id_is_refused_with_the_nearest_one() {
    let ran = check(c_keyvalue(), &["links::bnd"]).ended_with(2);
    assert!(ran.line().contains("`links::bind`"), "{ran:?}");
    assert_eq!(ran.out, "");
}

#[test]
fn a_crash_is_a_failure_with_its_evidence_and_the_command_that_repeats_it() {
    let arguments = ["ops::declared::Crash", "--format", "json", "--link", "A=b c"];
    let report = check(moods(), &arguments).ended_with(1).json();
    let check = &report["checks"][0];
    assert_eq!(check["verdict"]["kind"], "crash", "{check}");
    assert_eq!(check["signal"], "SIGABRT");
    let steps = check["steps"].as_array().unwrap();
    assert_eq!(steps.last().unwrap()["call"], "handle_call");
    // What it said before it crashed: up to `info`, whatever it was asked with.
    let said = check["log"].as_array().unwrap();
    let levels: Vec<_> = said.iter().map(|line| line["level"].as_str().unwrap()).collect();
    assert_eq!(levels, ["error", "warn", "info"]);
    assert_eq!(said[0]["op"], "Crash");
    let again =
        format!("cargo provider check {} --link 'A=b c' ops::declared::Crash", moods().display());
    assert_eq!(check["again"], again);
}

#[test]
fn a_failure_names_the_call_the_argument_the_expectation_and_the_likely_cause() {
    let ran = check(moods(), &["links::malformed"]).ended_with(1);
    for part in [
        "FAIL links::malformed  [must]",
        "handle_call(\"system\", \"BindActor\", <1 byte: c1>)",
        "expected an error",
        "got      Ok(no bytes)",
        "likely: the payload is not decoded",
        "again:  cargo provider check ",
        "more:   cargo provider explain links::malformed",
    ] {
        assert!(ran.out.contains(part), "{part}: {}", ran.out);
    }
}

#[test]
fn a_provider_that_cannot_be_made_fails() {
    let folder = TempDir::new().unwrap();
    let library = compiled(folder.path(), "null", &described("null", 1, ""));
    let ran = check(&library, &["create::ok"]).ended_with(1);
    assert!(ran.out.contains("create::ok"), "{}", ran.out);
    assert!(ran.out.to_lowercase().contains("null"), "{}", ran.out);
}

#[test]
fn what_the_testkit_could_not_do_is_told_also_when_it_only_stands_in_the_way() {
    let mut command = program();
    command.env("TMPDIR", "/does/not/exist").arg("check").arg(moods()).arg("links::bind");
    let ran = finish(&mut command).ended_with(4);
    assert!(ran.out.contains("ERROR abi::format"), "{}", ran.out);
    assert!(ran.out.contains("no folder can be made"), "{}", ran.out);
}

#[test]
fn what_only_cargos_own_folders_hold_is_missing() {
    let folder = TempDir::new().unwrap();
    let target = folder.path().join("target");
    fs::create_dir(&target).unwrap();
    fs::write(target.join(".rustc_info.json"), "{}").unwrap();
    compiled(&target, "needed", "int needed(void) { return 1; }");
    let source = described("needy", 1, "extern int needed(void); int (*keep)(void) = needed;");
    let file = folder.path().join("needy.c");
    fs::write(&file, source).unwrap();
    let library = folder.path().join("libneedy.so");
    let mut cc = Command::new("cc");
    cc.args(["-shared", "-fPIC", "-I"]).arg(workspace().join("provider-core/include"));
    cc.arg("-o").arg(&library).arg(&file).arg("-L").arg(&target).arg("-lneeded");
    assert_eq!(finish(&mut cc).code, Some(0));
    let check = |path: &Path| {
        let mut command = program();
        command.arg("check").arg(&library).arg("load::now");
        finish(command.env("LD_LIBRARY_PATH", path))
    };
    let ran = check(&target).ended_with(1);
    assert!(ran.line().contains("libneeded.so"), "{ran:?}");
    // The same in a folder that is not cargo's.
    let own = folder.path().join("own");
    fs::create_dir(&own).unwrap();
    fs::copy(target.join("libneeded.so"), own.join("libneeded.so")).unwrap();
    check(&own).ended_with(0);
}

#[test]
fn a_provider_without_a_vendor_is_told() {
    let folder = TempDir::new().unwrap();
    let source = described("nobodys", 1, "").replace("CP_STR(\"v\")", "CP_STR(\"\")");
    let library = compiled(folder.path(), "nobodys", &source);
    let ran = check(&library, &["load::describe"]).ended_with(0);
    assert!(ran.out.contains("note: it names no vendor"), "{}", ran.out);
}

#[test]
fn nothing_verified_is_no_success() {
    let folder = TempDir::new().unwrap();
    let source = described("silent", 1, "").replace(".op_count = 1", ".op_count = 0");
    let library = compiled(folder.path(), "silent", &source);
    // There is one of it for each operation, and there is none.
    let ran = check(&library, &["ops::declared"]).ended_with(3);
    assert!(ran.line().contains("nothing was verified"), "{ran:?}");
}
