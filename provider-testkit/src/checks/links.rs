//! Links: `BindActor` and `RemoveActor`.

use std::collections::BTreeSet;

use provider_core::{
    ErrorKind,
    ops::{OP_BIND_ACTOR, OP_REMOVE_ACTOR, SYSTEM_ACTOR},
};
use provider_host::OpRef;

use super::{HEADER, SPECIFICATION};
use crate::{
    Check,
    holdings::Holdings,
    lab::{Lab, Outcome, actor, each},
    protocol::Failure,
    shapes,
    subject::{Answer, Provider, Values, configuration},
};

const BIND_RULE: &str = "Called with a serialized version of the `CapabilityConfiguration` struct \
                         when an actor is being linked to a capability provider.";
const IDEMPOTENT_RULE: &str = "This operation must be idempotent, and so must simply return an `Ok` \
                               with an empty vector as the response if multiple linking attempts \
                               are performed for the same actor.";
const REMOVE_RULE: &str = "The opposite of linking an actor to a provider, this is called by the \
                           host runtime to indicate that a given actor is no longer actively \
                           communicating with (and using the resources of) the provider.";
const REMOVE_AGAIN_RULE: &str = "This also must be an idempotent operation, and providers must \
                                 happily return an empty byte vector for attempts to remove \
                                 non-existent or already-removed actors.";

fn row(id: &'static str, title: &'static str, rule: &'static str) -> Check {
    Check {
        id,
        title,
        rule,
        source: SPECIFICATION,
        needs: &["links::bind"],
        run: bind,
        ..Check::BLANK
    }
}

pub(super) fn checks() -> Vec<Check> {
    let groups = [&bind_checks()[..], &remove_checks(), &other_checks()];
    groups.concat()
}

fn bind_checks() -> [Check; 3] {
    [
        Check {
            why: "Without a link no actor can use the provider. The reply is empty because hosts \
                  compare it with nothing at all: one byte more and the link counts as failed.",
            what: "links one actor with the configured values",
            causes: &[
                "what the link connects to is not there: name one in `[link.values]` of \
                 provider-testkit.toml",
                "the reply is a serialised `()` and not empty",
            ],
            fix: "answer no bytes once the link is made",
            example: include_str!("examples/links-bind.md"),
            needs: &["health::initially-true"],
            run: bind,
            ..row("links::bind", "`BindActor` links an actor", BIND_RULE)
        },
        Check {
            why: "A host links again whenever it is not sure that a link is there: after a \
                  restart, or when several of its nodes hear of it. The second attempt must not be \
                  an error, and must not cost a second connection.",
            what: "links the same actor ten times with the same values",
            causes: &["the link is opened again without looking up the actor first"],
            fix: "look the actor up first, and answer no bytes if it is linked",
            example: include_str!("examples/links-bind-idempotent.md"),
            run: bind_idempotent,
            ..row("links::bind-idempotent", "`BindActor` ×10 for one actor", IDEMPOTENT_RULE)
        },
        Check {
            why: "Linking is idempotent whatever the values: a host that changes them removes the \
                  link and makes it again. An error here, or a second connection, punishes a host \
                  that only repeats itself.",
            what: "links the same actor again with one value more, and with none",
            causes: &["the values are compared, or read, before the actor is looked up"],
            fix: "a link that is there stays as it is, whatever the values",
            example: include_str!("examples/links-bind-changed.md"),
            run: bind_changed,
            ..row("links::bind-changed", "`BindActor` again with other values", IDEMPOTENT_RULE)
        },
    ]
}

fn remove_checks() -> [Check; 3] {
    [
        Check {
            why: "A host waits for the removal: an actor is moved or ended meanwhile. One that \
                  hangs or fails keeps a dead actor's connection, and keeps the host from going \
                  on.",
            what: "links an actor and removes it; notes threads and files that stay",
            causes: &["the reply is not empty", "the link's resources cannot be closed"],
            fix: "end the link, then answer no bytes",
            example: include_str!("examples/links-remove.md"),
            run: remove,
            ..row("links::remove", "`RemoveActor` ends a link", REMOVE_RULE)
        },
        Check {
            why: "A host removes to be sure that nothing is left, also when it does not know \
                  whether there was a link. An error would stop it from cleaning up the rest.",
            what: "removes an actor that was never linked",
            causes: &["removing an actor that is not there is an error"],
            fix: "answer no bytes for an actor that is not linked",
            example: include_str!("examples/links-remove-unknown.md"),
            run: remove_unknown,
            ..row(
                "links::remove-unknown",
                "`RemoveActor` for an actor that is not linked",
                REMOVE_AGAIN_RULE,
            )
        },
        Check {
            why: "A removal whose answer was lost is sent again. The second one must be answered \
                  like the first, or the host believes that the link is still there.",
            what: "links an actor and removes it three times",
            causes: &["removing an actor that is not there any more is an error"],
            fix: "answer no bytes for an actor that is not linked",
            example: include_str!("examples/links-remove-twice.md"),
            needs: &["links::remove", "links::remove-unknown"],
            run: remove_twice,
            ..row("links::remove-twice", "`RemoveActor` ×3", REMOVE_AGAIN_RULE)
        },
    ]
}

