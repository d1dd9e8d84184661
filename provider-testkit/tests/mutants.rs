//! Every defect of the faulty provider is found, by the checks that its table names and by no other,
//! with the verdict that the table names; and nothing is left behind.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use faulty_defects::{Defect, Made, VARIABLE, defects};
use libtest_mimic::{Arguments, Failed, Trial};
use provider_testkit::{
    CheckReport, Kit, Level, Options, Run, Verdict, enter_worker_if_asked,
    report::{Style, failure},
};

mod common;

/// The variable that makes this program one that is killed while a provider hangs.
const VICTIM: &str = "TESTKIT_VICTIM";
/// Hangs are hangs after 2 s.
const SCALE: f64 = 0.2;
/// Examples that are wrong without any defect: they declare what is not the contract's.
const DRIFTED: [&str; 2] = ["http_server_declared", "messaging_drifted"];
/// How many lines a failure is told in.
const SCREEN: usize = 24;
/// A defect shows in few repetitions.
const EFFORT: f64 = 0.1;
/// What does not apply to the faulty provider without a defect.
const SKIPPED: &[&str] = &[
    "load::unload",
    "links::values",
    "async::once",
    "async::answers",
    "async::returns",
    "async::cancel",
    "async::stop",
    "log::records",
    "log::level",
    "log::actor",
    "log::after-stop",
];

fn main() -> ExitCode {
    enter_worker_if_asked();
    if env::var_os(VICTIM).is_some() {
        hang();
    }
    let arguments = Arguments::from_args();
    let library = match common::cargo_library("faulty") {
        Ok(library) => library,
        Err(error) => panic!("{error}"),
    };
    let mut trials = vec![];
    {
        let library = library.clone();
        trials.push(Trial::test("none", move || {
            let run = run(&library, "none", SCALE)?;
            check(run.exit_code() == 0, || format!("{:?}", run.tally()))?;
            let tally = run.tally();
            check(tally.blocked + tally.errors == 0, || format!("{tally:?}"))?;
            let skipped = run.checks.iter().filter(|report| report.verdict.word() == "skipped");
            let skipped: Vec<&str> = skipped.map(|report| report.id.as_str()).collect();
            check(skipped == SKIPPED, || format!("{skipped:?}"))
        }));
    }
    let examples = Arc::new(common::cargo_examples("faulty-contracts").expect("they build"));
    for name in examples.keys().filter(|name| !DRIFTED.contains(&name.as_str())) {
        let (name, examples) = (name.clone(), Arc::clone(&examples));
        trials.push(Trial::test(format!("none_of_{name}"), move || {
            let run = run_example(&examples, &name, "none")?;
            let contract = run.checks.iter().filter(|report| group(report) == group_of(&name));
            let skipped =
                contract.filter(|report| !matches!(report.verdict, Verdict::Pass)).count();
            check(run.exit_code() == 0 && skipped == 0, || format!("{:?}", red(&run)))?;
            let mut values = run.checks.iter().filter(|report| report.id == "links::values");
            let held = values.any(|report| report.verdict == Verdict::Pass);
            check(held == (name == "link_values"), || format!("values are held: {held}"))
        }));
    }
    for defect in defects().chain(faulty_contracts::defects()) {
        let (library, examples) = (library.clone(), Arc::clone(&examples));
        trials.push(Trial::test(defect.name, move || {
            let run = match (defect.made, defect.made.library(&common::scratch())?) {
                (Made::Example { example }, _) => run_example(&examples, example, defect.name)?,
                (_, None) => run(&library, defect.name, SCALE)?,
                (_, Some(library)) if defect.verdict == "refused" => {
                    return refused(defect, &library);
                }
                (made, Some(library)) => checked(&library, options_of(made)?)?,
            };
            if defect.noted.is_empty() { found(defect, &run) } else { noted(defect, &run) }
        }));
    }
    trials.push(Trial::test("a_program_that_is_killed_leaves_no_worker_behind", move || {
        killed(&library)
    }));
    trials.push(Trial::test("async_0_keeps_every_rule", move || {
        let good = Made::C { source: "async.c", number: 0 };
        let library = common::c_library("async.c", 0)?;
        let run = checked(&library, options_of(good)?)?;
        let tally = run.tally();
        check(tally.passed + tally.skipped == run.checks.len(), || format!("{:?}", red(&run)))?;
        let mut started = run.checks.iter().filter(|report| group(report) == "async");
        check(started.all(|report| report.verdict == Verdict::Pass), || format!("{tally:?}"))?;
        without_samples(&library)
    }));
    trials.push(Trial::test("log_0_keeps_every_rule", move || {
        let run = checked(&common::c_library("log.c", 0)?, options(SCALE))?;
        let tally = run.tally();
        check(tally.passed + tally.skipped == run.checks.len(), || format!("{:?}", red(&run)))?;
        let heard = run.checks.iter().filter(|report| group(report) == "log");
        let passed = heard.filter(|report| report.verdict == Verdict::Pass).count();
        check(passed == 4, || format!("{passed} checks of what it says have passed"))
    }));
    for (number, note) in [(0, ""), (11, "6 bytes to standard output")] {
        trials.push(Trial::test(format!("small_{number}_keeps_every_rule"), move || {
            let run = checked(&common::c_library("small.c", number)?, options(SCALE))?;
            let tally = run.tally();
            check(tally.passed + tally.skipped == run.checks.len(), || format!("{:?}", red(&run)))?;
            let noted = run.checks.iter().any(|report| report.notes.join(" ").contains(note));
            check(noted, || format!("nothing notes {note:?}"))
        }));
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    let left = workers(std::process::id());
    assert!(left.is_empty(), "left behind: {left:?}");
    conclusion.exit_code()
}

fn check(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(Failed::from(otherwise())) }
}

