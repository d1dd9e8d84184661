//! Ten thousand calls in flight at once take no more than a few threads: all are answered, those
//! that are dropped are cancelled, and `stop` ends the rest.
//!
//! One test in a program of its own: it counts the threads of the process.
#![cfg(target_os = "linux")]

#[path = "support/in_flight.rs"]
mod in_flight;

use faulty_defects::Made;
use provider_host::Library;

#[test]
fn ten_thousand_calls_are_in_flight_on_a_few_threads() {
    let folder = tempfile::tempdir().unwrap();
    let made = Made::C { source: "async.c", number: 0 };
    let library = Library::open(made.library(folder.path()).unwrap().unwrap()).unwrap();
    in_flight::hold(&in_flight::measure(&library, 10_000));
}
