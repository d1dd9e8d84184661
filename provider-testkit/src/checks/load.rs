//! Loading, and what a library says of itself.

use super::HEADER;
use crate::{
    Check,
    identity::Described,
    lab::{Lab, Outcome},
    protocol::Failure,
};

pub(super) fn checks() -> Vec<Check> {
    vec![
        Check {
            id: "load::now",
            title: "it loads, and the process ends well afterwards",
            rule: "Process: a provider changes no signal handler, locale, umask, directory, \
                   environment or floating-point mode, and does not need standard output to exist.",
            source: HEADER,
            why: "Code that runs while a library is loaded or unloaded runs before the host knows \
                  whose it is: a crash there ends the host, and no call is to blame.",
            what: "loads the library, binding every symbol now and for itself, and ends",
            causes: &[
                "a library that it needs is not there",
                "a symbol that no library defines",
                "an initialiser or a destructor of the library crashes",
            ],
            fix: "read what the loader says; link what is missing",
            example: include_str!("examples/load-now.md"),
            needs: &["abi::exports", "abi::needed"],
            run: now,
            ..Check::BLANK
        },
        Check {
            id: "load::describe",
            title: "it says what it is, always the same",
            rule: "What a library says of itself. Static, free of effects, the same at each call.",
            source: HEADER,
            why: "A host decides by the description which actors may use the provider and which of \
                  its operations there are. A description that changes, or names what the host has \
                  itself, leads calls astray.",
            what: "reads the descriptor twice here and once in another process; checks the \
                   contract id, the version, the operations' names",
            causes: &["a name that is reserved or there twice", "a version that is not semver"],
            fix: "mend the value at the place that is named",
            example: include_str!("examples/load-describe.md"),
            needs: &["load::now"],
            run: describe,
            ..Check::BLANK
        },
    ]
}

fn now(lab: &mut Lab) -> Outcome {
    lab.load().map(drop)
}

fn describe(lab: &mut Lab) -> Outcome {
    let library = lab.load()?;
    let description = library.description();
    if let Some(problem) = description.problems().first() {
        return Err(Failure::new(problem.clone()).into());
    }
    if description.vendor.is_empty() {
        lab.reporter.note("it names no vendor: `authors` in `Cargo.toml`, or `.vendor` in C");
    }
    let here = Described::from(description);
    let again = Described::from(lab.load()?.description());
    let changed = |when| {
        Err(Failure::new(format!("it describes itself differently {when}"))
            .expected(format!("{here:?}"))
            .likely("the descriptor is made anew, or depends on the environment")
            .into())
    };
    if again != here {
        return changed("the second time");
    }
    if lab.job.described.as_ref().is_some_and(|there| *there != here) {
        return changed("in another process");
    }
    Ok(())
}
