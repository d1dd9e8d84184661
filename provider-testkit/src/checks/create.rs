//! Creating and destroying providers.

use std::{fs, thread};

use provider_core::{
    abi::descriptor_flags,
    ops::{OP_BIND_ACTOR, OP_REMOVE_ACTOR},
};

use super::{HEADER, SPECIFICATION, SPECIFICATION_FFI};
use crate::{
    Check, Level,
    holdings::Holdings,
    lab::{Lab, Outcome, actor, skip},
    memory::Map,
    protocol::Failure,
    subject::{Provider, failed},
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
        Check {
            id: "create::separate",
            level: Level::Should,
            title: "two providers of a library share no links",
            rule: "A provider: an address of this and whatever the provider keeps behind it.",
            source: HEADER,
            why: "A host may make several providers from one library, with other values for each. \
                  Where they share a table of links, an actor reaches what it was not given, and \
                  removing one provider takes the links of another.",
            what: "makes two providers and links an actor to the first: it must not be linked to the \
                   second. Links it to both with values of its own, removes it from the first and \
                   frees that: the second must still answer. Whether an actor is linked shows in \
                   sample requests",
            causes: &[
                "the links are kept in a static",
                "a static says that the provider was stopped",
            ],
            fix: "keep links in the provider; or say `CP_SINGLE_INSTANCE` where there is but one of \
                  what it serves",
            example: include_str!("examples/create-separate.md"),
            needs: &["load::twice", "links::unlinked-op"],
            run: separate,
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

/// A request of which it is known that only a linked actor gets an answer to it.
struct Probe {
    actor: String,
    op: String,
    msg: Vec<u8>,
}

impl Probe {
    /// The first sample that `provider` refuses for an actor that is not linked.
    fn find(lab: &Lab, provider: &Provider, actor: &str) -> Option<Self> {
        let library = provider.library();
        let description = library.description();
        description.ops.iter().find_map(|op| {
            let msg = lab.sample(&description.contract, &op.name)?.payload().ok()?;
            let probe = Self { actor: actor.to_owned(), op: op.name.clone(), msg };
            (!probe.is_answered(provider)).then_some(probe)
        })
    }

    fn is_answered(&self, provider: &Provider) -> bool {
        provider.call(&self.actor, self.op.as_str(), &self.msg).reply.is_ok()
    }

    fn linked(&self, provider: &Provider, wanted: bool, when: &str) -> Outcome {
        if self.is_answered(provider) == wanted {
            return Ok(());
        }
        let (failure, expected) = if wanted {
            ("its actor is not linked any more", "an answer")
        } else {
            ("it answers an actor that is linked to another provider", "an error")
        };
        Err(Failure::new(format!("{failure}: {when}")).expected(expected).into())
    }
}

fn separate(lab: &mut Lab) -> Outcome {
    let library = lab.load()?;
    if library.description().flags & descriptor_flags::SINGLE_INSTANCE != 0 {
        return Err(skip("it says that it allows one provider at a time"));
    }
    let mut made = || -> Outcome<Provider> {
        let provider = lab.create(&library)?;
        provider.configure().map_err(|error| failed("configure_dispatch", &error, "Ok"))?;
        Ok(provider)
    };
    let (first, second) = (made()?, made()?);
    let actor = actor(0);
    let (values, others) = (lab.values(&actor), lab.other_values(&actor));
    let probe = Probe::find(lab, &second, &actor);
    let linked = |provider: &Provider, wanted, when: &str| match &probe {
        Some(probe) => probe.linked(provider, wanted, when),
        None => Ok(()),
    };
    first.bind(&actor, &values).empty(OP_BIND_ACTOR)?;
    if !probe.as_ref().is_none_or(|probe| probe.is_answered(&first)) {
        return Err(skip("a linked actor gets no answer to the sample request"));
    }
    linked(&second, false, "to the first one only")?;
    let both = second.bind(&actor, &others);
    if both.reply.is_err() {
        // What stands behind them may be there only once.
        lab.reporter.note("an actor cannot be linked to both at the same time");
    }
    first.remove(&actor).empty(OP_REMOVE_ACTOR)?;
    if both.reply.is_err() {
        second.bind(&actor, &others).empty(OP_BIND_ACTOR)?;
    } else {
        both.empty(OP_BIND_ACTOR)?;
    }
    linked(&second, true, "after the first one removed it")?;
    first.stop().map_err(|error| failed("stop", &error, "Ok"))?;
    first.destroy()?;
    linked(&second, true, "after the first one was stopped and freed")?;
    second.alive("the first one was stopped and freed")
}
