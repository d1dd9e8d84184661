//! Loading, and what a library says of itself.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use provider_core::abi::descriptor_flags;
use provider_host::Library;

use super::{HEADER, SPECIFICATION_FFI};
use crate::{
    Check, Level,
    check::Environment,
    globals::Globals,
    holdings::Holdings,
    identity::Described,
    image,
    lab::{Halt, Lab, Outcome, skip},
    memory::Map,
    native,
    protocol::Failure,
    subject::failed,
};

/// How long threads of a library that was unloaded may take to show that they are still there.
const AFTER_UNLOADING: Duration = Duration::from_secs(1);

pub(super) fn checks() -> Vec<Check> {
    let mut rows = descriptions();
    rows.extend(lives());
    rows
}

/// Loading, and what a library says.
fn descriptions() -> Vec<Check> {
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
        Check {
            id: "load::quiet",
            level: Level::Should,
            title: "loading changes nothing but memory",
            rule: "What a library says of itself. Static, free of effects, the same at each call.",
            source: HEADER,
            why: "A host loads a library to read what it says of itself, perhaps only to list it. A \
                  thread or a file that comes with that belongs to nobody: no `stop` ends it.",
            what: "compares threads, open files, signal handlers, environment, directory, umask, \
                   locale and floating-point mode before and after the library is loaded",
            causes: &[
                "a constructor of the library, or of a library that it needs, starts something",
                "a static of C++ whose constructor does work",
            ],
            fix: "start threads and open files at bind",
            example: include_str!("examples/load-quiet.md"),
            needs: &["load::now"],
            run: quiet,
            ..Check::BLANK
        },
    ]
}

