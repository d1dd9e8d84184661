//! What grows with use.

use provider_core::{
    ReplyBuffer, codec,
    ops::{HealthRequest, OP_BIND_ACTOR, OP_HEALTH_REQUEST, OP_REMOVE_ACTOR, SYSTEM_ACTOR},
};
use provider_host::Library;

use super::HEADER;
use crate::{
    Check, Level,
    check::Environment,
    connections::{self, Connections},
    growth,
    lab::{Lab, Outcome, actor, skip},
    protocol::Failure,
    reference,
    subject::{Provider, configuration, failed},
};

/// How often something is done in a batch.
const CYCLES: u32 = 100;
/// The allocator's own caches are off: what is freed is free at once.
const EXACT: Environment = Environment::With(&[("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0")]);

const RULE: &str = "Once, as the last thing but destroy. Ends threads, closes what is open.";
pub(super) fn checks() -> Vec<Check> {
    let check = |id, title| Check {
        id,
        title,
        level: Level::Should,
        source: HEADER,
        rule: RULE,
        environment: EXACT,
        ..Check::BLANK
    };
    vec![
        Check {
            source: super::SPECIFICATION,
            rule: "this is called by the host runtime to indicate that a given actor is no longer \
                   actively communicating with (and using the resources of) the provider.",
            why: "Actors come and go as long as a host runs. A provider that keeps a little of each \
                  link takes all of the host's memory, files or threads in the end.",
            what: WHAT_LINKS,
            causes: &[
                "`RemoveActor` leaves something of the link in a map",
                "a thread or a connection of the link is not ended by `RemoveActor`",
                "links that hold each other: a circle of `Arc`",
            ],
            fix: "keep all that belongs to a link in one value, and drop it with the link",
            example: include_str!("examples/leak-links.md"),
            needs: &["links::cycle"],
            run: links,
            ..check("leak::links", "links that are gone leave nothing behind")
        },
        Check {
            rule: "Nobody frees what the other side allocated; an owned buffer carries its own free \
                   function.",
            why: "A provider answers millions of calls. A few bytes kept for each of them, or one \
                  open file, end the host's process after a day.",
            what: WHAT_CALLS,
            causes: &[
                "a log or a list of what was called, without an end",
                "a reply or an error's text that is never freed",
                "a file or a connection that is opened for each call",
            ],
            fix: "free what a call needed before it returns; bound what is kept",
            example: include_str!("examples/leak-calls.md"),
            needs: &["links::bind", "ops::unknown", "ops::declared", "ops::sample"],
            run: calls,
            ..check("leak::calls", "calls leave nothing behind")
        },
        Check {
            rule: "Frees the provider, with or without stop before it.",
            why: "A host that replaces a provider, again and again, keeps the same process. What \
                  each provider leaves behind adds up.",
            what: WHAT_INSTANCES,
            causes: &[
                "a static list that each provider adds to",
                "`Box::leak` or `mem::forget` in the constructor",
                "a circle of `Arc` between the provider and its threads",
            ],
            fix: "free in the destructor what the constructor made",
            example: include_str!("examples/leak-instance.md"),
            needs: &["stop::clean", "create::drop-unused", "leak::links"],
            run: instance,
            ..check("leak::instance", "providers that are gone leave nothing behind")
        },
        Check {
            why: "A connection that is closed keeps its port for a minute. A provider that opens one \
                  for each call is slow, and at some hundred calls a second no port is left for \
                  anybody on the machine.",
            what: "makes sample calls in batches of different sizes, with pauses; counts the \
                   machine's TCP connections, those in `TIME_WAIT` too, by their remote end. As \
                   many new ones as calls, again and again, are a connection for each call",
            causes: &["the operation connects, and the link only keeps an address"],
            fix: "connect when the actor is linked, keep the connection, and connect again when it \
                  is lost",
            example: include_str!("examples/leak-connections.md"),
            needs: &["leak::calls"],
            environment: Environment::Usual,
            run: connections_of_calls,
            ..check("leak::connections", "calls share connections")
        },
    ]
}

const WHAT_LINKS: &str = "links and removes an actor 100 times in each of up to five batches; compares \
                          the heap, open files and threads after each one. What grows in three \
                          batches, and again in one four times as long, is a leak";
const WHAT_CALLS: &str = "makes calls 100 times in each of up to five batches: health, an operation \
                          that is not there, a payload that cannot be decoded for each operation, and \
                          samples of operations that may be repeated; compares the heap, open files \
                          and threads after each one. What grows in three batches, and again in one four \
                          times as long, is a leak";
const WHAT_INSTANCES: &str = "makes, links, stops and frees a provider 20 times in each of up to five \
                              batches; compares the heap, open files and threads after each one. \
                              What grows in three batches, and again in one four times as long, \
                              is a leak";

fn settled(failure: Option<Failure>) -> Outcome {
    failure.map_or(Ok(()), |failure| Err(failure.into()))
}

