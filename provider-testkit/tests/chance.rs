//! What chance finds is made as short as it can be, and is the same again with the command that a
//! report shows.

use std::{path::Path, process::ExitCode, time::Duration};

use faulty_defects::VARIABLE;
use libtest_mimic::{Arguments, Failed, Trial};
use provider_testkit::{
    CheckReport, Fuzz, FuzzObserver, Interrupt, Kit, Level, Options, Progress, Verdict,
    enter_worker_if_asked,
};

#[allow(dead_code, reason = "it is for other tests as well")]
mod common;

/// Defects, and the shortest sequences that show them.
const SHORTEST: [(&str, &str); 4] = [
    // The text has one byte more than there is room for.
    ("abort-on-long-text", "payload:Echo=81a474657874d9c9.61x201"),
    ("panic-on-nul-in-key", "payload:BindActor=82a66d6f64756c65a100a676616c75657380"),
    ("forgets-changed-actor", "life:bind0,change0,remove0,bind0"),
    ("miscounts-changed-links", "life:bind0,change0,remove0,health"),
];

fn main() -> ExitCode {
    enter_worker_if_asked();
    let library = match common::cargo_library("faulty") {
        Ok(library) => library,
        Err(error) => panic!("{error}"),
    };
    let mut trials = Vec::new();
    for (defect, token) in SHORTEST {
        let path = library.clone();
        trials.push(Trial::test(format!("{defect}_is_made_as_short_as_it_can_be"), move || {
            shortest(&path, defect, token)
        }));
        let path = library.clone();
        trials.push(Trial::test(format!("{defect}_is_the_same_again"), move || {
            again(&path, defect, token)
        }));
    }
    let path = library.clone();
    trials.push(Trial::test("fuzzing_finds_what_a_check_finds", move || fuzzing(&path)));
    trials.push(Trial::test("fuzzing_ends_when_it_is_interrupted", move || interrupted(&library)));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn check(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(Failed::from(otherwise())) }
}

fn kit(library: &Path, defect: &str, change: impl FnOnce(&mut Options)) -> Result<Kit, Failed> {
    let folder = common::workspace().join("sample-providers/faulty");
    let mut options = Options::in_folder(folder)?;
    options.env.insert(VARIABLE.into(), defect.into());
    options.effort = 0.1;
    change(&mut options);
    Ok(Kit::open(library, options)?)
}

fn report(kit: &Kit, id: &str) -> Result<CheckReport, Failed> {
    let selection = kit.select(&[id], Level::Must)?;
    let mut run = kit.run(&selection, &mut ());
    run.checks.pop().ok_or_else(|| Failed::from("there is no report"))
}

fn id(token: &str) -> &'static str {
    if token.starts_with("life:") { "fuzz::lifecycle" } else { "fuzz::payload" }
}

fn shortest(library: &Path, defect: &str, token: &str) -> Result<(), Failed> {
    for seed in [1, 2, 3] {
        let kit = kit(library, defect, |options| options.seed = Some(seed))?;
        let report = report(&kit, id(token))?;
        let wanted = format!("{} --reproduce {token}", id(token));
        check(report.again.ends_with(&wanted), || format!("seed {seed}: {report:#?}"))?;
        let calls = token.split(',').count();
        check(report.sequence.len() == calls, || format!("{:#?}", report.sequence))?;
    }
    Ok(())
}

fn again(library: &Path, defect: &str, token: &str) -> Result<(), Failed> {
    let reproduce = |options: &mut Options| options.reproduce = token.parse().ok();
    let broken = report(&kit(library, defect, reproduce)?, id(token))?;
    check(broken.verdict.is_failure(), || format!("{broken:#?}"))?;
    check(broken.again.ends_with(token), || broken.again.clone())?;
    let whole = report(&kit(library, "none", reproduce)?, id(token))?;
    check(whole.verdict == Verdict::Pass, || format!("{whole:#?}"))
}

fn fuzz(seconds: u64, interrupt: &Interrupt) -> Fuzz {
    let duration = Duration::from_secs(seconds);
    Fuzz { duration, seed: Some(7), interrupt: interrupt.clone() }
}

fn fuzzing(library: &Path) -> Result<(), Failed> {
    let (defect, token) = SHORTEST[2];
    let kit = kit(library, defect, |_| {})?;
    let fuzzed = kit.fuzz(&fuzz(60, &Interrupt::default()), &mut ());
    let failure = fuzzed.failure.ok_or("nothing was found")?;
    check(failure.again.ends_with(token), || format!("{failure:#?}"))?;
    check(fuzzed.progress.total() > 0 && fuzzed.seed == 7, || format!("{:?}", fuzzed.progress))
}

/// Interrupts after the first round.
struct Impatient(Interrupt);

impl FuzzObserver for Impatient {
    fn round(&mut self, _: &Progress) {
        self.0.interrupt();
    }
}

fn interrupted(library: &Path) -> Result<(), Failed> {
    let interrupt = Interrupt::default();
    let kit = kit(library, "none", |options| options.jobs = 2)?;
    let fuzzed = kit.fuzz(&fuzz(3600, &interrupt), &mut Impatient(interrupt.clone()));
    check(fuzzed.failure.is_none(), || format!("{:#?}", fuzzed.failure))?;
    let progress = fuzzed.progress;
    check((1..=4).contains(&progress.rounds), || format!("{progress:?}"))?;
    for op in ["BindActor", "RemoveActor", "HealthRequest", "Echo", "Nest"] {
        check(progress.cases.contains_key(op), || format!("no `{op}`: {progress:?}"))?;
    }
    Ok(())
}
