//! Links: many of them, actors without one, and those who would make one.

use std::time::{Duration, Instant};

use provider_core::ops::{OP_BIND_ACTOR, OP_HEALTH_REQUEST, OP_REMOVE_ACTOR};

use super::{HEADER, SPECIFICATION, links::same_as_before};
use crate::{
    Check, Level,
    holdings::Use,
    lab::{Lab, Outcome, actor, each, skip},
    subject::{Provider, Values, configuration, health_request},
};

/// How many links show what one of them costs.
const FIRST: u32 = 16;
/// More would make a report that is too long.
const MOST: u32 = 5_000;
/// How much of what a process may hold links may take.
const PERCENT: u64 = 70;
/// How long making the links may take: a provider that connects each time makes fewer of them.
const LONGEST: Duration = Duration::from_secs(15);

pub(super) fn checks() -> Vec<Check> {
    vec![
        Check {
            id: "links::many",
            level: Level::Should,
            title: "five hundred actors at a time",
            rule: "This function is only ever called once for a capability provider, regardless of \
                   the number of actors being managed in the host",
            source: SPECIFICATION,
            why: "A host links as many actors as its users start. A table of a fixed size, or a \
                  number that comes round again, shows only when there are many.",
            what: "links 500 actors (fewer where a link holds many files or much memory), uses the \
                   first and the last one, removes them in a random order, and links one more",
            causes: &["the links have a fixed number of places"],
            fix: "keep the links in a map that grows",
            example: include_str!("examples/links-many.md"),
            needs: &["links::isolation", "links::cycle"],
            run: many,
            ..Check::BLANK
        },
        Check {
            id: "links::unlinked-op",
            level: Level::Should,
            title: "operations of an actor that is not linked are refused",
            rule: "CP_NOT_LINKED: the actor is not linked to this provider",
            source: HEADER,
            why: "An actor that was removed has lost its right to the provider. One that is served \
                  all the same reaches what belongs to others, and a link that is not found must \
                  not end the provider.",
            what: "sends each operation's sample, or a payload that cannot be decoded where no \
                   sample is known, from an actor that was never linked and from one that was \
                   removed; each must be an error",
            causes: &[
                "`RemoveActor` answers and removes nothing",
                "`links[actor]`: an index that panics for an actor that is not there",
                "the operation does not look whether the actor is linked",
            ],
            fix: "look the actor up first: `links.get(actor)`, and an error of the kind `NotLinked`",
            example: include_str!("examples/links-unlinked-op.md"),
            needs: &["links::remove"],
            run: unlinked_op,
            ..Check::BLANK
        },
        Check {
            id: "links::spoof",
            level: Level::Should,
            title: "only the host links and removes",
            rule: "Standard operations, from actor \"system\".",
            source: HEADER,
            why: "The caller's name is all that tells the host from an actor. A provider that does \
                  not look at it lets any actor link itself, or end the links of others.",
            what: "sends `BindActor`, `RemoveActor` and `HealthRequest` from an actor that is linked, \
                   from one that is not, and from one without a name; each must be an error",
            causes: &["`handle_call` looks at the operation only, and not at who calls"],
            fix: "answer standard operations only when the actor is `SYSTEM_ACTOR`",
            example: include_str!("examples/links-spoof.md"),
            needs: &["links::bind", "health::response"],
            run: spoof,
            ..Check::BLANK
        },
    ]
}