fn run(library: &Path, defect: &str, scale: f64) -> Result<Run, Failed> {
    let folder = common::workspace().join("sample-providers/faulty");
    let mut options = Options::in_folder(folder)?;
    options.env.insert(VARIABLE.into(), defect.into());
    checked(library, Options { timeout_scale: scale, jobs: 1, effort: EFFORT, ..options })
}

/// The group of checks that a contract has for itself.
fn group_of(example: &str) -> String {
    example.replace('_', "")
}

fn group(report: &CheckReport) -> &str {
    report.id.split("::").next().unwrap_or_default()
}

fn run_example(
    examples: &BTreeMap<String, PathBuf>,
    example: &str,
    defect: &str,
) -> Result<Run, Failed> {
    let library = examples.get(example).ok_or_else(|| format!("there is no `{example}`"))?;
    let folder = common::workspace().join("sample-providers/faulty-contracts");
    let mut options = Options::in_folder(folder)?;
    options.env.insert(VARIABLE.into(), defect.into());
    // Some wait for a key to expire: the others need not wait with them.
    checked(library, Options { timeout_scale: SCALE, jobs: 4, effort: EFFORT, ..options })
}

/// With the configuration of what is made, if it has one.
fn options_of(made: Made) -> Result<Options, Failed> {
    let configured = made.folder().map(Options::in_folder).transpose()?.unwrap_or_default();
    Ok(Options { timeout_scale: SCALE, jobs: 1, effort: EFFORT, ..configured })
}

fn options(scale: f64) -> Options {
    Options { timeout_scale: scale, jobs: 1, effort: EFFORT, ..Options::default() }
}

fn checked(library: &Path, options: Options) -> Result<Run, Failed> {
    let kit = Kit::open(library, options)?;
    let selection = kit.select::<&str>(&[], Level::Perf)?;
    Ok(kit.run(&selection, &mut ()))
}

fn broken(run: &Run) -> impl Iterator<Item = &CheckReport> {
    run.checks
        .iter()
        .filter(|report| report.verdict.is_failure() || report.verdict == Verdict::Error)
}

/// What is red, one line each.
fn red(run: &Run) -> Vec<String> {
    broken(run)
        .map(|report| format!("{} {}: {}", report.id, report.verdict.word(), report.summary))
        .collect()
}

fn found(defect: &Defect, run: &Run) -> Result<(), Failed> {
    let shown = || red(run).join("\n");
    let mut expected = defect.red.to_vec();
    let mut ids: Vec<&str> = broken(run).map(|report| report.id.as_str()).collect();
    expected.sort_unstable();
    ids.sort_unstable();
    check(ids == expected, || format!("red must be {expected:?}, and is\n{}", shown()))?;
    for report in broken(run) {
        check(report.verdict.word() == defect.verdict, || {
            format!("the verdict must be {}:\n{}", defect.verdict, shown())
        })?;
        let last = report.steps.last();
        let last = last.map(|step| format!("{}({})", step.call, step.args)).unwrap_or_default();
        check(last.contains(defect.last), || {
            format!("the last call must be {:?}, and is {last}", defect.last)
        })?;
        check(!report.summary.is_empty() && report.summary.contains(defect.says), || {
            format!("{:?} must be said:\n{}", defect.says, shown())
        })?;
        let text = failure(report, Style { color: false, width: 100 });
        check(text.lines().count() <= SCREEN, || format!("it is more than a screen:\n{text}"))?;
        let placed =
            report.panic.is_some() || !matches!(defect.made, Made::Rust(_) | Made::Example { .. });
        check(report.verdict != Verdict::Panic || placed, || {
            format!("a panic has a place:\n{}", shown())
        })?;
    }
    let late = Duration::from_millis(run.duration_ms) > Duration::from_mins(5);
    check(!late, || format!("it took {} ms", run.duration_ms))
}

