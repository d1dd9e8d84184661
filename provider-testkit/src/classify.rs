//! From evidence to a verdict. The order of the questions matters.

use crate::{
    Check, CheckReport, Hang, Panic, Step, Verdict,
    check::Level,
    drained::FLOOD,
    evidence::Evidence,
    process::Exit,
    protocol::{Ended, Failure, Garbage},
    worker::LOST,
};

/// How many lines of standard error a report shows.
const STDERR_LINES: usize = 30;
/// Why a process ends badly when all is said.
const LATE: &str =
    "an exit handler, a destructor of a static or of a thread-local value uses what is gone";

/// What a worker was about.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    pub(crate) id: String,
    pub(crate) level: Level,
    pub(crate) title: &'static str,
    pub(crate) rule: &'static str,
    pub(crate) likely: Option<&'static str>,
    pub(crate) again: String,
}

impl Subject {
    pub(crate) fn of(check: &'static Check, id: &str, again: String) -> Self {
        Self {
            id: id.to_owned(),
            level: check.level,
            title: check.title,
            rule: check.rule,
            likely: check.causes.first().copied(),
            again,
        }
    }

    /// Something that is no check.
    pub(crate) fn other(id: &str, title: &'static str) -> Self {
        Self {
            id: id.to_owned(),
            level: Level::Must,
            title,
            rule: "",
            likely: None,
            again: String::new(),
        }
    }

    /// A report without evidence.
    pub(crate) fn report(&self, verdict: Verdict, summary: impl Into<String>) -> CheckReport {
        CheckReport {
            id: self.id.clone(),
            level: self.level,
            title: self.title.to_owned(),
            verdict,
            summary: summary.into(),
            rule: self.rule.to_owned(),
            steps: Vec::new(),
            calls: 0,
            expected: None,
            got: None,
            likely: None,
            panic: None,
            signal: None,
            crash: None,
            threads: Vec::new(),
            notes: Vec::new(),
            log: Vec::new(),
            sequence: Vec::new(),
            metrics: Vec::new(),
            stderr_tail: String::new(),
            duration_ms: 0,
            again: self.again.clone(),
            expectation: None,
            denied: None,
        }
    }
}

/// What a verdict says besides itself.
#[derive(Debug, Default)]
struct Words {
    summary: String,
    expected: Option<String>,
    got: Option<String>,
    /// Better than the check's own guess.
    likely: Option<String>,
}

impl Words {
    fn new(summary: impl Into<String>) -> Self {
        Self { summary: summary.into(), ..Self::default() }
    }

    fn likely(mut self, likely: impl Into<String>) -> Self {
        self.likely = Some(likely.into());
        self
    }
}

/// Judges a worker's life.
pub(crate) fn classify(subject: &Subject, evidence: Evidence) -> CheckReport {
    let (verdict, words) = judge(&evidence);
    let mut report = subject.report(verdict, words.summary);
    report.expected = words.expected;
    report.got = words.got;
    if report.verdict.is_failure() {
        report.likely = words.likely.or_else(|| subject.likely.map(str::to_owned));
        report.stderr_tail = evidence.stderr.last_lines(STDERR_LINES);
        report.log = evidence.log.iter().cloned().collect();
    } else if report.verdict == Verdict::Error {
        report.stderr_tail = evidence.stderr.last_lines(STDERR_LINES);
    }
    report.panic = evidence.stderr.panics().first().cloned();
    if evidence.expired.is_none()
        && let Some(Exit::Signal(signal)) = evidence.exit
    {
        report.signal = Some(signal_name(signal));
    }
    report.notes = notes(&evidence);
    report.metrics.clone_from(&evidence.metrics);
    report.calls = evidence.calls;
    report.steps = match evidence.panicked {
        Some(steps) if report.verdict == Verdict::Panic => steps.into_vec(),
        _ => evidence.steps.into_vec(),
    };
    report.crash = evidence.crash;
    report.threads = evidence.threads;
    report.duration_ms = u64::try_from(evidence.duration.as_millis()).unwrap_or(u64::MAX);
    report
}

