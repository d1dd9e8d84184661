//! Tests that need programs.

use std::{env, error::Error, process::ExitCode};

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use provider_testkit::{Options, harness::Preparation};

use crate::{Absent, Program, Server, find};

/// The whole `main` of a test that needs the programs `needs`: each of `tests` is a test, one after
/// the other, since they look at what the process holds.
///
/// Where a program is not installed they are ignored with the reason; where `CI` is `true` they fail.
#[must_use]
pub fn main(needs: &[&str], tests: &[(&str, fn())]) -> ExitCode {
    let absent = needs.iter().find_map(|name| find(name).err());
    let trials = tests.iter().map(|&(name, test)| {
        let absent = absent.clone();
        Trial::ignorable_test(name, move || match absent {
            None => {
                test();
                Ok(Completion::Completed)
            }
            Some(absent) if continuous_integration() => Err(Failed::from(absent)),
            Some(absent) => Ok(Completion::ignored_with(absent.to_string())),
        })
    });
    let mut arguments = Arguments::from_args();
    arguments.test_threads = Some(1);
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

/// Starts a server for a conformance test; `link` says in the options how it is found.
///
/// # Errors
///
/// When the server does not start, and where `CI` is `true` when it is not installed.
pub fn prepare(
    program: Program,
    options: &mut Options,
    link: impl FnOnce(&Server, &mut Options),
) -> Result<Preparation, Box<dyn Error>> {
    match program.find() {
        Ok(_) => {
            let server = Server::start(program)?;
            link(&server, options);
            Ok(Preparation::ready(server))
        }
        Err(absent) => not_run(absent),
    }
}

fn not_run(absent: Absent) -> Result<Preparation, Box<dyn Error>> {
    if continuous_integration() {
        return Err(absent.into());
    }
    Ok(Preparation::NotRun(absent.to_string()))
}

fn continuous_integration() -> bool {
    env::var("CI").is_ok_and(|value| value == "true")
}