fn other_checks() -> [Check; 4] {
    [
        Check {
            why: "Actors come and go for as long as the host runs. What a link does not give back \
                  is missing some day, long after the code that took it was tested.",
            what: "links an actor, asks how the provider is and removes it, fifty times",
            causes: &["something of the link is not released: a port, a file, a slot"],
            fix: "release everything in `RemoveActor`, before it answers",
            example: include_str!("examples/links-cycle.md"),
            needs: &["links::remove"],
            run: cycle,
            ..row("links::cycle", "linked and removed ×50", REMOVE_RULE)
        },
        Check {
            why: "Actors know nothing of each other. When the removal of one ends another's \
                  connection, the other one fails for no reason that its author could ever find.",
            what: "links two actors, removes one, and calls an operation for the other, which must \
                   answer as before",
            causes: &["removing one actor clears all", "the links share one connection"],
            fix: "keep what belongs to a link in that link",
            example: include_str!("examples/links-isolation.md"),
            needs: &["links::remove"],
            run: isolation,
            ..row("links::isolation", "one actor's removal leaves the others alone", REMOVE_RULE)
        },
        Check {
            source: HEADER,
            why: "Link values are typed by people. A typing error must be a message to whoever \
                  made it, and not the end of the host.",
            what: "links actors with values that are missing, empty, out of range, very long or \
                   strange; each must be Ok or an error",
            causes: &["`unwrap` on a value of the link"],
            fix: "return an error that names the value",
            example: include_str!("examples/links-config-values.md"),
            run: config_values,
            ..row(
                "links::config-values",
                "strange link values are errors at most",
                "Unwinding: nothing unwinds across, in either direction. The implementing side \
                 catches and returns CP_PANIC",
            )
        },
        Check {
            source: HEADER,
            why: "A payload can be cut off or spoilt on its way, or come from a host of another \
                  version. Taken for a link it links somebody who was not meant; unwrapped it is a \
                  panic.",
            what: "sends payloads that are cut off, of another type, too deep or no MessagePack at \
                   all, on a stack of 2 MiB; each must be an error",
            causes: &[
                "the payload is not decoded, or its error is ignored",
                "the decoder has no limit of depth",
            ],
            fix: "decode first and return the decoder's error; limit its depth to 64",
            example: include_str!("examples/links-malformed.md"),
            run: malformed,
            ..row(
                "links::malformed",
                "malformed `BindActor` and `RemoveActor`",
                "CP_BAD_REQUEST: the payload cannot be understood",
            )
        },
    ]
}

fn bind(lab: &mut Lab) -> Outcome {
    lab.linked().map(drop)
}

fn bind_idempotent(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    let actor = actor(0);
    let values = lab.values(&actor);
    each(&lab.reporter, 0..10, |_, _| provider.bind(&actor, &values).empty(OP_BIND_ACTOR))
}

fn bind_changed(lab: &mut Lab) -> Outcome {
    let (provider, actor) = lab.linked()?;
    let mut more = lab.values(&actor);
    more.insert("TESTKIT_CHANGED".into(), "1".into());
    provider.bind(&actor, &more).empty(OP_BIND_ACTOR)?;
    provider.bind(&actor, &Values::new()).empty(OP_BIND_ACTOR)
}

fn remove(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    let actor = actor(0);
    let values = lab.values(&actor);
    // The first link may start what all of them share.
    provider.bind(&actor, &values).empty(OP_BIND_ACTOR)?;
    provider.remove(&actor).empty(OP_REMOVE_ACTOR)?;
    let before = Holdings::now();
    provider.bind(&actor, &values).empty(OP_BIND_ACTOR)?;
    provider.remove(&actor).empty(OP_REMOVE_ACTOR)?;
    if let Some(more) = before.grown(&lab.reporter) {
        lab.reporter.note(format!("the link is gone and left behind: {more}"));
    }
    Ok(())
}

fn remove_unknown(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    provider.remove(&actor(7)).empty(OP_REMOVE_ACTOR)
}

fn remove_twice(lab: &mut Lab) -> Outcome {
    let (provider, actor) = lab.linked()?;
    each(&lab.reporter, 0..3, |_, _| provider.remove(&actor).empty(OP_REMOVE_ACTOR))
}

fn cycle(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    let actor = actor(0);
    let values = lab.values(&actor);
    each(&lab.reporter, 0..50, |_, _| {
        provider.bind(&actor, &values).empty(OP_BIND_ACTOR)?;
        provider.alive("a link was made")?;
        provider.remove(&actor).empty(OP_REMOVE_ACTOR)
    })
}

