//! Figures. They are told and never fail a run.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use provider_core::{
    ReplyBuffer, codec,
    ops::{HealthRequest, OP_HEALTH_REQUEST, SYSTEM_ACTOR},
};
use rustix::time::{ClockId, clock_gettime};

use super::HEADER;
use crate::{
    Check, Level,
    holdings::Holdings,
    lab::{Lab, Outcome},
};

/// A library that takes longer to load is noted.
const SLOW_LOAD: Duration = Duration::from_millis(100);
/// A call in a hundred that takes longer is noted.
const SLOW_CALL: Duration = Duration::from_millis(5);
/// How many calls are measured.
const CALLS: u32 = 10_000;
/// How many calls come before.
const WARM_UP: u32 = 200;
/// The longest that calls are measured.
const LONGEST: Duration = Duration::from_secs(5);
/// How long an idle provider is watched, in milliseconds.
const IDLE: u32 = 1000;
/// The part of a processor that an idle provider may use, in percent.
const BUSY: f64 = 5.0;

pub(super) fn checks() -> Vec<Check> {
    let check = |id, title| Check { id, title, level: Level::Perf, source: HEADER, ..Check::BLANK };
    vec![
        Check {
            rule: "A provider is a shared library with two exported functions",
            why: "A host loads its providers when it starts, and whoever waits for it waits for them.",
            what: "measures how long it takes to load the library, to make a provider and to link an \
                   actor, in a fresh process; notes more than 100 ms for loading",
            causes: &["much to relocate: a large library, or one that exports everything"],
            fix: "link with `lto` and `strip`; build tables on first use",
            example: include_str!("examples/perf-load.md"),
            needs: &["links::bind"],
            run: load,
            ..check("perf::load", "how long it takes to load")
        },
        Check {
            rule: "Threads: handle_call, dispatch, get_extension: from any thread, many at a time.",
            why: "A host asks each provider for its health, and every call of an actor takes the same \
                  way. What a call costs when nothing is done in it is the price of all the others.",
            what: "asks 10 000 times how it is; tells the median, the 99th percentile and the longest; \
                   notes a 99th percentile above 5 ms",
            causes: &[
                "the health check asks a server",
                "a lock that something else holds for long",
            ],
            fix: "answer from what a thread of the provider finds out beforehand",
            example: include_str!("examples/perf-call.md"),
            needs: &["health::response"],
            run: call,
            ..check("perf::call", "how long a call takes")
        },
        Check {
            rule: "Once, as the last thing but destroy. Ends threads, closes what is open.",
            why: "A host runs many providers, most of them idle. One that polls keeps a processor \
                  awake for nothing.",
            what: "links an actor and watches for a second: memory, threads and open files that the \
                   provider added, and how much of a processor it uses; notes more than 5 %",
            causes: &["a thread that looks again and again instead of waiting", "a short timer"],
            fix: "wait for an event: a channel, a condition variable, a blocking read",
            example: include_str!("examples/perf-footprint.md"),
            needs: &["stop::exit"],
            run: footprint,
            ..check("perf::footprint", "what an idle provider takes")
        },
    ]
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn load(lab: &mut Lab) -> Outcome {
    let mut times = Vec::new();
    let mut lap = Instant::now();
    let mut done = |name| {
        times.push((name, lap.elapsed()));
        lap = Instant::now();
    };
    let library = lab.load()?;
    done("load");
    let provider = lab.create(&library)?;
    done("create");
    provider
        .configure()
        .map_err(|error| crate::subject::failed("configure_dispatch", &error, "Ok"))?;
    done("configure");
    let actor = crate::lab::actor(0);
    let values = lab.values(&actor);
    provider.bind(&actor, &values).empty(provider_core::ops::OP_BIND_ACTOR)?;
    done("bind");
    for (name, time) in times {
        lab.reporter.metric(name, milliseconds(time), "ms");
        if name == "load" && time > SLOW_LOAD {
            let took = time.as_millis();
            lab.reporter.note(format!("it took {took} ms to load; 100 ms are usual at most"));
        }
    }
    Ok(())
}

fn call(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    // Two fields and nothing else: it can always be encoded.
    let msg = codec::encode(&HealthRequest::default()).unwrap_or_default();
    let mut reply = ReplyBuffer::new();
    let count = lab.times(CALLS);
    let seq = lab.reporter.step("repeat", format!("{count} calls of `{OP_HEALTH_REQUEST}`"));
    let mut ask = || {
        let began = Instant::now();
        // What it answers is another check's business.
        let _ = provider.call_untold(SYSTEM_ACTOR, OP_HEALTH_REQUEST, &msg, &mut reply);
        began.elapsed()
    };
    for _ in 0..WARM_UP.min(count) {
        ask();
    }
    let began = Instant::now();
    let mut times = Vec::new();
    while times.len() < count as usize && began.elapsed() < LONGEST {
        times.push(ask());
    }
    lab.reporter.done(seq, "done");
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    for (name, time) in [("p50", at(50)), ("p99", at(99)), ("longest", at(100))] {
        lab.reporter.metric(name, time.as_secs_f64() * 1e6, "µs");
    }
    if at(99) > SLOW_CALL {
        let slow = milliseconds(at(99));
        lab.reporter.note(format!("one call in a hundred takes {slow:.1} ms or longer"));
    }
    Ok(())
}

fn footprint(lab: &mut Lab) -> Outcome {
    let size = fs::metadata(&lab.job.path).map_or(0, |metadata| metadata.len());
    let (files, threads) = Holdings::now().counts();
    let memory = resident();
    let (provider, _) = lab.linked()?;
    let more = |now: usize, before: usize| {
        f64::from(u32::try_from(now).unwrap_or_default())
            - f64::from(u32::try_from(before).unwrap_or_default())
    };
    let (files_now, threads_now) = Holdings::now().counts();
    lab.reporter.metric("library", kibibytes(size), "KiB");
    if let (Some(before), Some(now)) = (memory, resident()) {
        lab.reporter.metric("memory", kibibytes(now) - kibibytes(before), "KiB");
    }
    lab.reporter.metric("threads", more(threads_now, threads), "");
    lab.reporter.metric("open files", more(files_now, files), "");
    let idle = Duration::from_millis(u64::from(lab.times(IDLE).clamp(IDLE / 5, IDLE)));
    let seq = lab.reporter.step("watch", format!("{} ms", idle.as_millis()));
    let (began, used) = (Instant::now(), processor());
    thread::sleep(idle);
    let used = processor().saturating_sub(used).as_secs_f64();
    let percent = used / began.elapsed().as_secs_f64() * 100.0;
    lab.reporter.done(seq, "done");
    lab.reporter.metric("idle", percent, "% of a processor");
    if percent > BUSY {
        lab.reporter.note(format!("it uses {percent:.0} % of a processor while nobody calls it"));
    }
    // How it ends is other checks' business; what it started is its own to end.
    let _ = provider.stop();
    lab.abandon();
    Ok(())
}

fn kibibytes(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes / 1024).unwrap_or(u32::MAX))
}

/// How much memory this process has, in bytes.
fn resident() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib * 1024)
}

/// How long this process has used processors.
fn processor() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or_default(),
        u32::try_from(time.tv_nsec).unwrap_or_default(),
    )
}
