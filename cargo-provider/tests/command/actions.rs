//! What `check` writes where GitHub's runners read it.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::{fs, path::Path};

use tempfile::TempDir;

use crate::{
    command::{Ran, finish, program, workspace},
    libraries::{compiled, described},
};

/// A run of `check` by a runner, and the summary of the job.
fn by_runner(defect: &str, arguments: &[&str]) -> (Ran, String) {
    let folder = TempDir::new().unwrap();
    let summary = folder.path().join("summary.md");
    fs::write(&summary, "before\n").unwrap();
    let mut command = program();
    command
        .envs([("GITHUB_ACTIONS", "true"), ("FAULTY_DEFECT", defect)])
        .env("GITHUB_STEP_SUMMARY", &summary)
        .env("GITHUB_WORKSPACE", workspace())
        .arg("check")
        .args(arguments);
    let ran = finish(&mut command);
    let summary = fs::read_to_string(summary).unwrap();
    (ran, summary.strip_prefix("before\n").unwrap().to_owned())
}

/// The lines that a runner takes for commands: what is between the two that stop and resume that is
/// none.
fn commands(text: &str) -> Vec<String> {
    let (mut heard, mut silence) = (Vec::new(), None);
    for line in text.lines() {
        let line = line.trim_start();
        if let Some(word) = &silence {
            if line == format!("::{word}::") {
                silence = None;
            }
        } else if let Some(word) = line.strip_prefix("::stop-commands::") {
            silence = Some(word.to_owned());
        } else if line.starts_with("::") || line.contains("##[") {
            heard.push(line.to_owned());
        }
    }
    assert_eq!(silence, None, "{text}");
    heard
}

const PANIC: [&str; 5] = ["-p", "faulty", "--dev", "links::config-values", "abi::format"];

#[test]
fn a_panic_is_an_annotation_at_its_place_and_a_row_of_the_summary() {
    let (ran, summary) = by_runner("panic-on-odd-value", &PANIC);
    let ran = ran.ended_with(1);
    assert!(ran.out.contains("PANIC links::config-values"), "{}", ran.out);
    let commands = commands(&ran.out);
    assert_eq!(commands.len(), 1, "{commands:?}");
    let place = "::error file=sample-providers/faulty/src/links.rs,line=";
    assert!(commands[0].starts_with(place), "{commands:?}");
    assert!(commands[0].contains(",title=links%3A%3Aconfig-values::panic [must] "), "{commands:?}");
    assert!(
        summary.contains("| \u{274c} panic | links&#58;&#58;config-values | must |"),
        "{summary}"
    );
    assert!(summary.contains("| \u{2705} pass | abi&#58;&#58;format | must |"), "{summary}");
}

#[test]
fn a_report_for_programs_stays_one_and_annotations_are_beside_it() {
    let (ran, _) = by_runner("panic-on-odd-value", &[&PANIC[..], &["--format", "json"]].concat());
    let ran = ran.ended_with(1);
    assert_eq!(ran.json()["exit_code"], 1);
    assert_eq!(commands(&ran.err).len(), 1, "{}", ran.err);
}

#[test]
fn annotations_that_are_asked_for_are_all_there_is() {
    let (ran, summary) =
        by_runner("panic-on-odd-value", &[&PANIC[..], &["--format", "github"]].concat());
    let ran = ran.ended_with(1);
    assert_eq!(ran.out.lines().count(), 1, "{}", ran.out);
    assert_eq!(commands(&ran.out).len(), 1);
    assert!(summary.contains("config-values"));
}

#[test]
fn without_a_runner_there_is_no_annotation() {
    let mut command = program();
    command.env("FAULTY_DEFECT", "panic-on-odd-value").arg("check").args(PANIC);
    let ran = finish(&mut command).ended_with(1);
    assert_eq!(commands(&ran.out), [""; 0]);
    assert!(!ran.out.contains("stop-commands"));
}

/// A provider that writes commands wherever it can.
fn hostile(folder: &Path) -> std::path::PathBuf {
    let code = r#"
#include <stdio.h>
#include <stdlib.h>
__attribute__((constructor)) static void say(void) {
    fputs("::add-mask::x\n  ::set-output name=a::b\nthread 'x' panicked at ::error::y:1:2:\n"
          "::warning::z\n##[error]old\n", stderr);
}
"#;
    let source = described("hostile ##[error]name\\n::error::name", 1, code);
    compiled(folder, "hostile", &source)
}

#[test]
fn nothing_that_a_provider_writes_is_a_command() {
    let folder = TempDir::new().unwrap();
    let library = hostile(folder.path());
    let library = library.to_str().unwrap();
    for format in ["human", "json", "jsonl", "junit", "github", "html"] {
        let (ran, summary) = by_runner("", &[library, "load", "create", "--format", format]);
        assert_ne!(ran.code, Some(0), "{ran:?}");
        for command in commands(&ran.out).iter().chain(&commands(&ran.err)) {
            assert!(command.starts_with("::error title="), "{format}: {command}");
        }
        assert!(!summary.contains("\n::"), "{summary}");
    }
}
