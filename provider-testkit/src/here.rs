//! One check in this process, for a debugger.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use crate::{
    Kit, Run,
    check::split,
    classify::{Subject, classify},
    evidence::Evidence,
    kit,
    process::Exit,
    protocol::Record,
    scratch::{self, Scratch},
    worker::{self, Reporter},
};

/// Where a check is made, and what the environment of the process must be.
#[derive(Debug)]
pub struct Surroundings {
    scratch: Scratch,
    env: BTreeMap<String, String>,
}

impl Surroundings {
    /// The folder. It is removed with this value.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.scratch.path()
    }

    /// The variables to set.
    #[must_use]
    pub fn env(&self) -> &BTreeMap<String, String> {
        &self.env
    }

    /// The folder, which is no longer removed.
    #[must_use]
    pub fn keep(self) -> PathBuf {
        self.scratch.keep()
    }
}

impl Kit {
    /// What a process needs in which [`run_here`](Self::run_here) is called.
    ///
    /// # Errors
    ///
    /// A folder cannot be made.
    pub fn surroundings(&self, id: &str) -> std::io::Result<Surroundings> {
        let scratch = scratch::fresh(id)?;
        let env = scratch::secluded(kit::environment(id), &scratch, &self.options().env);
        Ok(Surroundings { scratch, env })
    }

    /// Runs the check `id` in this process, without what it builds on and without limits: for a
    /// debugger. What the provider does to the process, it does to this one. `tell` gets a line when
    /// the provider is called, when it returns, and for whatever else is noted.
    ///
    /// The environment must be that of [`Surroundings`], and `folder` theirs, before this process
    /// begins.
    ///
    /// # Panics
    ///
    /// There is no such check: a [`Selection`](crate::Selection) has those that there are.
    pub fn run_here(
        &self,
        id: &str,
        folder: &Path,
        mut tell: impl FnMut(&str) + Send + 'static,
    ) -> Run {
        let began = Instant::now();
        let Some((check, _)) = split(id) else {
            panic!("there is no check `{id}`");
        };
        let seed = self.options().seed.unwrap_or_else(kit::fresh_seed);
        let job = scratch::in_folder(self.job(id, seed), scratch::work_in(folder));
        let evidence = Arc::new(Mutex::new(Evidence {
            hello: true,
            bye: true,
            exit: Some(Exit::Code(0)),
            ..Evidence::default()
        }));
        let into = Arc::clone(&evidence);
        let reporter = Reporter::here(move |record| {
            if let Some(line) = line(&record) {
                tell(&line);
            }
            into.lock().unwrap_or_else(PoisonError::into_inner).take(record);
        });
        worker::run_check(job, id, &reporter);
        let mut evidence = evidence.lock().unwrap_or_else(PoisonError::into_inner);
        let mut evidence = std::mem::take(&mut *evidence);
        evidence.duration = began.elapsed();
        let report = classify(&Subject::of(check, id, self.again(id)), evidence);
        self.run_of(vec![report], began)
    }
}

/// What is told of a record.
fn line(record: &Record) -> Option<String> {
    Some(match record {
        Record::Step { seq, call, args, .. } => format!("call {seq}: {call}({args})"),
        Record::Done { seq, outcome } => format!("call {seq} returned {outcome}"),
        Record::Note { text } => format!("note: {text}"),
        Record::Log { line } => format!("log: {line}"),
        Record::Metric { metric } => format!("figure: {metric}"),
        Record::Finding { text, .. } | Record::Broken { text } => format!("found: {text}"),
        _ => return None,
    })
}