fn isolation(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    let (first, second) = (actor(0), actor(1));
    for actor in [&first, &second] {
        let values = lab.values(actor);
        provider.bind(actor, &values).empty(OP_BIND_ACTOR)?;
    }
    same_as_before(lab, &provider, &second, |_| provider.remove(&first).empty(OP_REMOVE_ACTOR))?;
    provider.alive("another actor was removed")?;
    provider.remove(&second).empty(OP_REMOVE_ACTOR)
}

/// Does something after which `actor`, which is linked, must be answered as before.
pub(super) fn same_as_before(
    lab: &mut Lab,
    provider: &Provider,
    actor: &str,
    act: impl FnOnce(&mut Lab) -> Outcome,
) -> Outcome {
    let before = used(lab, provider, actor);
    act(lab)?;
    let after = used(lab, provider, actor);
    match (before, after) {
        (Some(before), Some(after))
            if before.kind() != after.kind() || after.kind() == Some(ErrorKind::NotLinked) =>
        {
            Err(Failure::new("an actor that is still linked is answered differently")
                .expected(before.shown())
                .got(after.shown())
                .into())
        }
        _ => Ok(()),
    }
}

/// Calls an operation: one that is safe to call, else any with a payload that cannot be decoded.
fn used(lab: &Lab, provider: &Provider, actor: &str) -> Option<Answer> {
    let requests = lab.requests(provider);
    let safe = requests.iter().find(|(_, msg)| msg.is_some());
    let (op, msg) = safe.or_else(|| requests.first())?;
    Some(provider.call(actor, op.as_str(), msg.as_deref().unwrap_or(&[0xc1])))
}

fn config_values(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    let actor = actor(0);
    let base = lab.values(&actor);
    // What the library says wrongly is another check's matter.
    let described = provider.library().describe().ok().flatten().and_then(|all| all.link);
    let described: Vec<String> = described.into_iter().flatten().map(|value| value.key).collect();
    let variants = strange(&base, &described);
    each(&lab.reporter, variants, |_, (name, values)| {
        let answer = provider.bind(&actor, &values);
        match &answer.reply {
            Ok(reply) if !reply.is_empty() => return answer.empty(OP_BIND_ACTOR),
            Err(error) if error.kind() == ErrorKind::Panic => {
                return Err(Failure {
                    panic: true,
                    ..Failure::new(format!("it panicked for {name}"))
                        .expected("Ok, or an error that says what is wrong")
                        .got(answer.shown())
                }
                .into());
            }
            _ => {}
        }
        provider.remove(&actor).empty(OP_REMOVE_ACTOR)
    })
}

/// Link values that nobody would choose.
fn strange(base: &Values, described: &[String]) -> Vec<(String, Values)> {
    let mut variants = vec![(String::from("no values at all"), Values::new())];
    for key in base.keys() {
        let mut values = base.clone();
        values.remove(key);
        variants.push((format!("a link without `{key}`"), values));
    }
    let mut values = base.clone();
    values.insert("NOBODY_KNOWS_THIS".into(), "1".into());
    variants.push(("a value that nobody knows".into(), values));
    for (what, text) in [
        ("an empty value", String::new()),
        ("a value that is no number", "not a number".into()),
        ("a number that is no port", "99999".into()),
        ("a negative number", "-1".into()),
        ("a value with a NUL", "a\0b".into()),
        ("an emoji", "\u{1f980}".into()),
        ("a value of 64 KiB", "x".repeat(64 << 10)),
    ] {
        // Keys that many contracts know, besides the author's own.
        let keys: BTreeSet<&str> = base
            .keys()
            .chain(described)
            .map(String::as_str)
            .chain(["PORT", "TIMEOUT_MS"])
            .collect();
        for key in keys {
            let mut values = base.clone();
            values.insert(key.to_owned(), text.clone());
            variants.push((format!("{what} as `{key}`"), values));
        }
    }
    variants
}

fn malformed(lab: &mut Lab) -> Outcome {
    lab.on_small_stack(|lab| {
        let provider = lab.configured()?;
        let actor = actor(0);
        let values = Values::from([("KEY".to_owned(), "value".to_owned())]);
        let sample = configuration(&actor, &values);
        for op in [OP_BIND_ACTOR, OP_REMOVE_ACTOR] {
            let shapes = shapes::malformed(&sample, lab.job.seed);
            each(&lab.reporter, shapes, |_, shape| {
                let answer = provider.call(SYSTEM_ACTOR, OpRef::from(op), &shape.payload);
                if shape.lenient {
                    return Ok(());
                }
                answer.refused(&format!("`{op}` with a payload that is {}", shape.name))
            })?;
        }
        provider.alive("malformed payloads")
    })
}
