//! A provider under test: which checks there are for it, and running them.

use std::{
    fmt::Write as _,
    num::NonZero,
    path::Path,
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use sha2::{Digest, Sha256};

use provider_host::LogLevel;

use crate::{
    CheckReport, Day, Identity, Level, Options, Problem, Run, SCHEMA_VERSION, Selection,
    UnknownCheck, Unusable, Verdict,
    bench::Bench,
    check::{Environment, split},
    checks::ops,
    classify::{Subject, classify},
    describe,
    expect::Expectations,
    fuzz,
    identity::Described,
    image, ports,
    protocol::{Job, Task},
    samples, scratch, select, steps,
    supervise::{Limits, supervise},
    wrap,
};

/// How long calls made by chance may take altogether.
const CHANCE: Duration = Duration::from_secs(20);

/// A provider under test.
#[derive(Debug)]
pub struct Kit {
    identity: Identity,
    described: Described,
    options: Options,
    expectations: Expectations,
}

/// Told about checks as they begin and end.
pub trait Observer {
    /// The check `id` begins.
    fn started(&mut self, id: &str) {
        let _ = id;
    }

    /// A check ended.
    fn finished(&mut self, report: &CheckReport) {
        let _ = report;
    }
}

/// An observer that looks away.
impl Observer for () {}

impl Kit {
    /// Looks at the file, without running any of its code; then lets it describe itself, in a
    /// process of its own.
    ///
    /// # Errors
    ///
    /// [`Unusable`]: one line that says why no check can be made.
    pub fn open(path: impl AsRef<Path>, options: Options) -> Result<Self, Unusable> {
        let path = path.as_ref();
        let (found, (data, image)) = describe::look(path)?;
        let mut sha256 = String::new();
        for byte in Sha256::digest(&data) {
            // Writing to a string does not fail.
            let _ = write!(sha256, "{byte:02x}");
        }
        Self::looked_at(path, &found, &data, image, sha256, options)
    }

    /// The same without the digest, which nobody sees in a test.
    pub(crate) fn open_for_tests(path: &Path, options: Options) -> Result<Self, Unusable> {
        let (found, (data, image)) = describe::look(path)?;
        Self::looked_at(path, &found, &data, image, String::new(), options)
    }

    fn looked_at(
        path: &Path,
        found: &Path,
        data: &[u8],
        image: image::Image,
        sha256: String,
        options: Options,
    ) -> Result<Self, Unusable> {
        let unusable = |problem| Unusable { path: path.to_owned(), problem };
        let described = describe::describe(found, &options).map_err(unusable)?;
        let identity =
            Identity::new(found, sha256, data.len() as u64, image.format, described.clone());
        options.fit(&identity).map_err(unusable)?;
        let expectations = Expectations::new(options.expect.clone(), &identity, Day::today())
            .map_err(|unknown| unusable(Problem::Options(format!("`[[expect]]`: {unknown}"))))?;
        Ok(Self { identity, described, options, expectations })
    }

    /// What the provider is.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What is known about it besides its file.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The checks that `patterns` name, in the order of the catalogue: ids, groups (`links`), globs
    /// (`links::*`), families (`ops::declared`: one for each operation) and one of a family
    /// (`ops::declared::Get`). No patterns at all name every check.
    ///
    /// `level` leaves out what is less binding, except what is named by its whole id.
    ///
    /// # Errors
    ///
    /// [`UnknownCheck`] for a pattern that names nothing.
    pub fn select<P: AsRef<str>>(
        &self,
        patterns: &[P],
        level: Level,
    ) -> Result<Selection, UnknownCheck> {
        select::select(&self.identity, patterns, level)
    }

    /// Runs the checks, each in a process of its own.
    ///
    /// A check whose prerequisite fails is [`Blocked`](crate::Verdict::Blocked); a prerequisite that
    /// was not selected is run all the same, and reported when it fails.
    pub fn run(&self, selection: &Selection, observer: &mut dyn Observer) -> Run {
        let began = Instant::now();
        let bench = Bench::new(self);
        let ids = selection.ids();
        let mut order: Vec<&String> = ids.iter().collect();
        if self.options.shuffle {
            fastrand::Rng::with_seed(self.options.seed.unwrap_or_else(fresh_seed))
                .shuffle(&mut order);
        }
        let next = AtomicUsize::new(0);
        let (send, events) = mpsc::channel();
        thread::scope(|scope| {
            for _ in 0..self.jobs().min(ids.len()) {
                let (send, bench, next, order) = (send.clone(), &bench, &next, &order);
                scope.spawn(move || {
                    while let Some(id) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let _ = send.send(Event::Started(id));
                        let _ = send.send(Event::Finished(bench.check(id)));
                    }
                });
            }
            drop(send);
            for event in events {
                match event {
                    Event::Started(id) => observer.started(id),
                    Event::Finished(report) => observer.finished(report),
                }
            }
        });
        let mut checks = Vec::new();
        for (_, id) in select::all(&self.identity) {
            let selected = ids.contains(&id);
            match bench.done(&id) {
                Some(report) if selected => checks.push(report.clone()),
                // A prerequisite that nobody asked for is told when it stands in the way.
                Some(report) if report.verdict.is_failure() || report.verdict == Verdict::Error => {
                    observer.finished(report);
                    checks.push(report.clone());
                }
                _ => {}
            }
        }
        self.run_of(checks, began)
    }

    pub(crate) fn run_of(&self, checks: Vec<CheckReport>, began: Instant) -> Run {
        Run {
            schema_version: SCHEMA_VERSION,
            kit_version: env!("CARGO_PKG_VERSION").to_owned(),
            identity: self.identity.clone(),
            host: host(),
            duration_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
            checks,
        }
    }

    /// How long the check `id` may take: who names it alone says more than who names many.
    pub(crate) fn limits(&self, id: &str) -> Limits {
        let scale = self.options.timeout_scale * self.slower();
        let limits = Limits { steps: self.options.steps, ..Limits::check(scale) };
        let all = &self.options.timeouts;
        let own = all.get(id).or_else(|| {
            let (check, _) = split(id)?;
            let mut named = all.iter().filter(|(pattern, _)| select::names(pattern, check, id));
            named.next().map(|(_, time)| time)
        });
        own.map_or(limits, |time| {
            let time = time.mul_f64(scale);
            Limits { inactivity: time, cap: time, ..limits }
        })
    }

    pub(crate) fn jobs(&self) -> usize {
        match self.options.jobs {
            0 => thread::available_parallelism().map_or(1, NonZero::get),
            jobs => jobs,
        }
    }

    /// What is expected of the checks.
    pub(crate) fn expectations(&self) -> &Expectations {
        &self.expectations
    }

    /// Why the check `id` is not made, as far as that is known without running it.
    pub(crate) fn not_made(&self, id: &str) -> Option<String> {
        let left_out = self.expectations.left_out(id).map(str::to_owned);
        left_out.or_else(|| self.not_applicable(id))
    }

    /// Why the check `id` does not apply, as far as that is known without running it.
    fn not_applicable(&self, id: &str) -> Option<String> {
        let (check, op) = split(id)?;
        let op = op?;
        let example = self.described.examples(op).into_iter().next();
        let sample = self.options.samples.get(op).or(example.as_ref());
        match (check.id, sample) {
            ("ops::sample", None) => {
                let built_in = samples::built_in(&self.identity.contract, op, 0);
                built_in.is_none().then(|| ops::no_sample(op))
            }
            ("ops::malformed", Some(sample)) if ops::takes_nothing(&sample.request) => {
                Some(String::from(ops::TAKES_NOTHING))
            }
            _ => None,
        }
    }

    /// The command that repeats the check `id`.
    pub(crate) fn again(&self, id: &str) -> String {
        let start = match &self.options.again {
            Some(again) => again.clone(),
            None => format!("cargo provider check {}", quoted(&self.identity.path)),
        };
        format!("{start} {id}")
    }

    /// The command that repeats the check `id` with the same chance.
    pub(crate) fn seeded(&self, id: &str, seed: u64) -> String {
        format!("{} --seed {seed:#x}", self.again(id))
    }

    pub(crate) fn work(&self, id: &str) -> CheckReport {
        let job = self.job(id, self.options.seed.unwrap_or_else(fresh_seed));
        let mut report = self.judged(&job, id, self.limits(id));
        if split(id).is_some_and(|(check, _)| check.random) && report.verdict.is_failure() {
            report.again = self.seeded(id, job.seed);
        }
        fuzz::shrunk(self, &job, id, report)
    }

    /// How much slower everything is under the command that workers run under.
    fn slower(&self) -> f64 {
        if self.options.wrap.is_empty() { 1.0 } else { wrap::SLOWER }
    }

    /// What the worker of the check `id` is asked.
    pub(crate) fn job(&self, id: &str, seed: u64) -> Job {
        Job {
            path: self.identity.path.clone(),
            task: Task::Check { id: id.to_owned() },
            links: self.options.link_values.clone(),
            samples: self.options.samples.clone(),
            seed,
            effort: self.options.effort,
            scale: self.options.timeout_scale * self.slower(),
            budget: CHANCE.mul_f64(self.options.timeout_scale),
            script: self.options.reproduce.as_ref().map(ToString::to_string),
            shown: steps::shown(self.options.steps),
            ports: 0,
            described: Some(self.described.clone()),
            folder: None,
            bare: environment(id) == Environment::Bare,
            // What is measured is not watched.
            log: match split(id) {
                Some((check, _)) if check.level != Level::Perf => LogLevel::Info.name().to_owned(),
                _ => String::new(),
            },
        }
    }

    /// Runs a worker and judges its life.
    pub(crate) fn judged(&self, job: &Job, id: &str, limits: Limits) -> CheckReport {
        let Some((check, _)) = split(id) else {
            unreachable!("a selection holds checks that there are");
        };
        let subject = Subject::of(check, id, self.again(id));
        let own = ports::Own::next();
        let job = Job { ports: own.first(), ..job.clone() };
        let evidence = scratch::with_folder(job, id)
            .map_err(|error| format!("no folder can be made: {error}"))
            .and_then(|(job, scratch)| {
                let mut env = scratch::secluded(environment(id), &scratch, &self.options.env);
                env.extend(wrap::variable(&self.options.wrap));
                supervise(&job, &env, limits)
            });
        match evidence {
            Ok(evidence) => classify(&subject, evidence),
            Err(reason) => subject.report(Verdict::Error, reason),
        }
    }
}

