//! What is known about a worker's life.

use std::{collections::VecDeque, ops::Range, time::Duration};

use crate::{
    Crash, LogLine, Metric, Step, ThreadState,
    capture::Captured,
    process::Exit,
    protocol::{Crashed, DescribedRecord, Ended, Garbage, HexBytes, Record},
    session::{CallError, Dispatched},
    steps::Steps,
};

/// How many notes and findings are kept.
const NOTES: usize = 50;
/// How many times a library is loaded and looked at.
const MAPPED: usize = 64;
/// How many of the last records are kept.
const LOG: usize = 20;

/// Everything that is known about a worker's life.
#[derive(Debug, Default)]
pub(crate) struct Evidence {
    pub(crate) hello: bool,
    pub(crate) steps: Steps,
    pub(crate) calls: u32,
    pub(crate) notes: Vec<String>,
    /// What the provider said last.
    pub(crate) log: VecDeque<LogLine>,
    pub(crate) metrics: Vec<Metric>,
    pub(crate) findings: Vec<(bool, String)>,
    /// The calls up to the one that ended with a panic.
    pub(crate) panicked: Option<Steps>,
    pub(crate) broken: Option<String>,
    pub(crate) described: Option<DescribedRecord>,
    pub(crate) called: Option<Called>,
    pub(crate) ended: Option<Ended>,
    pub(crate) garbage: Option<Garbage>,
    /// Where the library's code lay, and where in its file it is.
    pub(crate) mapped: Vec<(Range<u64>, u64)>,
    pub(crate) crashed: Option<Crashed>,
    /// The same, with names.
    pub(crate) crash: Option<Crash>,
    /// The command that the worker ran under.
    pub(crate) wrapper: Option<String>,
    /// What the worker wrote too much to.
    pub(crate) flooded: Option<&'static str>,
    /// Whether the exit handlers ran up to the first one, which is the worker's own.
    pub(crate) bye: bool,
    /// The time limit that was over, before the process was.
    pub(crate) expired: Option<Duration>,
    /// Whether that was the limit for all of it, and there had been signs of life.
    pub(crate) busy: bool,
    pub(crate) threads: Vec<ThreadState>,
    /// Names of processes that it left behind.
    pub(crate) left: Vec<String>,
    pub(crate) exit: Option<Exit>,
    pub(crate) stdout: Captured,
    pub(crate) stderr: Captured,
    pub(crate) duration: Duration,
}

/// What came of a call, and what the provider sent meanwhile.
pub(crate) type Called = (Result<Vec<u8>, CallError>, Vec<Dispatched>);

impl Evidence {
    pub(crate) fn take(&mut self, record: Record) {
        match record {
            Record::Hello { .. } => self.hello = true,
            Record::Step { seq, call, args, nth } => {
                self.calls = self.calls.saturating_add(1);
                self.steps.push(Step { seq, call, args, nth, outcome: None });
            }
            Record::Done { seq, outcome } => self.steps.returned(seq, outcome),
            Record::Note { text } if self.notes.len() < NOTES => self.notes.push(text),
            Record::Finding { panic, text } if self.findings.len() < NOTES => {
                if panic && self.panicked.is_none() {
                    self.panicked = Some(self.steps.clone());
                }
                self.findings.push((panic, text));
            }
            Record::Metric { metric } if self.metrics.len() < NOTES => self.metrics.push(metric),
            Record::Log { line } => {
                if self.log.len() == LOG {
                    self.log.pop_front();
                }
                self.log.push_back(line);
            }
            Record::Note { .. }
            | Record::Finding { .. }
            | Record::Metric { .. }
            | Record::Pulse
            | Record::Ready
            | Record::Dispatched { .. } => {}
            Record::Broken { text } => self.broken = Some(text),
            Record::Described { described } => self.described = Some(*described),
            Record::Called { reply, dispatched } => {
                self.called = Some((reply.map(|HexBytes(bytes)| bytes), dispatched));
            }
            Record::Verdict { ended } => self.ended = Some(ended),
            Record::Bye => self.bye = true,
            Record::Mapped { start, end, offset } => {
                let mapped = (start..end, offset);
                if self.mapped.len() < MAPPED && !self.mapped.contains(&mapped) {
                    self.mapped.push(mapped);
                }
            }
            Record::Crashed(crashed) => self.crashed = Some(crashed),
        }
    }
}