/// What comes of it where it is loaded elsewhere, again or not for ever.
fn lives() -> Vec<Check> {
    vec![
        Check {
            id: "load::relocated",
            level: Level::Should,
            title: "it works from any place, without an environment",
            rule: "pub extern \"C\" fn __capability_provider_create() -> *mut CapabilityProvider",
            source: SPECIFICATION_FFI,
            why: "A host keeps libraries under names of its own and runs where there is no home, as \
                  a service does. A provider that looks for its files there works only for its author.",
            what: "copies the library to another folder and name; loads it in the folder `/` without \
                   environment variables, compares what it says of itself, makes a provider and \
                   frees it",
            causes: &[
                "the constructor reads a file beside the library or in the working directory",
                "the constructor wants `HOME` or another variable",
            ],
            fix: "let everything come from link values, at bind",
            example: include_str!("examples/load-relocated.md"),
            needs: &["create::ok"],
            environment: Environment::Bare,
            run: relocated,
            ..Check::BLANK
        },
        Check {
            id: "load::twice",
            level: Level::Should,
            title: "a second provider after the first one's end",
            rule: "CP_SINGLE_INSTANCE: at most one provider at a time",
            source: HEADER,
            why: "A library stays loaded when its provider is removed. What a provider leaves in \
                  statics meets the next one, and a host that replaces a provider gets a dead one.",
            what: "makes a provider, links an actor, stops and frees it; then the same with a second \
                   one from the same library, which must be healthy",
            causes: &[
                "a static that says that it was stopped, or keeps what was closed",
                "`OnceLock` or `lazy_static` around what a provider's life ends",
            ],
            fix: "keep state in the provider, not in statics",
            example: include_str!("examples/load-twice.md"),
            needs: &["stop::clean", "links::remove"],
            run: twice,
            ..Check::BLANK
        },
        Check {
            id: "load::unload",
            level: Level::Should,
            title: "it can be unloaded, if it says so",
            rule: "a library is not unloaded while the process lives, unless its descriptor says that \
                   it can be, every provider made by it was destroyed and every buffer it gave was \
                   freed.",
            source: HEADER,
            why: "A host may take the library at its word and unload it. A thread or an exit handler \
                  that is left then runs code that is gone, and takes the host down.",
            what: "links an actor, stops and frees the provider, unloads the library and waits for \
                   threads that are still there; then the process ends. Does not apply without the \
                   flag `CP_UNLOADABLE`",
            causes: &[
                "a thread that outlives `stop`",
                "an exit handler or a thread-local destructor of the library",
            ],
            fix: "join every thread in `stop`; or do not say that it can be unloaded",
            example: include_str!("examples/load-unload.md"),
            needs: &["stop::clean"],
            run: unload,
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
    let here = whole(&library)?;
    let again = whole(&lab.load()?)?;
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

fn whole(library: &Library) -> Result<Described, Halt> {
    Described::of(library).map_err(|error| Failure::new(error.to_string()).into())
}

fn quiet(lab: &mut Lab) -> Outcome {
    let globals = Globals::now();
    let holdings = Holdings::now();
    let _library = lab.load()?;
    let changed = globals.changed();
    if !changed.is_empty() {
        return Err(Failure::new(format!("loading it has effects: {}", changed.join("; ")))
            .expected("a process that is as it was")
            .into());
    }
    if let Some(more) = holdings.grown(&lab.reporter) {
        return Err(Failure::new(format!("loading it left behind: {more}"))
            .expected("the threads and open files from before")
            .into());
    }
    Ok(())
}

fn relocated(lab: &mut Lab) -> Outcome {
    const NAME: &str = "libmoved-to-another-place.so.7";
    let image = image::read(&lab.job.path).map(|(_, image)| image);
    if image.is_ok_and(|image| image.search.iter().any(|place| place.contains("$ORIGIN"))) {
        return Err(skip("it finds other libraries relative to its own folder"));
    }
    let Some(folder) = &lab.job.folder else {
        return Err(skip("the check has no folder"));
    };
    let copy = folder.join(NAME);
    let unable = |error: std::io::Error| skip(format!("the library cannot be copied: {error}"));
    fs::copy(&lab.job.path, &copy).map_err(unable)?;
    std::env::set_current_dir("/").map_err(unable)?;
    let library = lab.load_from(&copy)?;
    let here = whole(&library)?;
    if let Some(there) = &lab.job.described
        && *there != here
    {
        return Err(Failure::new("it describes itself differently from another place")
            .expected(format!("{there:?}"))
            .got(format!("{here:?}"))
            .likely("it reads its own file's name, or its environment")
            .into());
    }
    lab.create(&library)?.destroy()
}

fn twice(lab: &mut Lab) -> Outcome {
    let library = lab.load()?;
    for after in ["it was made", "the first one was stopped and freed"] {
        let (provider, _) = lab.linked_from(&library)?;
        provider.alive(after)?;
        provider.stop().map_err(|error| failed("stop", &error, "Ok"))?;
        provider.destroy()?;
    }
    Ok(())
}

fn unload(lab: &mut Lab) -> Outcome {
    let library = lab.load()?;
    if library.description().flags & descriptor_flags::UNLOADABLE == 0 {
        return Err(skip("it does not say that it can be unloaded, so no host unloads it"));
    }
    let before = Holdings::now();
    let left = native::unloaded(lab, library, whole_life)?;
    if let Some(reason) = left {
        return Err(Failure::new(format!("it cannot be unloaded: {reason}")).into());
    }
    if Map::read().is_some_and(|map| map.has(&lab.job.path)) {
        lab.reporter.note("the loader keeps it all the same: a thread-local destructor pins it");
    }
    // A thread that is still there needs time to run into what is gone.
    let began = Instant::now();
    while before.has_grown() && began.elapsed() < AFTER_UNLOADING {
        thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

fn whole_life(lab: &mut Lab, library: &Library) -> Outcome {
    let (provider, _) = lab.linked_from(library)?;
    provider.alive("a link was made")?;
    provider.stop().map_err(|error| failed("stop", &error, "Ok"))?;
    drop(provider);
    lab.finish()
}