fn judge(evidence: &Evidence) -> (Verdict, Words) {
    if let Some(after) = evidence.expired {
        return hang(evidence, after.as_secs_f64());
    }
    if let Some(broken) = &evidence.broken {
        return (Verdict::Error, Words::new(format!("the testkit panicked: {broken}")));
    }
    if let Some(name) = evidence.flooded {
        return flood(evidence, name);
    }
    match &evidence.garbage {
        None | Some(Garbage::Unfinished(_)) => {}
        Some(Garbage::Foreign(line)) if evidence.hello => return intrusion(evidence, line),
        Some(garbage) => return (Verdict::Error, Words::new(garbage.to_string())),
    }
    match (&evidence.ended, evidence.exit) {
        (_, None) => (Verdict::Error, Words::new("the end of the process cannot be found out")),
        (None, Some(Exit::Signal(signal))) => death(evidence, signal),
        (None, Some(Exit::Code(code))) if !evidence.hello && evidence.wrapper.is_some() => (
            Verdict::Error,
            Words::new(format!(
                "`{}` ended with {code} before the check began",
                evidence.wrapper.as_deref().unwrap_or_default()
            )),
        ),
        (None, Some(Exit::Code(code))) if !evidence.hello => (
            Verdict::Error,
            Words::new(format!(
                "the process ended with {code} before it became a worker: \
                 `enter_worker_if_asked` must be the first statement of `main`"
            )),
        ),
        (Some(Ended::Pass | Ended::Skip { .. }) | None, Some(Exit::Code(LOST))) => closed(evidence),
        (None, Some(Exit::Code(code))) => exit(evidence, code),
        (Some(Ended::Pass | Ended::Skip { .. }), Some(Exit::Code(code)))
            if code != 0 && evidence.bye && evidence.wrapper.is_some() =>
        {
            wrapper_found(evidence, code)
        }
        (Some(Ended::Pass), Some(exit)) if exit != Exit::Code(0) || !evidence.bye => {
            after_verdict(evidence, exit)
        }
        (Some(ended), Some(_)) => ambient(evidence, ended),
    }
}

/// The command that the worker ran under has something to say.
fn wrapper_found(evidence: &Evidence, code: i32) -> (Verdict, Words) {
    let name = evidence.wrapper.as_deref().unwrap_or_default();
    let words =
        Words::new(format!("every call was right, and `{name}` ended with exit code {code}"));
    (Verdict::Fail, words.likely(format!("what `{name}` found is in its words below")))
}

/// It wrote more than anybody reads.
fn flood(evidence: &Evidence, name: &str) -> (Verdict, Words) {
    let words = Words::new(format!(
        "it wrote more than {} MiB to {name} {}",
        FLOOD >> 20,
        during(evidence)
    ));
    (Verdict::Fail, words.likely("a message is written again and again: say it once"))
}

/// It wrote to the report's descriptor.
fn intrusion(evidence: &Evidence, line: &str) -> (Verdict, Words) {
    let mut words = Words::new(format!(
        "the provider wrote to a file descriptor that is not its own, {}",
        during(evidence)
    ));
    words.got = Some(format!("{line:?}"));
    (Verdict::Fail, words.likely("a descriptor is used after it was closed, or was never opened"))
}

/// It closed the report's descriptor.
fn closed(evidence: &Evidence) -> (Verdict, Words) {
    let words = Words::new(format!(
        "the provider closed file descriptors that are not its own, {}",
        during(evidence)
    ));
    let likely = "all descriptors are closed, as daemons do: a library closes what it opened";
    (Verdict::Fail, words.likely(likely))
}

fn hang(evidence: &Evidence, seconds: f64) -> (Verdict, Words) {
    let running = evidence.threads.iter().find(|thread| thread.state.starts_with('R'));
    let (hang, what) = match running {
        Some(thread) => (Hang::Spin, format!("thread `{}` is running", thread.comm)),
        None => (Hang::Deadlock, asleep(evidence)),
    };
    let busy = evidence.busy && evidence.calls > 1 && evidence.ended.is_none();
    let summary = match (evidence.ended.is_some(), last_call(evidence)) {
        (false, _) if busy => {
            format!("after {seconds} s and {} calls it was not done: {what}", evidence.calls)
        }
        (true, _) => {
            format!("the process did not end within {seconds} s after the last call: {what}")
        }
        (false, Some(step)) if step.outcome.is_none() => {
            format!("`{}` did not return within {seconds} s: {what}", step.call)
        }
        (false, _) => format!("no sign of life within {seconds} s: {what}"),
    };
    let words = Words::new(summary);
    let words = match evidence.stderr.panics().first() {
        Some(panic) => words.likely(format!("{}; a lock stayed locked", told(panic))),
        None if busy => words.likely(
            "calls are slow: see how long the last ones took; `[timeouts]` in provider-testkit.toml \
             gives a check more time",
        ),
        None if hang == Hang::Deadlock => {
            words.likely("it waits for a lock, a thread or a message that never comes")
        }
        None => words.likely("a loop that does not end"),
    };
    (Verdict::Hang { hang }, words)
}

