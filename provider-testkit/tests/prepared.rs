//! What a package prepares before its checks is there while they run, and what it cannot have is a
//! reason and no success.

use std::{
    env,
    error::Error,
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Command, ExitCode, Output},
    sync::OnceLock,
};

use libtest_mimic::{Arguments, Failed, Trial};
use provider_testkit::{
    Level, Options, enter_worker_if_asked,
    harness::{self, Preparation},
};
use tempfile::TempDir;

#[allow(dead_code, reason = "it is for other tests as well")]
mod common;

/// The variable that makes this program a `tests/conformance.rs`, and says what its preparation does.
const FRONT: &str = "TESTKIT_PREPARED_FRONT";

type Outcome = Result<(), Failed>;

fn main() -> ExitCode {
    enter_worker_if_asked();
    if env::var_os(FRONT).is_some() {
        let package = harness::Package {
            name: "front",
            manifest_dir: env!("CARGO_TARGET_TMPDIR"),
            scratch: None,
        };
        return harness::main(package, prepare);
    }
    let trials = vec![
        Trial::test("what_is_prepared_is_there_until_the_last_check_has_ended", ready),
        Trial::test("what_cannot_be_had_is_ignored_with_the_reason", not_run),
        Trial::test("a_preparation_that_fails_is_a_failure_with_its_text", failed),
        Trial::test("a_list_prepares_nothing", list),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn prepare(options: &mut Options) -> Result<Preparation, Box<dyn Error>> {
    match env::var(FRONT).as_deref() {
        Ok("ready") => {
            let folder = TempDir::new()?;
            options.level = Level::Should;
            writeln!(io::stdout(), "prepared {}", folder.path().display())?;
            Ok(Preparation::ready(folder))
        }
        Ok("absent") => Ok(Preparation::NotRun("there is no server".into())),
        _ => Err("the server does not start".into()),
    }
}

fn front(preparation: &str, arguments: &[&str]) -> Result<Output, Failed> {
    static LIBRARY: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let library = LIBRARY.get_or_init(|| common::c_library("small.c", 0)).clone()?;
    Ok(Command::new(env::current_exe()?)
        .args(arguments)
        .env(FRONT, preparation)
        .env("PROVIDER_LIB", library)
        .output()?)
}

fn check(output: &Output, success: bool, out: &str, err: &str) -> Outcome {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let right = output.status.success() == success
        && text(&output.stdout).contains(out)
        && text(&output.stderr).contains(err);
    if right {
        return Ok(());
    }
    let (shown, errors) = (text(&output.stdout), text(&output.stderr));
    Err(Failed::from(format!("wanted {out:?} and {err:?}:\n{}\n{shown}{errors}", output.status)))
}

fn ready() -> Outcome {
    let output = front("ready", &["load::"])?;
    // What the preparation asked for is recommended and no must.
    check(&output, true, "test load::quiet ", "")?;
    check(&output, true, "prepared /", "")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let folder = text.lines().find_map(|line| line.strip_prefix("prepared ")).unwrap_or("/");
    if Path::new(folder).exists() {
        return Err(Failed::from(format!("`{folder}` was left behind")));
    }
    Ok(())
}

fn not_run() -> Outcome {
    let output = front("absent", &["links::"])?;
    check(&output, true, "links::bind            ... ignored (there is no server)", "")?;
    check(&output, true, "0 passed; 0 failed", "")
}

fn failed() -> Outcome {
    let output = front("other", &["links::"])?;
    check(&output, false, "", "error: the server does not start")
}

fn list() -> Outcome {
    check(&front("other", &["--list"])?, true, "links::bind: test", "")
}
