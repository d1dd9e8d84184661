//! Plays a script, in a worker.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use provider_core::{
    ErrorKind, HealthResponse, codec,
    ops::{
        CapabilityConfiguration, OP_BIND_ACTOR, OP_HEALTH_REQUEST, OP_REMOVE_ACTOR, STANDARD_OPS,
        SYSTEM_ACTOR,
    },
};
use provider_host::OpRef;

use super::{Act, Kind, Script, cases, script};
use crate::{
    CheckReport,
    lab::{Lab, Outcome, actor, skip},
    protocol::Failure,
    subject::{Answer, Provider},
};

/// How many payloads are sent between signs of life.
const ALIVE: usize = 250;
/// The actor that is never linked.
const STRANGER: u8 = 25;

/// Plays the script that the job asks for.
pub(crate) fn play(lab: &mut Lab, kind: Kind) -> Outcome {
    let Script { acts, .. } = script(&lab.job, kind);
    // As deep as a host's thread, and no deeper.
    lab.on_small_stack(|lab| {
        let played = match kind {
            Kind::Payload => payloads(lab, &acts)?,
            Kind::Life => lives(lab, &acts)?,
        };
        if lab.job.script.is_none() {
            tell(lab, &acts[..played], acts.len());
        }
        Ok(())
    })
}

/// Notes how many cases each operation got.
fn tell(lab: &Lab, played: &[Act], of: usize) {
    let counts = cases(played).into_iter().map(|(op, count)| format!("{op} {count}"));
    let counts = counts.collect::<Vec<_>>().join(", ");
    let seed = lab.job.seed;
    lab.reporter.note(format!("cases (seed {seed:#x}): {counts}"));
    if played.len() < of {
        let played = played.len();
        lab.reporter.note(format!("the calls are slow: {played} of {of} were made in time"));
    }
}

/// Whether it is time to come to an end.
struct Clock(Instant, Duration);

impl Clock {
    fn new(lab: &Lab) -> Self {
        Self(Instant::now(), lab.job.budget)
    }

