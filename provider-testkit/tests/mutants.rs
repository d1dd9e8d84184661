//! Every defect of the faulty provider is found, by the checks that its table names and by no other,
//! with the verdict that the table names; and nothing is left behind.

use std::{
    env, fs,
    path::Path,
    process::{Command, ExitCode, Stdio},
    thread,
    time::{Duration, Instant},
};

use faulty::{DEFECTS, Defect, VARIABLE};
use libtest_mimic::{Arguments, Failed, Trial};
use provider_testkit::{CheckReport, Kit, Level, Options, Run, Verdict, enter_worker_if_asked};

mod common;

/// The variable that makes this program one that is killed while a provider hangs.
const VICTIM: &str = "TESTKIT_VICTIM";
/// Hangs are hangs after 2 s.
const SCALE: f64 = 0.2;

/// The call during which, or after which, some defects show.
const LAST_CALLS: &[(&str, &str)] = &[
    ("crash-in-constructor", "create()"),
    ("exit-in-constructor", "create()"),
    ("configure-fails", "configure_dispatch()"),
    ("byte-on-bind", "\"BindActor\""),
    ("second-bind-fails", "\"BindActor\""),
    ("changed-bind-fails", "TESTKIT_CHANGED"),
    ("hang-in-remove", "\"RemoveActor\""),
    ("remove-unknown-fails", "\"RemoveActor\""),
    ("runs-out-of-links", "\"BindActor\""),
    ("panic-on-odd-value", "\"PORT\""),
    ("unknown-op-succeeds", "\"DoesNotExist-"),
    ("declared-op-unknown", "\"Nest\""),
    ("spin-in-op", "\"Echo\""),
    ("deep-nesting-overflows", "\"Nest\""),
    ("wrong-reply", "\"Echo\""),
    ("hang-in-stop", "stop()"),
    ("exit-in-stop", "stop()"),
    ("stdout-in-stop", "stop()"),
    ("stderr-in-stop", "stop()"),
];

/// Defects of the small provider in C: number, the check that is red, its verdict, what it says.
const SMALL: &[(u8, &str, &str, &str)] = &[
    (1, "alloc::owned", "fail", "a reply changed during later calls"),
    (2, "alloc::owned", "fail", "a reply changed when the provider was destroyed"),
    (3, "load::describe", "fail", "ops[0].name \"RemoveActor\" is reserved"),
    (4, "load::describe", "fail", "describes itself differently the second time"),
    (5, "load::now", "crash after verdict", "SIGABRT"),
    (6, "abi::exports", "fail", "exports `main`"),
    (7, "create::ok", "fail", "`stop` lies where no code is"),
    (8, "links::bind", "fail", "left processes behind"),
    (9, "dispatch::configure", "fail", "before `configure_dispatch` returned"),
    (10, "links::bind", "fail", "actor `MSTRANGER`, which is not linked"),
    (12, "load::describe", "fail", "version \"one\" is not a semantic version"),
    (13, "create::drop-unused", "fail", "file `/dev/null`"),
    (14, "links::bind", "panic", "`BindActor` ended with Err(panic"),
    (15, "ops::unknown", "fail", "has no message"),
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
            check(tally.skipped + tally.blocked + tally.errors == 0, || format!("{tally:?}"))
        }));
    }
    for defect in DEFECTS {
        let library = library.clone();
        trials.push(Trial::test(defect.name, move || {
            found(defect, &run(&library, defect.name, SCALE)?)
        }));
    }
    trials.push(Trial::test("a_program_that_is_killed_leaves_no_worker_behind", move || {
        killed(&library)
    }));
    for (number, note) in [(0, ""), (11, "6 bytes to standard output")] {
        trials.push(Trial::test(format!("small_{number}_keeps_every_rule"), move || {
            let run = checked(&common::c_library("small", number)?, Options::default())?;
            let tally = run.tally();
            check(tally.passed == run.checks.len(), || format!("{:?}", red(&run)))?;
            let noted = run.checks.iter().any(|report| report.notes.join(" ").contains(note));
            check(noted, || format!("nothing notes {note:?}"))
        }));
    }
    for &(number, id, verdict, says) in SMALL {
        trials.push(Trial::test(format!("small_{number}"), move || {
            let run = checked(&common::c_library("small", number)?, Options::default())?;
            let red = red(&run);
            check(red.len() == 1 && red[0].starts_with(&format!("{id} {verdict}: ")), || {
                format!("{id} must be {verdict}: {red:#?}")
            })?;
            check(red[0].contains(says), || format!("{says:?} is missing in {red:?}"))
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
    options.timeout_scale = scale;
    options.jobs = 1;
    checked(library, options)
}

fn checked(library: &Path, options: Options) -> Result<Run, Failed> {
    let kit = Kit::open(library, options)?;
    let selection = kit.select::<&str>(&[], Level::Must)?;
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
        let call = LAST_CALLS.iter().find(|(name, _)| *name == defect.name);
        check(call.is_none_or(|(_, call)| last.contains(call)), || {
            format!("the last call must be {call:?}, and is {last}")
        })?;
        check(report.verdict != Verdict::Panic || report.panic.is_some(), || {
            format!("a panic has a place:\n{}", shown())
        })?;
        check(!report.summary.is_empty(), shown)?;
    }
    let late = Duration::from_millis(run.duration_ms) > Duration::from_mins(1);
    check(!late, || format!("it took {} ms", run.duration_ms))
}

/// What is killed: runs a provider that hangs.
fn hang() -> ! {
    let library = env::var(VICTIM).unwrap_or_default();
    let _ = run(library.as_ref(), "hang-in-stop", 10.0);
    std::process::exit(0);
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

/// Whether a worker of process `parent` has been in one call for a while.
fn in_stop(parent: u32) -> bool {
    let Some(worker) = workers(parent).pop() else {
        return false;
    };
    thread::sleep(Duration::from_millis(700));
    workers(parent).contains(&worker)
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
    let wanted = format!("PROVIDER_TESTKIT_WORKER={parent}");
    let is_worker = |pid: &u32| {
        fs::read(format!("/proc/{pid}/environ")).is_ok_and(|environment| {
            environment.split(|byte| *byte == 0).any(|variable| variable == wanted.as_bytes())
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
