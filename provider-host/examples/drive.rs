//! Leads a provider through its whole life from several threads: what the sanitizers watch.
//!
//! `drive LIBRARY [OPERATION...]` loads the library twice over, links, calls, unlinks and stops. Every
//! operation of its table is called with a payload that no operation understands; an operation that is
//! named is called from two threads with an empty map instead, and must succeed.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example tells what it does")]

use std::{env, process::ExitCode, sync::Barrier, thread};

use provider_core::{BoxError, Dispatcher};
use provider_host::{Library, Running};

const THREADS: usize = 4;
const ROUNDS: usize = 50;

/// Answers every call of the provider with what it sent.
struct Echo;

impl Dispatcher for Echo {
    fn dispatch(&self, _actor: &str, _op: &str, msg: &[u8]) -> Result<Vec<u8>, BoxError> {
        Ok(msg.to_vec())
    }
}

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let Some(path) = arguments.next() else {
        eprintln!("usage: drive LIBRARY [OPERATION...]");
        return ExitCode::from(2);
    };
    let named: Vec<String> = arguments.collect();
    match drive(&path, &named) {
        Ok(calls) => {
            println!("{path}: {calls} calls");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{path}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn drive(path: &str, named: &[String]) -> Result<usize, BoxError> {
    let library = Library::open(path)?;
    let mut calls = 0;
    for _ in 0..2 {
        // Two providers of one library live side by side.
        let provider = library.create()?.configure(Echo)?;
        let unused = library.create()?;
        calls += if named.is_empty() { everything(&provider)? } else { only(&provider, named)? };
        drop(unused);
        provider.stop()?.destroy()?;
    }
    drop(library.create()?.configure(Echo)?);
    Ok(calls)
}

/// Links, calls and unlinks from many threads: actors of their own, and one that all share.
fn everything(provider: &Running) -> Result<usize, BoxError> {
    let ops: Vec<String> =
        provider.library().description().ops.iter().map(|op| op.name.clone()).collect();
    let start = Barrier::new(THREADS);
    let run = |thread: usize| -> Result<usize, BoxError> {
        start.wait();
        let mut calls = 0;
        for _ in 0..ROUNDS {
            for actor in [format!("MACTOR{thread}"), String::from("MSHARED")] {
                provider.bind(&actor, [("KEY", "value")])?;
                for op in &ops {
                    // No operation may take this, and it may not matter that another thread removes
                    // the link at this moment.
                    if provider.call(&actor, op, b"\xc1").is_ok() {
                        return Err(format!("`{op}` takes a payload that is no MessagePack").into());
                    }
                    calls += 1;
                }
                if provider.call(&actor, "NoSuchOperation", b"\x80").is_ok() {
                    return Err("an operation that does not exist succeeds".into());
                }
                provider.health()?;
                provider.remove(&actor)?;
                calls += 4;
            }
        }
        Ok(calls)
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(move || run(thread))).collect();
        threads.into_iter().map(|thread| thread.join().map_err(|_| "a thread panicked")?).sum()
    })
}

fn only(provider: &Running, named: &[String]) -> Result<usize, BoxError> {
    provider.bind("MACTOR", [("KEY", "value")])?;
    for op in named {
        let start = Barrier::new(2);
        thread::scope(|scope| {
            let threads: Vec<_> = (0..2)
                .map(|_| {
                    scope.spawn(|| {
                        start.wait();
                        provider.call("MACTOR", op, b"\x80").map(drop)
                    })
                })
                .collect();
            threads.into_iter().try_for_each(|thread| {
                thread
                    .join()
                    .map_err(|_| BoxError::from("a thread panicked"))?
                    .map_err(BoxError::from)
            })
        })?;
    }
    Ok(named.len() * 2)
}
