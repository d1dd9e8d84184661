//! Measures what a call in flight costs, in threads and in memory: starts very many at once.
//!
//! `in_flight LIBRARY [CALLS]`: the library's provider has asynchronous calls, and the operations `Wait`
//! (answered after 100 ms) and `Hold` (answered when it is cancelled).
#![expect(clippy::print_stdout, reason = "it prints what it measured")]

#[path = "../tests/support/in_flight.rs"]
mod in_flight;

use std::env;

use provider_host::Library;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = env::args().skip(1);
    let path = arguments.next().ok_or("which library?")?;
    let calls = arguments.next().map_or(Ok(10_000), |calls| calls.parse())?;
    let report = in_flight::measure(&Library::open(path)?, calls);
    print!("{report}");
    in_flight::hold(&report);
    Ok(())
}
