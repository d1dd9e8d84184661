//! The way to a provider's actors.

use std::{
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use provider_core::ops::OP_BIND_ACTOR;

use super::{HEADER, SPECIFICATION};
use crate::{
    Check, Level,
    lab::{Lab, Outcome, actor, each, skip},
    manner::{Gate, Manner},
    subject::Provider,
};

pub(super) fn checks() -> Vec<Check> {
    vec![
        Check {
            id: "dispatch::configure",
            title: "takes the way to its actors",
            rule: "This function will be called on the provider when the host runtime is ready and \
                   has configured a dispatcher.",
            source: SPECIFICATION,
            why: "The host hands over the way to its actors while it is still setting up. A provider \
                  that refuses is of no use, and one that calls at once meets actors that are not \
                  there yet.",
            what: "hands a dispatcher over once; it must not be used before the call returned",
            causes: &["it connects to something here that only a link can name"],
            fix: "only keep the dispatcher; connect at bind",
            example: include_str!("examples/dispatch-configure.md"),
            needs: &["create::ok"],
            run: configure,
            ..Check::BLANK
        },
        Check {
            id: "dispatch::once",
            level: Level::Should,
            title: "a second dispatcher does no harm",
            rule: "Once, before the first call. [..] A second time: CP_ALREADY.",
            source: HEADER,
            why: "A host that starts a provider again after a failure may configure it twice. A \
                  provider that panics then is lost to every actor that is linked to it.",
            what: "configures twice, then links an actor and asks how the provider is; the second \
                   time may be an error and nothing worse",
            causes: &["`OnceLock::set(..).unwrap()`: it is set already"],
            fix: "return an error of the kind `Already` when there is a dispatcher",
            example: include_str!("examples/dispatch-once.md"),
            needs: &["links::bind"],
            run: once,
            ..Check::BLANK
        },
        Check {
            id: "dispatch::failing",
            level: Level::Should,
            title: "actors that fail, say nothing, say nonsense or take their time",
            rule: "Threads: handle_call, dispatch, get_extension: from any thread, many at a time. \
                   Unwinding: nothing unwinds across, in either direction.",
            source: HEADER,
            why: "Actors are somebody else's code. One that fails, or answers late, must cost its \
                  own call and nothing else: neither the provider nor the other actors.",
            what: "sends the samples while actors answer with an error, with no bytes and with \
                   1 MiB of junk; then asks how the provider is while an actor has not answered yet",
            causes: &[
                "the actor's answer is unwrapped",
                "a lock that `HealthRequest` needs is held while an actor is called",
            ],
            fix: "pass an actor's error on; hold no lock while an actor is called",
            example: include_str!("examples/dispatch-failing.md"),
            needs: &["links::bind"],
            run: failing,
            ..Check::BLANK
        },
        Check {
            id: "dispatch::reentrant",
            level: Level::Should,
            title: "an actor that is called may call the provider",
            rule: "Re-entry: dispatch inside handle_call may lead to another handle_call on the same \
                   thread: hold no lock across it.",
            source: HEADER,
            why: "An actor that handles a message usually calls providers to do so, and the one that \
                  sent the message may be among them. A lock that is held meanwhile is never \
                  released: the thread of the host hangs for ever.",
            what: "sends the samples; while the provider waits for an actor, asks how it is and \
                   sends the same sample once more, on the same thread",
            causes: &["a lock is held while an actor is called"],
            fix: "copy what is needed out of the lock, release it, then call the actor",
            example: include_str!("examples/dispatch-reentrant.md"),
            needs: &["links::bind"],
            run: reentrant,
            ..Check::BLANK
        },
    ]
}

fn configure(lab: &mut Lab) -> Outcome {
    lab.configured().map(drop)
}

fn once(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    if provider.configure().is_ok() {
        lab.reporter
            .note("a second dispatcher is taken: the rule is an error of the kind `Already`");
    }
    provider.alive("a second dispatcher")?;
    let actor = actor(0);
    let values = lab.values(&actor);
    provider.bind(&actor, &values).empty(OP_BIND_ACTOR)
}

/// A provider with a link, and the samples that make it call an actor.
struct Callers {
    provider: Provider,
    actor: String,
    requests: Vec<(String, Vec<u8>)>,
}

impl Callers {
    fn find(lab: &mut Lab) -> Outcome<Self> {
        let (provider, actor) = lab.linked()?;
        let samples = lab.requests(&provider).into_iter();
        let samples: Vec<_> = samples.filter_map(|(op, msg)| Some((op, msg?))).collect();
        if samples.is_empty() {
            return Err(skip("no request is known to be safe: samples in provider-testkit.toml"));
        }
        let mut requests = Vec::new();
        for (op, msg) in samples {
            let before = lab.recorder.count();
            provider.call(&actor, op.as_str(), &msg);
            if lab.recorder.count() > before {
                requests.push((op, msg));
            }
        }
        if requests.is_empty() {
            return Err(skip("it calls no actor while its samples are answered"));
        }
        Ok(Self { provider, actor, requests })
    }
}

fn failing(lab: &mut Lab) -> Outcome {
    let Callers { provider, actor, requests } = Callers::find(lab)?;
    each(&lab.reporter, [Manner::Error, Manner::Empty, Manner::Junk], |_, manner| {
        let after = manner.name();
        lab.recorder.behave(manner);
        for (op, msg) in &requests {
            // Whatever it makes of that. A panic is told by the call itself.
            provider.call(&actor, op.as_str(), msg);
        }
        provider.alive(after)
    })?;
    each(&lab.reporter, &requests, |_, (op, msg)| {
        let gate = Arc::new(Gate::default());
        let manner = Manner::Waits(Arc::clone(&gate));
        let while_it = manner.name();
        lab.recorder.behave(manner);
        let outcome = thread::scope(|scope| {
            scope.spawn(|| {
                provider.call(&actor, op.as_str(), msg);
                gate.settle();
            });
            gate.settled();
            let outcome = provider.alive(while_it);
            gate.open();
            outcome
        });
        lab.recorder.behave(Manner::Empty);
        outcome
    })
}

fn reentrant(lab: &mut Lab) -> Outcome {
    let Callers { provider, actor, requests } = Callers::find(lab)?;
    each(&lab.reporter, &requests, |_, (op, msg)| {
        let within = Arc::new(Mutex::new(None));
        let act = {
            let (provider, within) = (provider.clone(), Arc::clone(&within));
            let (actor, op, msg) = (actor.clone(), op.clone(), msg.clone());
            move || {
                let alive = provider.alive("it began to wait for an actor");
                provider.call(&actor, op.as_str(), &msg);
                *within.lock().unwrap_or_else(PoisonError::into_inner) = Some(alive);
            }
        };
        lab.recorder.behave(Manner::Calls(Arc::new(act)));
        provider.call(&actor, op.as_str(), msg);
        lab.recorder.behave(Manner::Empty);
        let alive = within.lock().unwrap_or_else(PoisonError::into_inner).take();
        alive.unwrap_or_else(|| {
            lab.reporter.note(format!("`{op}` called an actor the first time only"));
            Ok(())
        })
    })?;
    provider.alive("an actor called it")
}
