//! Each form is the same provider: it keeps every rule for providers and every pinned rule of the
//! contract, behind the C ABI.
//!
//! A program of its own, because a check's process is the program that runs it once more.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::{path::PathBuf, process::Command, process::ExitCode, thread, time::Duration};

use libtest_mimic::{Arguments, Failed, Trial};
use provider_contracts::keyvalue::scenario::{Subject, pinned};
use provider_core::NullDispatcher;
use provider_host::Library;
use provider_testkit::{CheckReport, Kit, Level, Options, enter_worker_if_asked};

const FORMS: [&str; 3] = ["by_hand", "marked_methods", "contract_trait"];

fn main() -> ExitCode {
    enter_worker_if_asked();
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for form in FORMS {
        trials
            .push(Trial::test(format!("{form}_means_what_the_contract_pins"), move || means(form)));
        trials.push(Trial::test(format!("{form}_keeps_every_rule"), move || behaves(form)));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Lets cargo build the library of a form.
fn built(form: &str) -> PathBuf {
    let output = Command::new(env!("CARGO"))
        .args(["build", "--message-format=json", "-p", "keyvalue-forms", "--example", form])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let file = format!("{}{form}{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let messages = String::from_utf8_lossy(&output.stdout);
    let path = messages.split('"').map(PathBuf::from).find(|path| path.ends_with(&file));
    path.unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

fn means(form: &str) -> Result<(), Failed> {
    let library = Library::open(built(form))?;
    thread::scope(|scope| {
        let playing: Vec<_> = pinned()
            .into_iter()
            .map(|scenario| {
                let library = &library;
                // Its clock cannot be moved: those that wait do it at the same time.
                scope.spawn(move || -> Result<(), Failed> {
                    let provider = library.create()?.configure(NullDispatcher)?;
                    let mut wait = |seconds| thread::sleep(Duration::from_secs(seconds));
                    // What is written by hand knows no kinds of errors.
                    let mut subject = Subject::new(&provider, &mut wait).foreign("-");
                    scenario.run(&mut subject)?;
                    provider.stop()?.destroy()?;
                    Ok(())
                })
            })
            .collect();
        playing.into_iter().try_for_each(|scenario| scenario.join().unwrap())
    })
}

fn behaves(form: &str) -> Result<(), Failed> {
    let kit = Kit::open(built(form), Options::in_folder(env!("CARGO_MANIFEST_DIR"))?)?;
    let run = kit.run(&kit.select::<&str>(&[], Level::Should)?, &mut ());
    let told = |check: &CheckReport| format!("{} {}", check.id, check.summary);
    let red: Vec<_> = run.checks.iter().filter(|check| check.is_red()).map(told).collect();
    assert_eq!(run.exit_code(), 0, "{form}: {red:#?}");
    // All of the contract's rules as well: nothing is skipped for want of a declaration.
    let skipped: Vec<_> = run
        .checks
        .iter()
        .filter(|check| check.id.starts_with("keyvalue::") && check.verdict.word() != "pass")
        .map(|check| &check.id)
        .collect();
    assert!(skipped.is_empty(), "{form}: {skipped:?}");
    Ok(())
}
