//! What a provider says while a check of records listens.

use std::{
    cell::RefCell,
    sync::{Arc, Mutex, PoisonError},
};

use provider_host::{LogLevel, LogRecord, LogSink};

use crate::{
    logged::{Listener, SHOWN},
    payload::shortened,
    subject::short_actor,
    worker::Reporter,
};

/// How many records are kept: the first ones show what is wrong as well as all of them.
const KEPT: usize = 1000;

thread_local! {
    /// The actor on whose behalf this thread calls the provider.
    static CALLS_FOR: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Does `act`, in which this thread calls the provider for `actor`.
pub(crate) fn calling_for<T>(actor: &str, act: impl FnOnce() -> T) -> T {
    let before = CALLS_FOR.replace(Some(actor.to_owned()));
    let result = act();
    CALLS_FOR.set(before);
    result
}

/// A record, or what came in place of one.
#[derive(Debug, Clone)]
pub(crate) enum Heard {
    /// Of a level that is wanted.
    Wanted(Said),
    /// Of a level above it.
    Unwanted(Said),
    /// It breaks the rules of the ABI, so nothing is known of it but that.
    Refused(String),
}

/// What is known of a record.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) level: LogLevel,
    pub(crate) target: String,
    pub(crate) message: String,
    pub(crate) actor: Option<String>,
    /// The actor for which the thread that it came on was calling the provider, if it was.
    pub(crate) called_for: Option<String>,
}

impl Said {
    /// For people.
    pub(crate) fn shown(&self) -> String {
        let actor = self.actor.as_deref().map(|actor| format!(" for {}", short_actor(actor)));
        format!("{}{}: {:?}", self.level, actor.unwrap_or_default(), self.message)
    }
}

/// Keeps what a provider says, and tells it as every check does. A clone is another handle.
#[derive(Clone)]
pub(crate) struct Ear(Arc<Inner>);

struct Inner {
    heard: Mutex<Vec<Heard>>,
    told: Listener,
}

impl Ear {
    pub(crate) fn new(reporter: &Reporter) -> Self {
        Self(Arc::new(Inner { heard: Mutex::default(), told: Listener::of_check(reporter) }))
    }

    /// What was heard so far.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.0.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Forgets it.
    pub(crate) fn forget(&self) {
        self.0.heard.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn keep(&self, heard: Heard) {
        let mut all = self.0.heard.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() < KEPT {
            all.push(heard);
        }
    }
}

fn said(record: &LogRecord<'_>) -> Said {
    Said {
        level: record.level,
        target: shortened(record.target, SHOWN),
        message: shortened(record.message, SHOWN),
        actor: record.actor.map(str::to_owned),
        called_for: CALLS_FOR.with_borrow(Clone::clone),
    }
}

impl LogSink for Ear {
    fn record(&self, record: &LogRecord<'_>) {
        self.keep(Heard::Wanted(said(record)));
        self.0.told.record(record);
    }

    fn unwanted(&self, record: &LogRecord<'_>) {
        self.keep(Heard::Unwanted(said(record)));
    }

    fn refused(&self, problem: &str) {
        self.keep(Heard::Refused(problem.to_owned()));
    }
}
