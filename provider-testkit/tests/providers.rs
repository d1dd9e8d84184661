//! The workspace's own providers keep every rule, and what is no provider is one clear line.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::Duration,
};

use libtest_mimic::{Arguments, Failed, Trial};
use provider_host::LogLevel;
use provider_testkit::{
    Kit, Level, Options, Problem, enter_worker_if_asked, harness, payload, report,
    session::{self, CallOptions},
};
use serde_json::json;

mod common;

/// The variable that makes this program a provider's `tests/conformance.rs`.
const FRONT: &str = "TESTKIT_FRONT";
const STYLE: report::Style = report::Style { color: false, width: 100 };

type Outcome = Result<(), Failed>;

fn main() -> ExitCode {
    enter_worker_if_asked();
    if env::var_os(FRONT).is_some() {
        let package = harness::Package {
            name: "front",
            manifest_dir: env!("CARGO_MANIFEST_DIR"),
            scratch: option_env!("CARGO_TARGET_TMPDIR"),
        };
        return harness::main(package, |_| Ok(harness::Preparation::ready(())));
    }
    let mut trials = vec![
        Trial::test("c_keyvalue_keeps_every_rule", || {
            keeps_every_rule(&c_keyvalue()?, "c-keyvalue")
        }),
        Trial::test("a_call_returns_what_the_provider_answers", calls),
        Trial::test("what_is_no_provider_is_one_clear_line", unusable),
        Trial::test("a_flood_of_output_blocks_nobody", flood),
        Trial::test("a_blocked_check_names_the_one_that_blocks_it", blocked),
        Trial::test("the_front_end_lists_filters_and_fails_as_libtest_does", front),
    ];
    for package in ["keyvalue-memory", "keyvalue-embedded", "hand-written", "echo-async"] {
        let name = format!("{}_keeps_every_rule", package.replace('-', "_"));
        trials.push(Trial::test(name, move || {
            keeps_every_rule(&common::cargo_library(package)?, package)
        }));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn check(holds: bool, otherwise: impl FnOnce() -> String) -> Outcome {
    if holds { Ok(()) } else { Err(Failed::from(otherwise())) }
}

/// Builds something with a C compiler.
fn compiled(name: &str, build: impl FnOnce(&Path) -> Command) -> Result<PathBuf, String> {
    let library = common::scratch().join(format!("lib{name}.so"));
    let status = build(&library).status().map_err(|error| error.to_string())?;
    if status.success() { Ok(library) } else { Err(format!("`{name}` does not compile")) }
}

fn c_keyvalue() -> Result<PathBuf, Failed> {
    // Tests run at the same time: each has a file of its own.
    let name = format!("c_keyvalue_{:?}", std::thread::current().id());
    let name: String = name.chars().filter(|c| *c != '(' && *c != ')').collect();
    let build = common::workspace().join("sample-providers/c-keyvalue/build.sh");
    Ok(compiled(&name, |library| {
        let mut command = Command::new("sh");
        command.arg(build).arg(library);
        command
    })?)
}

fn broken(defect: u8) -> Result<PathBuf, Failed> {
    Ok(common::c_library("unusable.c", defect)?)
}

fn keeps_every_rule(library: &Path, package: &str) -> Outcome {
    let folder = common::workspace().join("sample-providers").join(package);
    let kit = Kit::open(library, Options::in_folder(folder)?)?;
    let level = kit.options().level;
    check(level == Level::Should, || format!("`{package}` keeps only what it {level} keep"))?;
    let mut run = kit.run(&kit.select::<&str>(&[], level)?, &mut ());
    let tally = run.tally();
    let all = tally.passed + tally.skipped == run.checks.len();
    check(run.exit_code() == 0 && all, || report::human(&run, STYLE))?;
    // What it says of itself beyond its descriptor is no part of a report.
    run.identity.description = None;
    let json: serde_json::Value = serde_json::from_str(&report::json(&run))?;
    check(json["checks"][0]["verdict"]["kind"] == "pass", || json["checks"][0].to_string())?;
    let back: provider_testkit::Run = serde_json::from_value(json)?;
    check(back == run, || "JSON does not come back".into())
}

fn calls() -> Outcome {
    let library = c_keyvalue()?;
    let options = |op: &str, request: &serde_json::Value| {
        Ok::<_, Failed>(CallOptions {
            log: LogLevel::Off,
            actor: "MACTOR".into(),
            op: op.into(),
            payload: payload::encode(request)?,
            links: BTreeMap::new(),
            timeout: Duration::from_secs(10),
            env: BTreeMap::new(),
        })
    };
    let get = session::call(&library, options("Get", &json!({"key": "k"}))?)?;
    let reply = get.reply.map_err(|error| error.message)?;
    let reply = payload::decode(&reply).ok();
    check(reply == Some(json!({"value": "", "exists": false})), || format!("{reply:?}"))?;
    check(get.dispatched.is_empty(), || format!("{:?}", get.dispatched))?;
    let unknown = session::call(&library, options("Nothing", &json!({}))?)?;
    let error = unknown.reply.err().ok_or("it was answered")?;
    check(error.kind == "unknown operation" && error.during == "Nothing", || format!("{error:?}"))?;
    let missing = session::call("/nowhere.so", options("Get", &json!({}))?);
    let line = missing.err().ok_or("it was called")?.to_string();
    check(line.contains("no such file"), || line)
}

fn unusable() -> Outcome {
    let text = common::scratch().join("text.so");
    fs::write(&text, "INPUT(libc.so)\n")?;
    let empty = common::scratch().join("empty.so");
    fs::write(&empty, "")?;
    let plain = compiled("plain", |library| {
        let source = common::scratch().join("plain.c");
        // A failure to write it shows when it is compiled.
        let _ = fs::write(&source, "int capability_provider_create(void) { return 0; }\n");
        let mut command = Command::new("cc");
        command.args(["-shared", "-fPIC", "-o"]).arg(library).arg(source);
        command
    })?;
    let old = compiled("old", |library| {
        let source = common::scratch().join("old.c");
        let _ = fs::write(&source, "void *__capability_provider_create(void) { return 0; }\n");
        let mut command = Command::new("cc");
        command.args(["-shared", "-fPIC", "-o"]).arg(library).arg(source);
        command
    })?;
    for (library, check_id, expected) in [
        (text, "abi::format", "a text and no shared library"),
        (empty, "abi::format", "the file is empty"),
        (env::current_exe()?, "abi::exports", "no capability provider"),
        (plain, "abi::exports", "the nearest name is `capability_provider_create`"),
        (old, "abi::exports", "the Rust-only interface of 2021"),
        (broken(1)?, "load::now", "while it was loaded: SIGABRT during `dlopen`"),
        (broken(2)?, "load::now", "while it was loaded: `dlopen` did not return within 1 s"),
        (broken(3)?, "load::now", "ended the process with exit code 0 during `dlopen`"),
        (broken(4)?, "load::describe", "describes itself wrongly: the descriptor's address is 0x0"),
        (broken(5)?, "load::describe", "speaks ABI 2.0"),
        (broken(6)?, "load::describe", "name is not UTF-8"),
    ] {
        let options = Options { timeout_scale: 0.1, ..Options::default() };
        let unusable = Kit::open(&library, options).err().ok_or("it was opened")?;
        let line = unusable.to_string();
        check(
            line.contains(expected) && line.lines().count() == 1 && unusable.check() == check_id,
            || format!("`{expected}` and {check_id} are expected: {line} ({})", unusable.check()),
        )?;
        if let Problem::Died(report) = &unusable.problem {
            check(report.verdict.is_failure(), || format!("{report:?}"))?;
        }
    }
    Ok(())
}

fn flood() -> Outcome {
    let kit = Kit::open(broken(8)?, Options::default())?;
    let run = kit.run(&kit.select(&["load::now"], Level::Must)?, &mut ());
    check(run.exit_code() == 0, || report::human(&run, STYLE))?;
    let note = run.checks[0].notes.first().cloned().unwrap_or_default();
    check(note.contains("bytes to standard output"), || note)
}

fn blocked() -> Outcome {
    let kit = Kit::open(broken(7)?, Options::default())?;
    let run = kit.run(&kit.select(&["links::isolation", "stop"], Level::Must)?, &mut ());
    let red: Vec<&str> = run
        .checks
        .iter()
        .filter(|check| check.verdict.is_failure())
        .map(|check| check.id.as_str())
        .collect();
    check(red == ["create::ok"] && run.exit_code() == 1, || report::human(&run, STYLE))?;
    check(run.tally().blocked + 1 == run.checks.len(), || format!("{:?}", run.tally()))
}

fn front() -> Outcome {
    let library = c_keyvalue()?;
    let broken = broken(7)?;
    let run = |library: &Path, arguments: &[&str]| {
        let output = Command::new(env::current_exe()?)
            .env(FRONT, "1")
            .env("PROVIDER_LIB", library)
            .env_remove("NEXTEST")
            .env_remove("NEXTEST_RUN_ID")
            .args(arguments)
            .output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        Ok::<_, Failed>((output.status.code(), text))
    };
    let (code, list) = run(&library, &["--list", "--format", "terse"])?;
    let kit = Kit::open(&library, Options::default())?;
    let all = kit.select::<&str>(&[], Level::Must)?.len();
    check(code == Some(0) && list.lines().count() == all, || list.clone())?;
    let some = kit.select(&["links::bind*", "stop::exit"], Level::Must)?.len();
    check(list.lines().all(|line| line.ends_with(": test")), || list.clone())?;
    for (library, arguments, code, expected) in [
        (&library, &["links::bind", "--exact", "--nocapture"][..], 0, "1 passed"),
        (&library, &["--no-capture", "links::bind", "stop::exit"], 0, &format!("{some} passed")),
        (&library, &["--exact", "links::bnd"], 101, "did you mean `links::bind`?"),
        (&library, &["--exact", "another::test"], 0, "0 passed"),
        (&broken, &[], 101, "create::ok"),
        (&broken, &["links::cycle"], 101, "because `create::ok` fails"),
    ] {
        let (found, text) = run(library, arguments)?;
        check(found == Some(code) && text.contains(expected), || {
            format!("{arguments:?} ended with {found:?}:\n{text}")
        })?;
    }
    Ok(())
}
