//! Random payloads and random lives: made of a seed, played in a worker, shrunk when they fail.
//!
//! A [`Script`] is what is done to a provider, call by call. A check plays the one that its seed makes;
//! when the provider fails it, the parent plays ever shorter ones, each in a process of its own, and
//! reports the shortest one that still fails. Its token is all that another run needs to play it again.

mod bytes;
mod chance;
mod lives;
mod mutation;
mod payloads;
pub(crate) mod play;
mod rounds;
mod script;
mod shrink;
mod simpler;

pub use self::{
    rounds::{Fuzz, FuzzObserver, Fuzzed, Interrupt, Progress},
    script::{BadToken, Reproduction},
};
pub(crate) use self::{
    script::{Act, Kind, Script},
    shrink::shrunk,
};

use std::collections::BTreeMap;

use crate::{
    Sample,
    protocol::{Job, Task},
    samples,
};

/// What scripts are made of: everything that is known about a provider before it is played with. The
/// parent and the worker make the same of the same job.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    /// The operations that actors call, with a request that is safe to send where one is known.
    pub(crate) ops: Vec<(String, Known)>,
    /// The keys of link values.
    pub(crate) keys: Vec<String>,
    pub(crate) seed: u64,
    pub(crate) effort: f64,
}

/// What may be sent to an operation.
#[derive(Debug, Clone)]
pub(crate) enum Known {
    /// Anything like the author's sample.
    Author(Sample),
    /// What keeps to our own keys.
    BuiltIn(Sample),
    /// Nothing that can be decoded: nobody knows what it would do.
    Nothing,
}

impl Facts {
    pub(crate) fn of(job: &Job) -> Self {
        let described = job.described.as_ref();
        let ops = described.into_iter().flat_map(|described| {
            described.called_ops().map(|op| {
                let known = match job.samples.get(op) {
                    Some(sample) => Known::Author(sample.clone()),
                    None => samples::built_in(described.contract(), op, job.seed)
                        .map_or(Known::Nothing, Known::BuiltIn),
                };
                (op.to_owned(), known)
            })
        });
        Self {
            ops: ops.collect(),
            keys: job.links.keys().cloned().collect(),
            seed: job.seed,
            effort: job.effort,
        }
    }

    /// How many repetitions are made where `count` are thorough.
    fn times(&self, count: usize, most: usize) -> usize {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a number of repetitions need not be exact"
        )]
        let scaled = (count as f64 * self.effort) as usize;
        scaled.min(most)
    }
}

/// The script that a job asks for: the one that it names, else the one that its seed makes.
pub(crate) fn script(job: &Job, kind: Kind) -> Script {
    if let Some(token) = &job.script
        && let Ok(script) = token.parse::<Script>()
        && script.kind == kind
    {
        return script;
    }
    let facts = Facts::of(job);
    match kind {
        Kind::Payload => payloads::script(&facts),
        Kind::Life => lives::script(&facts),
    }
}

/// How many calls of `acts` each operation gets.
pub(crate) fn cases(acts: &[Act]) -> BTreeMap<String, u64> {
    let mut cases = BTreeMap::new();
    for op in acts.iter().filter_map(Act::op) {
        *cases.entry(op.to_owned()).or_default() += 1;
    }
    cases
}

/// The kind of script that a job plays, if it plays one.
pub(crate) fn kind(job: &Job) -> Option<Kind> {
    match &job.task {
        Task::Check { id } => Kind::of_check(id),
        _ => None,
    }
}
