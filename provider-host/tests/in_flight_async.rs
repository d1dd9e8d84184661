//! The same as `in_flight`, with a provider that is written with `async fn`: its calls in flight are
//! tasks of one small runtime.
//!
//! One test in a program of its own: it counts the threads of the process.
#![cfg(target_os = "linux")]

#[path = "support/in_flight.rs"]
mod in_flight;
mod support;

use provider_host::Library;

#[test]
fn ten_thousand_calls_of_async_functions_are_in_flight_on_a_few_threads() {
    let library = Library::open(&support::build(&["echo-async"], &[])[0]).unwrap();
    in_flight::hold(&in_flight::measure(&library, 10_000));
}