enum Event<'a> {
    Started(&'a str),
    Finished(&'a CheckReport),
}

/// The environment that the process of the check `id` begins with.
pub(crate) fn environment(id: &str) -> Environment {
    split(id).map_or(Environment::Usual, |(check, _)| check.environment)
}

/// A seed that was not used before.
#[must_use]
pub fn fresh_seed() -> u64 {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let count = COUNT.fetch_add(1, Ordering::Relaxed) as u64;
    let nanoseconds = time.as_secs() << 30 | u64::from(time.subsec_nanos());
    nanoseconds ^ u64::from(std::process::id()) << 40 ^ count.rotate_right(8)
}

/// The operating system and the architecture of this machine.
pub(crate) fn host() -> String {
    format!("{} {}", std::env::consts::OS, std::env::consts::ARCH)
}

/// A path as a shell takes it.
pub(crate) fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    if text.chars().all(plain) {
        text.into_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::OpIdentity;

    /// A provider that exists on paper.
    pub(crate) fn identity(ops: Vec<OpIdentity>) -> Identity {
        Identity {
            path: PathBuf::from("/lib/libx.so"),
            sha256: "00ff".into(),
            size: 1,
            format: "Elf, x86_64".into(),
            abi: (1, 0),
            contract: "wasmcloud:keyvalue".into(),
            vendor: "v".into(),
            name: "x".into(),
            version: "1.0.0".into(),
            revision: 0,
            build: "b".into(),
            flags: 0,
            ops,
            description: None,
        }
    }

    #[test]
    fn paths_are_quoted_for_a_shell_only_when_they_must_be() {
        assert_eq!(quoted(Path::new("/a/b-c.so")), "/a/b-c.so");
        assert_eq!(quoted(Path::new("/a b/c'd")), r"'/a b/c'\''d'");
    }

    #[test]
    fn what_is_no_provider_is_one_clear_line() {
        let folder = tempfile::tempdir().unwrap();
        let text = folder.path().join("x.txt");
        std::fs::write(&text, "hello\n").unwrap();
        for (path, expected) in [
            (folder.path().join("missing.so"), "there is no such file"),
            (folder.path().to_owned(), "not a file"),
            (text, "a text and no shared library"),
        ] {
            let unusable = Kit::open(&path, Options::default()).unwrap_err();
            let line = unusable.to_string();
            assert!(line.contains(expected) && line.lines().count() == 1, "{line}");
        }
    }
}