/// Where the threads of a process that sleeps do so.
fn asleep(evidence: &Evidence) -> String {
    let place = evidence.threads.first().map_or("", |thread| {
        if thread.syscall.is_empty() { &thread.wchan } else { &thread.syscall }
    });
    if place.is_empty() {
        String::from("all of its threads sleep")
    } else {
        format!("all of its threads sleep, the first one in `{place}`")
    }
}

fn death(evidence: &Evidence, signal: i32) -> (Verdict, Words) {
    let name = signal_name(signal);
    let during = during(evidence);
    let last_words = evidence.stderr.last_words();
    if let Some(panic) = evidence.stderr.panics().first() {
        let mut summary = format!("{} {during}, and the process died ({name})", told(panic));
        if let Some((_, meaning)) = last_words {
            summary.push_str(": ");
            summary.push_str(meaning);
        }
        return (
            Verdict::Panic,
            Words::new(summary)
                .likely("a panic must end as a status of the call and never leave the library"),
        );
    }
    let verdict = Verdict::Crash { signal: name.clone() };
    let words = match last_words {
        Some((line, meaning)) => {
            let mut words = Words::new(format!("{name} {during}: {meaning}"));
            words.got = Some(line.to_owned());
            if line.contains("has overflowed its stack") {
                words.likely(
                    "a function that calls itself for each level of the payload: set a limit",
                )
            } else {
                words
            }
        }
        None if signal == 6 && evidence.stderr.total() == 0 => {
            Words::new(format!("{name} {during}, without a word"))
        }
        None => stopped(evidence, format!("{name} {during}")),
    };
    (verdict, words)
}

/// What is told of a crash, with what is known of the code that was executed.
fn stopped(evidence: &Evidence, summary: String) -> Words {
    match &evidence.crash {
        Some(crash) if crash.unloaded => Words::new(format!(
            "{summary}: it executed code of the library after that was unloaded"
        ))
        .likely("a thread of the provider still runs: `stop` ends its threads and waits for them"),
        Some(crash) if crash.place.is_none() => {
            Words::new(format!("{summary}: it called a function that is not there"))
        }
        _ => Words::new(summary),
    }
}

fn exit(evidence: &Evidence, code: i32) -> (Verdict, Words) {
    let words = Words::new(format!(
        "the provider ended the process with exit code {code} {}",
        during(evidence)
    ))
    .likely("`exit` is the host's to call: return an error instead");
    match evidence.stderr.panics().first() {
        Some(panic) => (
            Verdict::Panic,
            Words::new(format!("{}, and the process ended with {code}", told(panic))),
        ),
        None => (Verdict::Exit { code }, words),
    }
}

fn after_verdict(evidence: &Evidence, exit: Exit) -> (Verdict, Words) {
    let how = match exit {
        Exit::Signal(signal) => format!("with {}", signal_name(signal)),
        Exit::Code(0) => String::from("by `_exit` before all exit handlers had run"),
        Exit::Code(code) => format!("with exit code {code}"),
    };
    let mut summary = format!("every call was right, then the process ended {how}");
    if let Some((line, _)) = evidence.stderr.last_words() {
        summary.push_str(": ");
        summary.push_str(line);
    }
    let mut words = stopped(evidence, summary);
    words.likely.get_or_insert_with(|| String::from(LATE));
    (Verdict::CrashAfterVerdict, words)
}