fn links(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    let actor = actor(0);
    let values = lab.values(&actor);
    lab.recorder.linked(&actor);
    let msg = configuration(&actor, &values);
    let mut reply = ReplyBuffer::new();
    let what = "link made and removed";
    let growth = growth::of(lab, what, lab.times(CYCLES), 0.0, || {
        for op in [OP_BIND_ACTOR, OP_REMOVE_ACTOR] {
            let status = provider.call_untold(SYSTEM_ACTOR, op, &msg, &mut reply);
            reply.outcome(status).map_err(|error| failed(op, &error, "Ok"))?;
        }
        Ok(())
    })?;
    settled(growth)
}

/// A call that may be made as often as one likes.
struct Call {
    actor: String,
    op: String,
    msg: Vec<u8>,
}

impl Call {
    fn make(&self, provider: &Provider, reply: &mut ReplyBuffer) {
        // What is answered is another check's business.
        let _ = provider.call_untold(&self.actor, self.op.as_str(), &self.msg, reply);
    }
}

/// The sample calls, and of those only the ones that `repeatable` lets through.
fn samples(lab: &Lab, library: &Library, actor: &str, repeatable: bool) -> Vec<Call> {
    let description = library.description();
    let mut calls = Vec::new();
    for op in &description.ops {
        let Some(sample) = lab.sample(&description.contract, &op.name) else {
            continue;
        };
        // The same reply each time says that nothing is added by it.
        if repeatable && !op.is_idempotent() && sample.response.is_none() {
            continue;
        }
        if let Ok(msg) = sample.payload() {
            calls.push(Call { actor: actor.to_owned(), op: op.name.clone(), msg });
        }
    }
    calls
}

fn calls(lab: &mut Lab) -> Outcome {
    let (provider, actor) = lab.linked()?;
    let library = provider.library();
    let system = |op: &str, msg| Call { actor: SYSTEM_ACTOR.to_owned(), op: op.to_owned(), msg };
    let mut calls = vec![
        // Two fields and nothing else: it can always be encoded.
        system(OP_HEALTH_REQUEST, codec::encode(&HealthRequest::default()).unwrap_or_default()),
        system("DoesNotExist-leak", vec![0x80]),
    ];
    for op in &library.description().ops {
        calls.push(Call { actor: actor.clone(), op: op.name.clone(), msg: vec![0xc1] });
    }
    calls.extend(samples(lab, &library, &actor, true));
    let count = lab.times(CYCLES);
    let mut reply = ReplyBuffer::new();
    let growth = growth::of(lab, "round of calls", count, 0.0, || {
        for call in &calls {
            call.make(&provider, &mut reply);
        }
        Ok(())
    })?;
    let Some(mut failure) = growth else {
        return Ok(());
    };
    // Which of them is it?
    for call in &calls {
        let what = format!("call of `{}` with {} bytes", call.op, call.msg.len());
        let growth = growth::of(lab, &what, count, 0.0, || {
            call.make(&provider, &mut reply);
            Ok(())
        })?;
        if let Some(found) = growth {
            failure = found;
            break;
        }
    }
    Err(failure.into())
}

fn instance(lab: &mut Lab) -> Outcome {
    let library = lab.load()?;
    let tare = reference::tare(&lab.recorder).map_err(|error| skip(error.to_string()))?;
    let values = lab.values(&actor(0));
    let msg = configuration(&actor(0), &values);
    lab.recorder.linked(&actor(0));
    let recorder = lab.recorder.clone();
    let growth = growth::of(lab, "provider's life", lab.times(CYCLES) / 5, tare, || {
        let life = |call: &str, error| failed(call, &error, "Ok");
        let instance = library
            .create_instance()
            .map_err(|error| Failure::new(error.to_string()).expected("a provider"))?;
        instance
            .configure_dispatch(recorder.clone())
            .map_err(|error| life("configure_dispatch", error))?;
        let mut reply = ReplyBuffer::new();
        // A link may be refused because the one before is still going.
        let _ = instance.call_status(SYSTEM_ACTOR, OP_BIND_ACTOR, &msg, &mut reply);
        let _ = instance.call_status(SYSTEM_ACTOR, OP_HEALTH_REQUEST, &[], &mut reply);
        instance.stop().map_err(|error| life("stop", error))?;
        instance.destroy().map_err(|error| life("destroy", error))?;
        Ok(())
    })?;
    settled(growth)
}

fn connections_of_calls(lab: &mut Lab) -> Outcome {
    let Some(before) = Connections::now() else {
        return Err(skip("this system does not list its connections"));
    };
    let (provider, actor) = lab.linked()?;
    let calls = samples(lab, &provider.library(), &actor, false);
    if calls.is_empty() {
        return Err(skip("there is no sample request: name one in provider-testkit.toml"));
    }
    let mut reply = ReplyBuffer::new();
    let opened = connections::for_each_cycle(lab, before, || {
        for call in &calls {
            call.make(&provider, &mut reply);
        }
    });
    let Some(opened) = opened else {
        return Ok(());
    };
    let ops: Vec<String> = calls.iter().map(|call| format!("`{}`", call.op)).collect();
    Err(Failure::new(format!("it opens a connection to {} for each call", opened.address))
        .expected("the connections that a link has")
        .got(format!(
            "{} new ones after {} rounds of {}",
            opened.count,
            opened.cycles,
            ops.join(", ")
        ))
        .into())
}
