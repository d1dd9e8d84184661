//! Round after round with other seeds, until the time is over or something fails.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use super::{Kind, cases, chance::Chance, script, shrunk};
use crate::{CheckReport, Kit, Verdict, bench::Bench, fresh_seed, protocol::Job};

/// What every round builds on.
const FIRST: &str = "links::bind";

/// How long to go on, and with what.
#[derive(Debug, Clone)]
pub struct Fuzz {
    /// How long rounds are begun.
    pub duration: Duration,
    /// What the seeds of the rounds are made of; a fresh one when there is none.
    pub seed: Option<u64>,
    /// Ends it before its time.
    pub interrupt: Interrupt,
}

/// Ends fuzzing before its time: the rounds that run come to their end, no more are begun. A clone is
/// another handle to the same one.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// No more rounds are begun.
    pub fn interrupt(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was interrupted.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// How far it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// How many rounds came to their end.
    pub rounds: u64,
    /// How many calls each operation got, those of unknown operations under `(unknown)`.
    pub cases: BTreeMap<String, u64>,
    /// How long it took so far.
    pub elapsed: Duration,
}

impl Progress {
    /// How many calls there were.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.cases.values().sum()
    }
}

/// Told after each round.
pub trait FuzzObserver {
    /// A round came to its end.
    fn round(&mut self, progress: &Progress) {
        let _ = progress;
    }
}

/// An observer that looks away.
impl FuzzObserver for () {}

/// What came of it.
#[derive(Debug)]
pub struct Fuzzed {
    /// What was done.
    pub progress: Progress,
    /// What the seeds of the rounds were made of.
    pub seed: u64,
    /// The first failure, as short as it could be made.
    pub failure: Option<Box<CheckReport>>,
}

/// A round that ended.
struct Round {
    cases: BTreeMap<String, u64>,
    failure: Option<(Job, &'static str, CheckReport)>,
}

impl Kit {
    /// Plays random payloads and random lives, each round in a process of its own, until the time is
    /// over, something fails or it is interrupted.
    pub fn fuzz(&self, wanted: &Fuzz, observer: &mut dyn FuzzObserver) -> Fuzzed {
        let seed = wanted.seed.unwrap_or_else(fresh_seed);
        let mut result = Fuzzed { progress: Progress::default(), seed, failure: None };
        let bench = Bench::new(self);
        let first = bench.check(FIRST);
        if !matches!(first.verdict, Verdict::Pass | Verdict::Skipped { .. }) {
            result.failure = Some(Box::new(first.clone()));
            return result;
        }
        let began = Instant::now();
        let over = AtomicBool::new(false);
        let next = AtomicU64::new(0);
        let (tell, rounds) = mpsc::channel();
        let failure = thread::scope(|scope| {
            for _ in 0..self.jobs() {
                let (tell, over, next) = (tell.clone(), &over, &next);
                scope.spawn(move || {
                    let go_on = || {
                        !over.load(Ordering::Relaxed)
                            && !wanted.interrupt.is_interrupted()
                            && began.elapsed() < wanted.duration
                    };
                    while go_on() {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if tell.send(self.round(seed, number)).is_err() {
                            break;
                        }
                    }
                });
            }
            drop(tell);
            let mut failure = None;
            for Round { cases, failure: failed } in rounds {
                let progress = &mut result.progress;
                progress.rounds += 1;
                progress.elapsed = began.elapsed();
                for (op, count) in cases {
                    *progress.cases.entry(op).or_default() += count;
                }
                observer.round(progress);
                if failure.is_none() && failed.is_some() {
                    over.store(true, Ordering::Relaxed);
                    failure = failed;
                }
            }
            failure
        });
        result.failure = failure.map(|(job, id, report)| {
            Box::new(if wanted.interrupt.is_interrupted() {
                report
            } else {
                shrunk(self, &job, id, report)
            })
        });
        result.progress.elapsed = began.elapsed();
        result
    }

    fn round(&self, seed: u64, number: u64) -> Round {
        let kind = if number.is_multiple_of(2) { Kind::Payload } else { Kind::Life };
        let id = kind.check();
        let job = Job { script: None, ..self.job(id, Chance::new(seed ^ number << 32).number()) };
        let report = self.judged(&job, id, self.limits(id));
        let whole = script(&job, kind);
        let played = super::play::played(&whole, &report.steps);
        let failed = report.verdict.is_failure() || report.verdict == Verdict::Error;
        let acts = if failed { played.acts } else { whole.acts };
        Round { cases: cases(&acts), failure: failed.then_some((job, id, report)) }
    }
}