    fn is_over(&self) -> bool {
        !self.1.is_zero() && self.0.elapsed() > self.1
    }
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// Sends payloads, and returns how many.
fn payloads(lab: &mut Lab, acts: &[Act]) -> Outcome<usize> {
    let clock = Clock::new(lab);
    let (provider, linked) = lab.linked()?;
    let library = provider.library();
    // Whoever a payload links is linked.
    lab.recorder.trust();
    // A link with values that we made up may keep a provider from being healthy.
    let mut stray = false;
    for (index, act) in acts.iter().enumerate() {
        let Act::Send(op, payload) = act else {
            continue;
        };
        if clock.is_over() {
            return Ok(index);
        }
        lab.reporter.nth(Some((number(index + 1), number(acts.len()))));
        let standard = STANDARD_OPS.contains(&op.as_str());
        let from = if standard { SYSTEM_ACTOR } else { &linked };
        let name = library.description().op(op).unwrap_or_else(|| OpRef::from(op));
        let answer = provider.call(from, name, payload);
        judge(op, &answer, stray)?;
        if op == OP_BIND_ACTOR && answer.reply.is_ok() {
            stray |= !unlinked(&provider, payload, &linked)?;
        }
        if op == OP_REMOVE_ACTOR && removed(payload).is_some_and(|module| module == linked) {
            let values = lab.values(&linked);
            provider.bind(&linked, &values).empty(OP_BIND_ACTOR)?;
        }
        if !stray && (index + 1) % ALIVE == 0 {
            provider.alive("these payloads")?;
        }
    }
    if !stray {
        provider.alive("these payloads")?;
    }
    Ok(acts.len())
}

fn removed(payload: &[u8]) -> Option<String> {
    codec::decode::<CapabilityConfiguration>(payload).ok().map(|link| link.module)
}

/// Removes the actor that a payload linked; whether that is known to have been done.
fn unlinked(provider: &Provider, payload: &[u8], linked: &str) -> Outcome<bool> {
    let Some(module) = removed(payload) else {
        return Ok(false);
    };
    if module == linked {
        return Ok(true);
    }
    let answer = provider.remove(&module);
    judge(OP_REMOVE_ACTOR, &answer, true)?;
    Ok(answer.reply.is_ok())
}

/// Whatever was sent, an answer has a form.
fn judge(op: &str, answer: &Answer, stray: bool) -> Outcome {
    match (&answer.reply, op) {
        (Err(error), _) => match error.kind() {
            ErrorKind::Panic => answer.refused("this payload"),
            ErrorKind::AbiMismatch => {
                Err(Failure::new(format!("`{op}` answered against the ABI: {}", error.message()))
                    .expected("Ok or an error")
                    .got(answer.shown())
                    .into())
            }
            _ if str::from_utf8(&answer.text).is_err() => {
                Err(Failure::new("the error has a message that is not UTF-8")
                    .expected("a message for people")
                    .got(answer.shown())
                    .likely("bytes of the payload are repeated in the message as they came")
                    .into())
            }
            _ => Ok(()),
        },
        (Ok(_), OP_BIND_ACTOR | OP_REMOVE_ACTOR) => answer.empty(op),
        (Ok(reply), OP_HEALTH_REQUEST) => match codec::decode::<HealthResponse>(reply) {
            Ok(health) if health.healthy || stray => Ok(()),
            _ => Err(Failure::new("it is not healthy any more")
                .expected("healthy")
                .got(answer.shown())
                .into()),
        },
        (Ok(_), _) => Ok(()),
    }
}

/// What is known of a provider that lives.
struct Life {
    provider: Provider,
    linked: BTreeSet<u8>,
    /// Whether it refuses actors that it never heard of; not known before one was tried.
    refuses: Option<bool>,
}

/// Leads lives, and returns how many calls there were.
fn lives(lab: &mut Lab, acts: &[Act]) -> Outcome<usize> {
    let clock = Clock::new(lab);
    let mut life = begin(lab)?;
    for (index, act) in acts.iter().enumerate() {
        lab.reporter.nth(Some((number(index + 1), number(acts.len()))));
        if *act == Act::New {
            if clock.is_over() {
                return Ok(index);
            }
            life.provider.destroy()?;
            life = begin(lab)?;
        } else {
            lead(lab, &mut life, act)?;
        }
    }
    Ok(acts.len())
}

fn begin(lab: &mut Lab) -> Outcome<Life> {
    Ok(Life { provider: lab.configured()?, linked: BTreeSet::new(), refuses: None })
}

fn lead(lab: &mut Lab, life: &mut Life, act: &Act) -> Outcome {
    let Life { provider, linked, .. } = life;
    match act {
        Act::Bind(number) | Act::Change(number) => {
            let actor = actor((*number).into());
            let mut values = lab.values(&actor);
            if matches!(act, Act::Change(_)) && linked.contains(number) {
                values.insert("TESTKIT_CHANGED".into(), "1".into());
            }
            linked.insert(*number);
            provider.bind(&actor, &values).empty(OP_BIND_ACTOR)
        }
        Act::Remove(number) => {
            linked.remove(number);
            provider.remove(&actor((*number).into())).empty(OP_REMOVE_ACTOR)
        }
        Act::Health => provider.alive("these calls"),
        Act::Unknown(number) => {
            let name = format!("DoesNotExist-{:08x}", lab.job.seed & 0xffff_ffff);
            let answer = provider.call(&actor((*number).into()), &name, &[0xc1]);
            answer.refused("an operation that is not declared")
        }
        Act::Call(number, op) => call(lab, life, *number, op),
        Act::New | Act::Send(..) => Ok(()),
    }
}

/// An operation with its sample: an actor is served as its link says.
fn call(lab: &Lab, life: &mut Life, number: u8, op: &str) -> Outcome {
    let library = life.provider.library();
    let description = library.description();
    let (Some(name), Some(sample)) = (description.op(op), lab.sample(&description.contract, op))
    else {
        return Err(skip(format!("`{op}` is not declared, or has no sample any more")));
    };
    let Ok(msg) = sample.payload() else {
        return Ok(());
    };
    let refuses = *life.refuses.get_or_insert_with(|| {
        life.provider.call(&actor(STRANGER.into()), name, &msg).reply.is_err()
    });
    let answer = life.provider.call(&actor(number.into()), name, &msg);
    let fail = |summary: &str, expected: &str| {
        let failure = Failure::new(summary).expected(expected).got(answer.shown());
        Err(failure.likely("what is kept of links is not what was linked and removed").into())
    };
    match (life.linked.contains(&number), answer.kind()) {
        (_, Some(ErrorKind::Panic)) => answer.refused("a call"),
        (true, Some(ErrorKind::NotLinked)) => {
            fail("an actor that is linked is answered that it is not", "Ok, or another error")
        }
        (false, None) if refuses => {
            fail("an actor that is not linked is served", "an error, as for any stranger")
        }
        _ => Ok(()),
    }
}

/// The script of a job, as far as a report says that it was played.
pub(crate) fn played(script: &Script, steps: &[crate::Step]) -> Script {
    let nth = steps.iter().rev().find_map(|step| step.nth);
    let count = nth.and_then(|(nth, _)| usize::try_from(nth).ok()).unwrap_or(script.acts.len());
    let acts = script.acts.iter().take(count).cloned().collect();
    Script { kind: script.kind, acts }
}

/// Adds to the report of a script what the script is.
pub(crate) fn explain(report: &mut CheckReport, script: &Script) {
    const SHOWN: usize = 20;
    const HEX: usize = 64;
    let acts = script.acts.iter().enumerate();
    let lines = acts.map(|(index, act)| format!("{}. {}", index + 1, act.shown()));
    report.sequence = lines.take(SHOWN).collect();
    if script.acts.len() > SHOWN {
        report.sequence.push(format!("and {} more", script.acts.len() - SHOWN));
    }
    if let Some(Act::Send(_, payload)) = script.acts.last() {
        let shown = &payload[..payload.len().min(HEX)];
        let more = if shown.len() < payload.len() { " .." } else { "" };
        let digits = crate::protocol::hex::encode(shown);
        let last = format!("the last payload has {} bytes: {digits}{more}", payload.len());
        report.notes.push(last);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Step;

    #[test]
    fn what_was_played_ends_with_the_last_numbered_call() {
        let script: Script = "life:bind0,new,remove1,health".parse().unwrap();
        let step = |nth| Step {
            seq: 9,
            call: "handle_call".into(),
            args: String::new(),
            nth,
            outcome: None,
        };
        let steps = [step(Some((3, 4))), step(None)];
        assert_eq!(played(&script, &steps).to_string(), "life:bind0,new,remove1");
        assert_eq!(played(&script, &[]), script);
    }

    fn explained(token: &str) -> CheckReport {
        let (check, _) = crate::check::split("fuzz::payload").unwrap();
        let subject = crate::classify::Subject::of(check, check.id, String::new());
        let mut report = subject.report(crate::Verdict::Fail, "");
        explain(&mut report, &token.parse().unwrap());
        report
    }

    #[test]
    fn a_sequence_is_told_call_by_call_and_a_payload_by_its_bytes() {
        let report = explained("payload:Echo=81a474657874d9ff.61x300");
        assert!(report.sequence[0].starts_with("1. Echo with <308 bytes: 81 a4"), "{report:?}");
        let note = &report.notes[0];
        assert!(note.starts_with("the last payload has 308 bytes: 81a4"), "{note}");
        assert!(note.ends_with("61 .."), "{note}");
        let calls = [
            "1. BindActor for actor A",
            "2. BindActor for actor A with other values",
            "3. HealthRequest",
        ];
        assert_eq!(explained("life:bind0,change0,health").sequence, calls);
        let many = explained(&format!("life:{}new", "health,".repeat(30)));
        assert_eq!(many.sequence.last().unwrap(), "and 11 more");
    }

    #[test]
    fn cases_are_counted_by_operation() {
        let script: Script = "life:bind0,change0,new,remove0,call0=Get".parse().unwrap();
        let counts = cases(&script.acts);
        assert_eq!(counts["BindActor"], 2);
        assert_eq!(counts.len(), 3);
    }
}