/// What holds for every check, whatever it is about.
fn ambient(evidence: &Evidence, ended: &Ended) -> (Verdict, Words) {
    let failure = match ended {
        Ended::Fail(failure) => Some(failure),
        _ => None,
    };
    let panicked = evidence.stderr.panics().first();
    let said = evidence.findings.iter().find_map(|(panic, text)| panic.then_some(text));
    if panicked.is_some() || said.is_some() || failure.is_some_and(|failure| failure.panic) {
        let summary = match (panicked, said, failure) {
            // "`Echo` ended with .."
            (Some(panic), Some(said), _) => {
                let call = said.split(" ended with").next().unwrap_or_default();
                format!("{call} {}", told(panic))
            }
            (Some(panic), None, _) => told(panic),
            (None, Some(said), _) => said.clone(),
            (None, None, Some(failure)) => failure.summary.clone(),
            (None, None, None) => String::new(),
        };
        let likely = if said.is_some() || failure.is_some() {
            "an `unwrap`, an index or an assertion at that place: return an error instead"
        } else {
            "a thread of the provider panicked where nobody looks: handle the error there"
        };
        let words = with_failure(summary, failure);
        // A place in the standard library says less than what the check knows of usual causes.
        if panicked.is_some_and(|panic| panic.location.file.contains("library/std/")) {
            return (Verdict::Panic, words);
        }
        return (Verdict::Panic, words.likely(likely));
    }
    if let Some(failure) = failure {
        let mut words = with_failure(failure.summary.clone(), Some(failure));
        words.likely.clone_from(&failure.likely);
        return (Verdict::Fail, words);
    }
    if let Some((_, finding)) = evidence.findings.first() {
        return (Verdict::Fail, Words::new(finding.clone()));
    }
    // A check that found out that it does not apply did not stop the provider.
    if *ended == Ended::Pass && !evidence.left.is_empty() {
        let words = Words::new(format!("it left processes behind: {}", evidence.left.join(", ")));
        return (
            Verdict::Fail,
            words.likely("a process that was started and neither ended nor waited for"),
        );
    }
    match ended {
        Ended::Skip { reason } => {
            (Verdict::Skipped { reason: reason.clone() }, Words::new(reason.clone()))
        }
        _ => (Verdict::Pass, Words::default()),
    }
}

fn with_failure(summary: String, failure: Option<&Failure>) -> Words {
    Words {
        summary,
        expected: failure.and_then(|failure| failure.expected.clone()),
        got: failure.and_then(|failure| failure.got.clone()),
        likely: None,
    }
}

fn notes(evidence: &Evidence) -> Vec<String> {
    let mut notes = evidence.notes.clone();
    if evidence.stdout.total() > 0 {
        notes.push(format!(
            "it wrote {} bytes to standard output, which is the host's",
            evidence.stdout.total()
        ));
    }
    notes
}

fn last_call(evidence: &Evidence) -> Option<&Step> {
    evidence.steps.current()
}

/// When it happened.
fn during(evidence: &Evidence) -> String {
    match last_call(evidence) {
        Some(step) if step.outcome.is_none() => format!("during `{}`", step.call),
        Some(step) => format!("after `{}`", step.call),
        None => String::from("before the first call"),
    }
}

fn told(panic: &Panic) -> String {
    let place = &panic.location;
    let thread = match panic.thread.as_str() {
        "<unnamed>" | "main" | "small-stack" => String::new(),
        name => format!("thread `{name}` "),
    };
    let message =
        if panic.message.is_empty() { String::new() } else { format!(": {}", panic.message) };
    format!("{thread}panicked at {}:{}:{}{message}", place.file, place.line, place.col)
}

pub(crate) fn signal_name(number: i32) -> String {
    const NAMES: [(i32, &str); 11] = [
        (1, "SIGHUP"),
        (2, "SIGINT"),
        (3, "SIGQUIT"),
        (4, "SIGILL"),
        (5, "SIGTRAP"),
        (6, "SIGABRT"),
        (8, "SIGFPE"),
        (9, "SIGKILL"),
        (11, "SIGSEGV"),
        (13, "SIGPIPE"),
        (15, "SIGTERM"),
    ];
    let bus = if cfg!(target_os = "linux") { 7 } else { 10 };
    if number == bus {
        return String::from("SIGBUS");
    }
    NAMES
        .iter()
        .find(|(known, _)| *known == number)
        .map_or_else(|| format!("signal {number}"), |(_, name)| (*name).to_owned())
}

#[cfg(test)]
mod tests;
