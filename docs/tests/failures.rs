//! The reports that the pages of the checks show are those of real runs: of a provider with a defect
//! that the check must find. `UPDATE_DOCS=1` rewrites those that say something else by now.
//!
//! A program of its own, because a check's process is the program that runs it once more.
#![expect(clippy::unwrap_used, reason = "a test")]
#![expect(dead_code, reason = "each test uses its part of the modules")]

#[path = "pages/libraries.rs"]
mod libraries;
#[path = "pages/mod.rs"]
mod pages;

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use faulty_defects::{Defect, Made, VARIABLE, defects};
use libtest_mimic::{Arguments, Failed, Trial};
use pages::{root, same_but_for_numbers, without_root};
use provider_testkit::{Check, Kit, Level, Options, checks, enter_worker_if_asked, find, report};

/// A hang is one after 2 s.
const SCALE: f64 = 0.2;
const EFFORT: f64 = 0.1;
/// As wide as the command's.
const STYLE: report::Style = report::Style { color: false, width: 100 };

fn main() -> ExitCode {
    enter_worker_if_asked();
    let arguments = Arguments::from_args();
    let shown: Vec<(&Check, &Defect)> =
        checks().iter().filter_map(|check| Some((check, defect(check)?))).collect();
    fs::create_dir_all(folder()).unwrap();
    let library = libraries::cargo_library("faulty");
    let expected: BTreeSet<PathBuf> = shown.iter().map(|(check, _)| path(check)).collect();
    let mut trials = vec![Trial::test("there_is_no_other_report", move || no_other(&expected))];
    for (check, defect) in shown {
        let library = library.clone();
        trials
            .push(Trial::test(check.id, move || hold(check, || reported(check, defect, &library))));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// How often a report is made that is not as it was.
const RUNS: usize = 3;

fn folder() -> PathBuf {
    root().join("docs/tests/reports")
}

/// Where the report is that a check's page shows.
fn path(check: &Check) -> PathBuf {
    folder().join(check.id.replace("::", "-") + ".txt")
}

fn update() -> bool {
    env::var_os("UPDATE_DOCS").is_some()
}

/// Holds the report that a page shows against that of a run, or rewrites it. What a thread was at when
/// another one hung is chance on a busy machine, so there are several runs.
fn hold(check: &Check, run: impl Fn() -> String) -> Result<(), Failed> {
    let path = path(check);
    let stored = fs::read_to_string(&path).unwrap_or_default();
    let mut report = String::new();
    for _ in 0..RUNS {
        report = run();
        if same_but_for_numbers(&stored, &report) {
            return Ok(());
        }
    }
    if update() {
        return Ok(fs::write(&path, report)?);
    }
    Err(Failed::from(format!(
        "`{}` says\n{stored}\nand a run says\n{report}\nUPDATE_DOCS=1 cargo test -p provider-docs",
        path.display()
    )))
}

fn no_other(expected: &BTreeSet<PathBuf>) -> Result<(), Failed> {
    for entry in fs::read_dir(folder())? {
        let path = entry?.path();
        if expected.contains(&path) {
            continue;
        }
        if !update() {
            return Err(Failed::from(format!("`{}` is the report of no check", path.display())));
        }
        fs::remove_file(path)?;
    }
    Ok(())
}

/// The defect whose report a check's page shows: one that does not hang, if there is one. What is
/// refused has no report.
fn defect(check: &Check) -> Option<&'static Defect> {
    let shown = |defect: &&Defect| defect.verdict != "refused" && red(check, defect).is_some();
    let of_contracts = || faulty_contracts::defects().find(shown);
    defects().filter(shown).min_by_key(|defect| defect.verdict == "hang").or_else(of_contracts)
}

/// What of this check the defect turns red.
fn red(check: &Check, defect: &Defect) -> Option<&'static str> {
    defect.red.iter().copied().find(|red| find(red).is_ok_and(|found| found.id == check.id))
}

/// What the command would say.
fn reported(check: &Check, defect: &Defect, rust: &Path) -> String {
    let (library, options, again) = if let Made::Example { example } = defect.made {
        let library = libraries::cargo_example("faulty-contracts", example);
        let folder = root().join("sample-providers/faulty-contracts");
        let options = Options::in_folder(folder).unwrap();
        (library, options, format!("cargo provider check target/debug/examples/lib{example}.so"))
    } else if let Some(library) = libraries::other_library(defect.made) {
        let name = library.file_name().unwrap().to_string_lossy().into_owned();
        let configured = defect.made.folder().map(|folder| Options::in_folder(folder).unwrap());
        (library, configured.unwrap_or_default(), format!("cargo provider check ./{name}"))
    } else {
        let options = Options::in_folder(root().join("sample-providers/faulty")).unwrap();
        (rust.to_owned(), options, String::from("cargo provider check -p faulty"))
    };
    let mut options = Options {
        timeout_scale: SCALE,
        effort: EFFORT,
        seed: Some(1),
        jobs: 1,
        again: Some(again),
        ..options
    };
    options.env.insert(VARIABLE.into(), defect.name.into());
    // Its lines are the compiler's, and say where this repository is.
    options.env.insert("RUST_BACKTRACE".into(), "0".into());
    let kit = Kit::open(library, options).unwrap();
    let id = red(check, defect).unwrap();
    let run = kit.run(&kit.select(&[id], Level::Perf).unwrap(), &mut ());
    let mut found = run.checks.into_iter().find(|report| report.id == id).unwrap();
    // Where the library is differs from machine to machine.
    let folder = kit.identity().path.parent().unwrap().to_string_lossy().into_owned();
    for step in &mut found.steps {
        step.args = step.args.replace(&folder, "target/debug");
    }
    if id.starts_with("async::") {
        // How far the calls in flight have come is chance.
        found.steps.drain(..found.steps.len().saturating_sub(1));
    }
    // Where each thread was is another place each time.
    found.threads.clear();
    without_root(&report::failure(&found, STYLE))
}