/// What is not even opened names the check whose rule it breaks.
fn refused(defect: &Defect, library: &Path) -> Result<(), Failed> {
    let Err(unusable) = Kit::open(library, options(SCALE)) else {
        return Err(Failed::from("it was opened"));
    };
    check(defect.red == [unusable.check()], || {
        format!("{:?} must be red, and is {}", defect.red, unusable.check())
    })?;
    let line = unusable.to_string();
    check(line.contains(defect.says) && line.lines().count() == 1, || {
        format!("{:?} must be said: {line}", defect.says)
    })
}

/// What breaks no rule is told by a check that passes.
fn noted(defect: &Defect, run: &Run) -> Result<(), Failed> {
    check(run.exit_code() == 0 && broken(run).next().is_none(), || red(run).join("\n"))?;
    let report = run.checks.iter().find(|report| report.id == defect.noted);
    let notes = report.map(|report| report.notes.join("\n")).unwrap_or_default();
    check(notes.contains(defect.says), || format!("{:?} must be noted: {notes}", defect.says))
}

/// What is killed: runs a check in which the provider hangs.
fn hang() -> ! {
    let library = env::var(VICTIM).unwrap_or_default();
    let folder = common::workspace().join("sample-providers/faulty");
    let mut options = Options::in_folder(folder).unwrap_or_default();
    options.env.insert(VARIABLE.into(), "hang-in-stop".into());
    if let Ok(kit) = Kit::open(library, Options { timeout_scale: 10.0, jobs: 1, ..options })
        && let Ok(selection) = kit.select(&["stop::clean"], Level::Must)
    {
        kit.run(&selection, &mut ());
    }
    std::process::exit(0);
}

/// A provider with asynchronous calls and without samples is told what is missing.
fn without_samples(library: &Path) -> Result<(), Failed> {
    let kit = Kit::open(library, options(SCALE))?;
    let run = kit.run(&kit.select(&["async::returns"], Level::Perf)?, &mut ());
    let report = run.checks.iter().find(|report| report.id == "async::returns");
    let report = report.ok_or("it is not made")?;
    let told = report.summary.contains("no operation has a sample");
    check(told && report.verdict.word() == "skipped", || report.summary.clone())
}

fn killed(library: &Path) -> Result<(), Failed> {
    // What one that is killed leaves there is ours to remove.
    let folder = common::scratch().join("victim");
    fs::create_dir_all(&folder)?;
    let mut victim = Command::new(env::current_exe()?)
        .env(VICTIM, library)
        .env("TMPDIR", &folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let id = victim.id();
    let seen = wait(|| in_stop(id));
    victim.kill()?;
    victim.wait()?;
    fs::remove_dir_all(&folder)?;
    check(seen, || "the provider never hung".into())?;
    check(wait(|| workers(id).is_empty()), || format!("left behind: {:?}", workers(id)))
}

/// Whether the first thread of a worker of process `parent` waits as one does that never goes on. The
/// checks that come before the one that hangs have one thread, which waits for nothing.
fn in_stop(parent: u32) -> bool {
    const FUTEX: &str = if cfg!(target_arch = "x86_64") { "202" } else { "98" };
    let waits = |worker: &u32| {
        fs::read_to_string(format!("/proc/{worker}/syscall"))
            .is_ok_and(|call| call.split_whitespace().next() == Some(FUTEX))
    };
    workers(parent).iter().any(waits)
}

fn wait(until: impl Fn() -> bool) -> bool {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(30) {
        if until() {
            return true;
        }
        thread::sleep(Duration::from_millis(20));
    }
    false
}

/// The living workers of process `parent`.
fn workers(parent: u32) -> Vec<u32> {
    let wanted = format!("PROVIDER_TESTKIT_WORKER={parent}-");
    let is_worker = |pid: &u32| {
        fs::read(format!("/proc/{pid}/environ")).is_ok_and(|environment| {
            environment
                .split(|byte| *byte == 0)
                .any(|variable| variable.starts_with(wanted.as_bytes()))
        })
    };
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|process| process.file_name().to_str()?.parse().ok())
        .filter(is_worker)
        .collect()
}