fn many(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    let mut wanted = lab.times(500).min(MOST);
    let mut links: Vec<(String, Values)> = Vec::new();
    let before = Use::now();
    let bind = |lab: &mut Lab, links: &mut Vec<(String, Values)>, upto: u32| {
        each(
            &lab.reporter.clone(),
            (links.len()..upto as usize).collect::<Vec<_>>(),
            |_, number| {
                let actor = actor(u32::try_from(number).unwrap_or(u32::MAX));
                let values = lab.values(&actor);
                let answer = provider.bind(&actor, &values);
                links.push((actor, values));
                answer.empty(OP_BIND_ACTOR)
            },
        )
    };
    let began = Instant::now();
    bind(lab, &mut links, FIRST.min(wanted))?;
    let fit = LONGEST.as_micros() / began.elapsed().as_micros().max(1);
    let fit = u32::try_from(fit).unwrap_or(u32::MAX).saturating_mul(FIRST);
    if fit < wanted {
        wanted = fit.max(FIRST);
        lab.reporter
            .note(format!("{wanted} actors are linked and no more, because of how long it takes"));
    }
    if let (Some(before), Some(now)) = (before, Use::now()) {
        let room = before.room(&now, FIRST, PERCENT);
        if room < wanted {
            wanted = room.max(FIRST);
            lab.reporter.note(format!(
                "{wanted} actors were linked and no more, because of what one link holds"
            ));
        }
    }
    bind(lab, &mut links, wanted)?;
    provider.alive("many actors were linked")?;
    let (first, last) = (links[0].0.clone(), links[links.len() - 1].0.clone());
    same_as_before(lab, &provider, &first, |_| Ok(()))?;
    same_as_before(lab, &provider, &last, |_| Ok(()))?;
    let mut seed = lab.job.seed | 1;
    each(&lab.reporter, 0..links.len(), |_, _| {
        let at = usize::try_from(chance(&mut seed) % links.len() as u64).unwrap_or(0);
        provider.remove(&links.swap_remove(at).0).empty(OP_REMOVE_ACTOR)
    })?;
    let values = lab.values(&first);
    provider.bind(&first, &values).empty(OP_BIND_ACTOR)?;
    provider.alive("many actors were removed")
}

/// xorshift64
fn chance(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

fn unlinked_op(lab: &mut Lab) -> Outcome {
    let (provider, linked) = lab.linked()?;
    let requests = lab.requests(&provider);
    if requests.is_empty() {
        return Err(skip("it declares no operation that actors call"));
    }
    refused_to(lab, &provider, &requests, &actor(9), "was never linked")?;
    provider.alive("calls of an actor that is not linked")?;
    provider.remove(&linked).empty(OP_REMOVE_ACTOR)?;
    refused_to(lab, &provider, &requests, &linked, "was removed")?;
    if requests.iter().any(|(_, msg)| msg.is_none()) {
        lab.reporter.note(
            "some operations were sent only what cannot be decoded: `[samples.OPERATION]` in \
             provider-testkit.toml makes it thorough",
        );
    }
    provider.alive("calls of an actor that was removed")
}

fn refused_to(
    lab: &Lab,
    provider: &Provider,
    requests: &[(String, Option<Vec<u8>>)],
    actor: &str,
    which: &str,
) -> Outcome {
    each(&lab.reporter, requests, |_, (op, msg)| {
        // A provider may look at the payload before the actor: of a sample, the actor is the only
        // thing that is wrong.
        let answer = provider.call(actor, op.as_str(), msg.as_deref().unwrap_or(&[0xc1]));
        answer.refused(&format!("`{op}` of an actor that {which}"))
    })
}

fn spoof(lab: &mut Lab) -> Outcome {
    let (provider, linked) = lab.linked()?;
    let stranger = actor(9);
    let values = lab.values(&stranger);
    let mut calls = Vec::new();
    for caller in [&linked, &stranger, &String::new()] {
        for (op, msg) in [
            (OP_BIND_ACTOR, configuration(&stranger, &values)),
            (OP_REMOVE_ACTOR, configuration(&linked, &Values::new())),
            (OP_HEALTH_REQUEST, health_request()),
        ] {
            calls.push((caller.clone(), op, msg));
        }
    }
    same_as_before(lab, &provider, &linked, |lab| {
        each(&lab.reporter, calls, |_, (caller, op, msg)| {
            let who = match &caller {
                caller if caller.is_empty() => "an actor without a name",
                caller if *caller == linked => "an actor that is linked",
                _ => "an actor that is not linked",
            };
            provider.call(&caller, op, &msg).refused(&format!("`{op}` from {who}"))
        })
    })?;
    provider.alive("operations that are the host's")
}
