//! Loads any capability provider, whatever language made it, and says which rules it keeps.
//!
//! Each check runs in a process of its own: a provider that crashes, hangs, exits or writes where it
//! should not is a sentence in a report and never the end of it.
//!
//! ```no_run
//! use provider_testkit::{Kit, Level, Options, report};
//!
//! // The first statement: a check's process is this program once more.
//! provider_testkit::enter_worker_if_asked();
//! let kit = Kit::open("target/release/libkeyvalue_memory.so", Options::default())?;
//! let selection = kit.select(&["links::*"], Level::Must)?;
//! let run = kit.run(&selection, &mut ());
//! let style = report::Style { color: false, width: 100 };
//! eprint!("{}", report::human(&run, style));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A provider's own crate needs one line in `tests/conformance.rs` (with `harness = false`):
//! `provider_testkit::main!();`. Each check is a test of its own then.

#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
#[path = "fuzzed.rs"]
pub mod __fuzz;
mod arguments;
mod attended;
mod bench;
mod capture;
mod check;
mod checks;
mod classify;
mod config;
mod connections;
mod crash;
mod crowd;
mod describe;
mod drained;
mod evidence;
mod expect;
mod flags;
mod fuzz;
mod globals;
mod growth;
pub mod harness;
mod heard;
mod here;
mod holdings;
mod identity;
mod image;
mod kit;
mod lab;
mod library;
mod loader_path;
mod logged;
mod manner;
mod memory;
mod native;
mod nearest;
pub mod payload;
mod place;
mod ports;
mod process;
mod processes;
mod protocol;
mod recorder;
mod reference;
pub mod report;
mod samples;
mod sandbox;
mod scratch;
mod select;
pub mod session;
mod shapes;
mod site;
mod sockets;
mod steps;
mod subject;
mod supervise;
mod threads;
mod verdict;
mod wasmcloud;
mod worker;
mod wrap;

pub use self::{
    check::{Check, Level, Scope, UnknownCheck, checks, find},
    config::{CONFIG_FILE, ConfigError, Options, Sample},
    expect::{Agreement, Day, Expectation, Expected, ExpectedOutcome},
    fuzz::{BadToken, Fuzz, FuzzObserver, Fuzzed, Interrupt, Progress, Reproduction},
    here::Surroundings,
    identity::{Identity, OpIdentity, Problem, Unusable},
    kit::{Kit, Observer, fresh_seed},
    logged::LogLine,
    nearest::nearest,
    scratch::abandon,
    select::Selection,
    verdict::{
        CheckReport, Crash, Deny, Hang, Location, Metric, Panic, Place, Run, SCHEMA_VERSION, Step,
        Tally, ThreadState, Verdict,
    },
    worker::enter_worker_if_asked,
};
