//! The command, `cargo test` and `cargo nextest run` know the same checks by the same names, and say
//! the same of them.

use std::{
    collections::BTreeMap,
    env,
    path::Path,
    process::{Command, ExitCode, Stdio},
    sync::{Arc, OnceLock},
};

use libtest_mimic::{Arguments, Completion, Failed, Trial};

/// A provider, and the defect that it has.
#[derive(Debug, Clone, Copy)]
struct Case {
    package: &'static str,
    defect: &'static str,
}

const CASES: [Case; 4] = [
    Case { package: "keyvalue-memory", defect: "" },
    Case { package: "faulty", defect: "second-bind-fails" },
    // Much builds on `links::bind`.
    Case { package: "faulty", defect: "panic-in-background-thread" },
    Case { package: "faulty", defect: "deep-nesting-overflows" },
];

/// The checks, with the words of their verdicts.
type Words = BTreeMap<String, String>;

/// What one front end says, and everything that it printed.
struct Said {
    words: Words,
    output: String,
}

fn main() -> ExitCode {
    let mut trials = Vec::new();
    for case in CASES {
        let name = format!("{}_{}", case.package, case.defect);
        let name = name.trim_end_matches('_').replace('-', "_");
        let expected = Arc::new(OnceLock::new());
        let shared = Arc::clone(&expected);
        trials.push(Trial::test(format!("cargo_test_agrees_on_{name}"), move || {
            let expected = shared.get_or_init(|| by_command(case));
            same(expected, &by_test(case))
        }));
        trials.push(Trial::ignorable_test(format!("nextest_agrees_on_{name}"), move || {
            if !has_nextest() {
                return without_nextest();
            }
            let expected = expected.get_or_init(|| by_command(case));
            same(expected, &by_nextest(case)).map(|()| Completion::Completed)
        }));
    }
    let mut arguments = Arguments::from_args();
    // Each builds the library anew where the others have it open: `cargo build` and `cargo test` may
    // differ in the features of what it depends on, and cargo has one place for both.
    arguments.test_threads = Some(1);
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn same(expected: &Words, said: &Said) -> Result<(), Failed> {
    let Said { words, output } = said;
    if expected.is_empty() {
        return Err(Failed::from("the command made no check"));
    }
    let differs = |id: &&String| expected.get(*id) != words.get(*id);
    let wrong: Vec<String> = expected
        .keys()
        .chain(words.keys())
        .filter(differs)
        .map(|id| format!("{id}: {:?} and {:?}", expected.get(id), words.get(id)))
        .collect();
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Failed::from(format!("{}\n\n{output}", wrong.join("\n"))))
    }
}

/// A command in the workspace, with the case's defect and nothing of what runs this test.
fn command(program: &str, case: Case) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .stdin(Stdio::null())
        .env("FAULTY_DEFECT", case.defect)
        .env_remove("PROVIDER_LIB");
    for (name, _) in env::vars().filter(|(name, _)| name.starts_with("NEXTEST")) {
        command.env_remove(name);
    }
    command
}

fn output(command: &mut Command) -> (String, String) {
    let output = command.output().expect("the program starts");
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

fn by_command(case: Case) -> Words {
    let mut command = command(env!("CARGO_BIN_EXE_cargo-provider"), case);
    let arguments = ["check", "-p", case.package, "--dev", "--format", "json"];
    let (report, errors) = output(command.args(arguments));
    let report: serde_json::Value = serde_json::from_str(&report)
        .unwrap_or_else(|error| panic!("no report of {case:?}: {error}\n{errors}"));
    let checks = report["checks"].as_array().expect("checks are a list");
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    checks
        .iter()
        .map(|check| (text(&check["id"]), text(&check["verdict"]["kind"]).replace('_', " ")))
        .collect()
}

/// The verdict of a test that failed: what its failure says begins with it.
fn word(output: &str, id: &str) -> String {
    let head = format!(" {id}  [");
    let line = output.lines().find_map(|line| Some(line.split_once(&head)?.0));
    line.unwrap_or("no word").trim().to_lowercase()
}

fn by_test(case: Case) -> Said {
    let cargo = env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let mut command = command(&cargo, case);
    command.args(["test", "-p", case.package, "--test", "conformance"]);
    let (out, err) = output(&mut command);
    let mut words = Words::new();
    for line in out.lines().filter_map(|line| line.strip_prefix("test ")) {
        let Some((id, state)) = line.split_once(" ... ") else { continue };
        let id = id.trim().to_owned();
        let word = match state.trim() {
            "ok" => "pass".to_owned(),
            // What another failure blocks is quiet.
            state if state.starts_with("ignored") => {
                let blocked = state.contains("not checked, because `");
                (if blocked { "blocked" } else { "skipped" }).to_owned()
            }
            _ => word(&out, &id),
        };
        words.insert(id, word);
    }
    Said { words, output: out + &err }
}

fn has_nextest() -> bool {
    let mut command = Command::new(env::var("CARGO").unwrap_or_else(|_| "cargo".into()));
    let version = command.args(["nextest", "--version"]).stdin(Stdio::null()).output();
    version.is_ok_and(|output| output.status.success())
}

fn without_nextest() -> Result<Completion, Failed> {
    let reason = "there is no `cargo nextest`: `cargo install cargo-nextest --locked` installs it";
    if env::var("CI").is_ok_and(|ci| ci == "true") {
        return Err(Failed::from(reason));
    }
    Ok(Completion::ignored_with(reason))
}

fn by_nextest(case: Case) -> Said {
    let cargo = env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    // Not the configuration of the workspace, if it gets one. A device is no file to every nextest.
    let config = tempfile::NamedTempFile::new().expect("a file can be made");
    let mut command = command(&cargo, case);
    command
        .args(["nextest", "run", "-p", case.package, "--test", "conformance"])
        .args(["--no-fail-fast", "--retries", "0", "--color", "never", "--hide-progress-bar"])
        .args(["--status-level", "all", "--final-status-level", "none"])
        .args(["--success-output", "immediate", "--failure-output", "immediate"])
        .arg("--config-file")
        .arg(config.path());
    let (out, err) = output(&mut command);
    let all = out + &err;
    let mut words = Words::new();
    let mut last: Option<String> = None;
    for line in all.lines() {
        let mut parts = line.split_whitespace();
        let state = parts.next().unwrap_or_default();
        let is_ours = line.contains("::conformance ") || line.contains("conformance::");
        if matches!(state, "PASS" | "FAIL" | "SKIP") && is_ours {
            let id = parts.next_back().unwrap_or_default().to_owned();
            let word = match state {
                "PASS" => "pass".to_owned(),
                "SKIP" => "skipped".to_owned(),
                _ => word(&all, &id),
            };
            words.insert(id.clone(), word);
            last = Some(id);
        } else if let Some(id) = &last
            // What turns out not to apply only while it is checked passes as far as nextest can see;
            // the test's own words are there.
            && line.trim_start().starts_with(&format!("test {id} ... ignored"))
        {
            words.insert(id.clone(), "skipped".to_owned());
        }
    }
    Said { words, output: all }
}
