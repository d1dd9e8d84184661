//! A provider that is written only to fool the testkit gets the right verdict in its time, and leaves
//! neither a process nor a file behind, nor a testkit that has grown.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use faulty_defects::{Defect, Made, VARIABLE, fools};
use libtest_mimic::{Arguments, Failed, Trial};
use provider_testkit::{CheckReport, Kit, Level, Options, enter_worker_if_asked};

#[allow(dead_code, reason = "each test takes what it needs")]
mod common;

/// Hangs are hangs after 2 s; nothing else waits for a clock.
const SCALE: f64 = 0.2;
/// What a report may take, besides the time limit.
const SLOW: Duration = Duration::from_secs(40);
/// What this process may need, in KiB: the provider's flood is more.
const MEMORY: u64 = 200 << 10;

fn main() -> ExitCode {
    enter_worker_if_asked();
    let arguments = Arguments::from_args();
    let mut trials: Vec<_> =
        fools().map(|fool| Trial::test(fool.name, move || fooled(fool))).collect();
    trials
        .push(Trial::test("a_crash_has_the_function_and_the_line_where_it_was", crash_has_a_place));
    trials.push(Trial::test("a_call_of_nothing_has_its_caller", nothing_has_a_caller));
    trials.push(Trial::test("a_thread_that_hangs_has_its_function", threads_have_places));
    let conclusion = libtest_mimic::run(&arguments, trials);
    let left: Vec<_> = folders(std::process::id()).collect();
    assert!(left.is_empty(), "left behind: {left:?}");
    conclusion.exit_code()
}

fn check(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(Failed::from(otherwise())) }
}

fn fooled(fool: &Defect) -> Result<(), Failed> {
    let Made::C { source, number } = fool.made else {
        return Err(Failed::from("it is made in C"));
    };
    let library = common::c_library(source, number)?;
    let began = Instant::now();
    let report = report(&library, fool)?;
    let shown = || format!("{report:#?}");
    check(report.verdict.word() == fool.verdict, shown)?;
    check(report.summary.contains(fool.says), shown)?;
    let last = report.steps.last();
    let last = last.map(|step| format!("{}({})", step.call, step.args)).unwrap_or_default();
    check(last.contains(fool.last), shown)?;
    check(began.elapsed() < SLOW, || format!("it took {:?}", began.elapsed()))?;
    check(processes(&library).is_empty(), || format!("left behind: {:?}", processes(&library)))?;
    let memory = memory();
    check(memory < MEMORY, || format!("the testkit needed {memory} KiB"))
}

fn report(library: &Path, fool: &Defect) -> Result<CheckReport, Failed> {
    let scale = if fool.verdict == "hang" { SCALE } else { 2.0 };
    let options = Options { timeout_scale: scale, effort: 0.1, ..Options::default() };
    let kit = Kit::open(library, options)?;
    let run = kit.run(&kit.select(fool.red, Level::Must)?, &mut ());
    let mut reports = run.checks.into_iter();
    match (reports.next(), reports.next()) {
        (Some(report), None) => Ok(report),
        others => Err(Failed::from(format!("one report is expected, not {others:#?}"))),
    }
}

fn of_fool(name: &str) -> Result<CheckReport, Failed> {
    let fool = fools().find(|fool| fool.name == name).ok_or("there is no such row")?;
    let Made::C { source, number } = fool.made else {
        return Err(Failed::from("it is made in C"));
    };
    report(&common::c_library(source, number)?, fool)
}

fn crash_has_a_place() -> Result<(), Failed> {
    let library = common::cargo_library("faulty")?;
    let mut options = Options { effort: 0.1, ..Options::default() };
    options.env.insert(VARIABLE.into(), "deep-nesting-overflows".into());
    let kit = Kit::open(library, options)?;
    let run = kit.run(&kit.select(&["ops::malformed::Nest"], Level::Must)?, &mut ());
    let report = run.checks.last().ok_or("there is no report")?;
    let shown = || format!("{report:#?}");
    let place = report.crash.as_ref().and_then(|crash| crash.place.as_ref());
    let place = place.ok_or_else(shown)?;
    check(place.module == "libfaulty.so", shown)?;
    check(place.function.as_deref().is_some_and(|name| name.contains("nesting")), shown)?;
    let location = place.location.as_ref().ok_or_else(shown)?;
    check(location.file.ends_with("src/nesting.rs") && location.line > 0, shown)
}

fn nothing_has_a_caller() -> Result<(), Failed> {
    let report = of_fool("calls-nothing")?;
    let shown = || format!("{report:#?}");
    let crash = report.crash.as_ref().ok_or_else(shown)?;
    check(crash.pc == 0 && crash.place.is_none() && !crash.unloaded, shown)?;
    let caller = crash.callers.first().and_then(|caller| caller.function.as_deref());
    check(caller == Some("act"), shown)?;
    check(report.summary.contains("a function that is not there"), shown)
}

fn threads_have_places() -> Result<(), Failed> {
    for (name, function) in [("spins", "act"), ("blocks-signals", "wait_for_ever")] {
        let report = of_fool(name)?;
        let shown = || format!("{report:#?}");
        let place = report.threads.first().and_then(|thread| thread.place.as_ref());
        check(place.and_then(|place| place.function.as_deref()) == Some(function), shown)?;
        check(report.crash.is_none(), shown)?;
    }
    Ok(())
}

/// The processes that have `library` in their memory.
fn processes(library: &Path) -> Vec<PathBuf> {
    let library = library.to_string_lossy();
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .map(|process| process.path())
        .filter(|process| {
            fs::read_to_string(process.join("maps")).is_ok_and(|maps| maps.contains(&*library))
        })
        .collect()
}

/// The folders of checks of process `id`.
fn folders(id: u32) -> impl Iterator<Item = PathBuf> {
    let ours = format!("provider-testkit-{id}-");
    let folders = fs::read_dir(env::temp_dir()).into_iter().flatten().flatten();
    folders.map(|folder| folder.path()).filter(move |folder| {
        folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&ours))
    })
}

/// The most that this process ever needed, in KiB.
fn memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|peak| peak.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}
