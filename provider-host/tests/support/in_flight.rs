//! Very many calls in flight at once, of a provider that waits for each of them.

use std::{collections::BTreeMap, fmt, fs};

use provider_core::{ErrorKind, NullDispatcher};
use provider_host::{CallFaults, Library, PendingCall};

const ACTOR: &str = "MACTOR";
/// `{text: "hello"}`: what each call sends.
const HELLO: &[u8] = b"\x81\xa4text\xa5hello";

/// What was seen.
#[derive(Debug)]
pub(crate) struct Report {
    /// How many calls were made at once.
    pub(crate) calls: usize,
    /// Of those that the provider answers after 100 ms, how many were answered.
    pub(crate) answered: usize,
    /// How many threads the process had, at the most.
    pub(crate) threads: usize,
    /// How much the process grew for each call in flight, the host's part and the provider's.
    pub(crate) bytes: usize,
    /// How calls ended that nobody answers: half of them dropped, half of them stopped.
    pub(crate) ends: BTreeMap<String, usize>,
    /// How many were in flight after half of them were dropped.
    pub(crate) left: usize,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { calls, answered, threads, bytes, ends, left } = self;
        writeln!(f, "{calls} calls in flight that nothing ends: {bytes} bytes each")?;
        writeln!(f, "{calls} more that take 100 ms: {answered} answered")?;
        writeln!(f, "threads of the process: {threads}")?;
        writeln!(f, "half of those that nothing ends dropped: {left} left")?;
        for (end, count) in ends {
            writeln!(f, "then stopped: {count} {end}")?;
        }
        Ok(())
    }
}

/// A number of this process's, as the system counts it.
fn of_process(name: &str) -> usize {
    let status = fs::read_to_string("/proc/self/status").expect("the system tells it");
    let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("it is there");
    let number = line.trim_start_matches(':').split_whitespace().next();
    number.and_then(|number| number.parse().ok()).expect("it is a number")
}

/// Starts `calls` calls of `Hold` (for ever) and as many of `Wait` (100 ms), drops half of the former, and
/// stops the provider.
pub(crate) fn measure(library: &Library, calls: usize) -> Report {
    let provider = library.create().expect("it can be made").configure(NullDispatcher);
    let provider = provider.expect("it can be configured");
    provider.bind(ACTOR, [("", ""); 0]).expect("an actor can be linked");
    assert!(provider.has_async_calls().expect("its table is whole"), "it has asynchronous calls");
    let start =
        |op| -> Vec<PendingCall> { (0..calls).map(|_| provider.start(ACTOR, op, HELLO)).collect() };

    let before = of_process("VmRSS");
    let mut held = start("Hold");
    assert_eq!(provider.in_flight(), calls);
    let mut threads = of_process("Threads");
    let bytes = of_process("VmRSS").saturating_sub(before) * 1024 / calls;

    let waiting = start("Wait");
    threads = threads.max(of_process("Threads"));
    let answered = waiting.into_iter().filter_map(|call| call.wait().ok()).count();

    drop(held.split_off(calls / 2));
    // A provider may take its time to end what was cancelled.
    let left = settled(|| provider.in_flight(), calls / 2);
    threads = threads.max(of_process("Threads"));
    assert_eq!(provider.call_faults(), CallFaults::default());
    let stopped = provider.stop().expect("it completes what is in flight");
    let mut ends = BTreeMap::new();
    for call in held {
        assert!(call.is_ready(), "stop completes every call");
        let end = call.wait().map_or_else(|error| error.kind().name(), |_| "answered");
        *ends.entry(end.to_owned()).or_default() += 1;
    }
    stopped.destroy().expect("it can be freed");
    Report { calls, answered, threads, bytes, ends, left }
}

/// What `now` is when it is `expected`, or when it does not change any more.
fn settled(now: impl Fn() -> usize, expected: usize) -> usize {
    for _ in 0..100_000 {
        if now() == expected {
            break;
        }
        std::thread::sleep(std::time::Duration::from_micros(100));
    }
    now()
}

/// What must hold of a report, whatever machine it was made on.
pub(crate) fn hold(report: &Report) {
    let calls = report.calls;
    assert_eq!(report.answered, calls, "{report}");
    assert!(report.threads <= 16, "{report}");
    assert_eq!(report.left, calls / 2, "{report}");
    let stopped = BTreeMap::from([(ErrorKind::Stopping.name().to_owned(), calls / 2)]);
    assert_eq!(report.ends, stopped, "{report}");
}
