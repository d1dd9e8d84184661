//! Creating and destroying providers.

use std::{fs, thread};

use super::{HEADER, SPECIFICATION, SPECIFICATION_FFI};
use crate::{
    Check,
    holdings::Holdings,
    lab::{Lab, Outcome},
    memory::Map,
    protocol::Failure,
    subject::failed,
};

pub(super) fn checks() -> Vec<Check> {
    vec![
        Check {
            id: "create::ok",
            title: "it makes a provider",
            rule: "pub extern \"C\" fn __capability_provider_create() -> *mut CapabilityProvider",
            source: SPECIFICATION_FFI,
            why: "A host makes a provider before it knows any actor. A constructor that needs more \
                  than that makes a provider that cannot be deployed, and a crash there is the \
                  host's.",
            what: "makes a provider with standard input closed, looks where its table and its \
                   functions lie, and frees it",
            causes: &[
                "the constructor failed, for want of something that is known only at bind",
                "the object does not begin with the address of its table",
            ],
            fix: "make the constructor do nothing that can fail: connect at bind",
            example: include_str!("examples/create-ok.md"),
            needs: &["load::describe"],
            run: create,
            ..Check::BLANK
        },
        Check {
            id: "create::cross-thread",
            title: "made, called and freed on different threads",
            rule: "pub trait CapabilityProvider: CloneProvider + Send + Sync",
            source: SPECIFICATION,
            why: "A host calls from any of its threads. State that one thread has and another has \
                  not makes answers depend on which thread happened to be free.",
            what: "creates on one thread, configures and calls on two others, frees on a fourth",
            causes: &["state that belongs to one thread: `Rc`, thread-local values"],
            fix: "keep state in `Arc`, `Mutex` or atomics",
            example: include_str!("examples/create-cross-thread.md"),
            needs: &["health::response", "health::initially-true"],
            run: cross_thread,
            ..Check::BLANK
        },
        Check {
            id: "create::drop-unused",
            title: "freed without having been used",
            rule: "Frees the provider, with or without stop before it.",
            source: HEADER,
            why: "A host may make a provider only to find that it is not wanted. Threads and files \
                  that the constructor leaves behind are then nobody's, and there are more of them \
                  with every try.",
            what: "creates and destroys; counts threads and open files before and after",
            causes: &["the destructor assumes that `configure_dispatch` was called"],
            fix: "start threads and open files at bind, and end them in the destructor as well",
            example: include_str!("examples/create-drop-unused.md"),
            needs: &["create::ok"],
            run: drop_unused,
            ..Check::BLANK
        },
    ]
}

fn create(lab: &mut Lab) -> Outcome {
    let provider = lab.created()?;
    let Some(map) = Map::read() else {
        lab.reporter.note("where its functions lie cannot be found out on this system");
        return Ok(());
    };
    let addresses = provider.addresses();
    if map.at(addresses.table).is_none() {
        return Err(Failure::new("its table lies where no memory is").into());
    }
    let library = lab.job.path.to_string_lossy().into_owned();
    let host = fs::read_link("/proc/self/exe").unwrap_or_default();
    for (name, address) in addresses.functions {
        let failure = match map.at(address) {
            Some(place) if place.path == library && place.executable => continue,
            Some(place) if place.executable && place.path != host.to_string_lossy() => {
                lab.reporter
                    .note(format!("`{name}` lies in `{}` and not in the library", place.path));
                continue;
            }
            Some(place) if place.executable => format!("`{name}` lies in the host's program"),
            _ => format!("`{name}` lies where no code is, at {address:#x}"),
        };
        return Err(Failure::new(failure).expected("a function of the library").into());
    }
    Ok(())
}

fn cross_thread(lab: &mut Lab) -> Outcome {
    let provider = elsewhere(|| lab.created())?;
    elsewhere(|| provider.configure().map_err(|error| failed("configure_dispatch", &error, "Ok")))?;
    elsewhere(|| provider.alive("the change to another thread"))?;
    elsewhere(|| provider.alive("the change to a third thread"))?;
    elsewhere(|| provider.destroy())
}

/// Runs `act` on a thread of its own.
fn elsewhere<T: Send>(act: impl FnOnce() -> Outcome<T> + Send) -> Outcome<T> {
    thread::scope(|scope| match scope.spawn(act).join() {
        Ok(outcome) => outcome,
        Err(panic) => std::panic::resume_unwind(panic),
    })
}

fn drop_unused(lab: &mut Lab) -> Outcome {
    let library = lab.load()?;
    let before = Holdings::now();
    lab.create(&library)?.destroy()?;
    if let Some(more) = before.grown(&lab.reporter) {
        return Err(Failure::new(format!("it is gone and left behind: {more}"))
            .expected("the threads and open files from before it was made")
            .into());
    }
    Ok(())
}
