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
    path::PathBuf,
    process::ExitCode,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    thread,
};

use faulty::{Defect, Made, VARIABLE, defects};
use pages::{root, same_but_for_numbers};
use provider_testkit::{Check, Kit, Level, Options, checks, enter_worker_if_asked, find, report};

/// A hang is one after 2 s.
const SCALE: f64 = 0.2;
const EFFORT: f64 = 0.1;
/// As wide as the command's.
const STYLE: report::Style = report::Style { color: false, width: 100 };

fn main() -> ExitCode {
    enter_worker_if_asked();
    if env::args().any(|argument| argument == "--list") {
        return ExitCode::SUCCESS;
    }
    let update = env::var_os("UPDATE_DOCS").is_some();
    let folder = root().join("docs/tests/reports");
    fs::create_dir_all(&folder).unwrap();
    let shown: Vec<(&Check, &Defect)> =
        checks().iter().filter_map(|check| Some((check, defect(check)?))).collect();
    let library = libraries::cargo_library("faulty");
    let wrong = Mutex::new(Vec::new());
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some((check, defect)) = shown.get(next.fetch_add(1, Relaxed)) {
                    let path = folder.join(check.id.replace("::", "-") + ".txt");
                    let report = reported(check, defect, &library);
                    let stored = fs::read_to_string(&path).unwrap_or_default();
                    if same_but_for_numbers(&stored, &report) {
                        continue;
                    }
                    if update {
                        fs::write(&path, report).unwrap();
                    } else {
                        let name = path.display();
                        let line = format!("`{name}` says\n{stored}\nand the run says\n{report}");
                        wrong.lock().unwrap().push(line);
                    }
                }
            });
        }
    });
    let mut wrong = wrong.into_inner().unwrap();
    let expected: BTreeSet<PathBuf> =
        shown.iter().map(|(check, _)| folder.join(check.id.replace("::", "-") + ".txt")).collect();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        match expected.contains(&path) {
            false if update => fs::remove_file(path).unwrap(),
            false => wrong.push(format!("`{}` is the report of no check", path.display())),
            true => {}
        }
    }
    assert!(
        wrong.is_empty(),
        "run `UPDATE_DOCS=1 cargo test -p provider-docs` twice: {}",
        wrong.join("\n")
    );
    ExitCode::SUCCESS
}

/// The defect whose report a check's page shows: one that does not hang, if there is one.
fn defect(check: &Check) -> Option<&'static Defect> {
    let finds = |defect: &&Defect| red(check, defect).is_some();
    defects().filter(finds).min_by_key(|defect| defect.verdict == "hang")
}

/// What of this check the defect turns red.
fn red(check: &Check, defect: &Defect) -> Option<&'static str> {
    defect.red.iter().copied().find(|red| find(red).is_ok_and(|found| found.id == check.id))
}

/// What the command would say.
fn reported(check: &Check, defect: &Defect, faulty: &PathBuf) -> String {
    let (library, mut options, again) = match defect.made {
        Made::C { source, number } => {
            let library = libraries::c_library(source, number);
            let name = library.file_name().unwrap().to_string_lossy().into_owned();
            (library, Options::default(), format!("cargo provider check ./{name}"))
        }
        _ => {
            let folder = root().join("sample-providers/faulty");
            let options = Options::in_folder(folder).unwrap();
            (faulty.clone(), options, String::from("cargo provider check -p faulty"))
        }
    };
    options.env.insert(VARIABLE.into(), defect.name.into());
    // Its lines are the compiler's and say where this repository is.
    options.env.insert("RUST_BACKTRACE".into(), "0".into());
    options.again = Some(again);
    let options =
        Options { timeout_scale: SCALE, effort: EFFORT, seed: Some(1), jobs: 1, ..options };
    let kit = Kit::open(library, options).unwrap();
    let id = red(check, defect).unwrap();
    let run = kit.run(&kit.select(&[id], Level::Perf).unwrap(), &mut ());
    let mut found = run.checks.into_iter().find(|report| report.id == id).unwrap();
    // Where the library is differs from machine to machine.
    let folder = kit.identity().path.parent().unwrap().to_string_lossy().into_owned();
    for step in &mut found.steps {
        step.args = step.args.replace(&folder, "target/debug");
    }
    report::failure(&found, STYLE)
}
