//! Many threads at once.

use std::time::{Duration, Instant};

use provider_core::{
    HealthResponse, codec,
    ops::{OP_BIND_ACTOR, OP_HEALTH_REQUEST, OP_REMOVE_ACTOR, SYSTEM_ACTOR},
};

use super::HEADER;
use crate::{
    Check,
    crowd::crowd,
    lab::{Lab, Outcome, actor, each},
    payload,
    protocol::Failure,
    samples,
    subject::{Answer, Provider, Values, configuration, health_request},
};

/// How many threads there are.
const THREADS: u32 = 8;
/// More rounds would make a report that is too long.
const MOST: u32 = 2_000;
/// How long rounds are begun: a provider whose calls take their time makes fewer of them.
const LONGEST: Duration = Duration::from_secs(20);

const RULE: &str =
    "Threads: handle_call, dispatch, get_extension: from any thread, many at a time.";

pub(super) fn checks() -> Vec<Check> {
    vec![
        Check {
            id: "conc::links",
            title: "linked and removed by eight threads",
            rule: RULE,
            source: HEADER,
            why: "A host links and removes many actors at the same time, and may link one twice. A \
                  table that is looked up and changed in two steps loses links, makes one twice, or \
                  falls apart.",
            what: "eight threads link one actor, remove it, link and remove one each, all at the \
                   same moment; each must be answered with no bytes. Then some link an actor while \
                   others remove it, which may fail and must do no harm. Twenty times",
            causes: &[
                "the actor is looked up under one lock and added under another",
                "a table without a lock",
            ],
            fix: "look up and change under one lock, or with `entry`",
            example: include_str!("examples/conc-links.md"),
            needs: &["links::bind-idempotent", "links::remove-twice", "create::cross-thread"],
            run: links,
            ..Check::BLANK
        },
        Check {
            id: "conc::calls",
            title: "called by eight threads",
            rule: RULE,
            source: HEADER,
            why: "Calls of many actors come at the same time. What two of them share without care \
                  is mixed up: one actor gets another's reply, or the process ends.",
            what: "eight threads ask for the health, and send unknown operations, payloads that \
                   cannot be decoded and samples; answers must be of the kind that one alone gets",
            causes: &[
                "a buffer or a variable that calls share",
                "`try_lock().unwrap()`: somebody else has the lock",
            ],
            fix: "keep what a call needs in its own variables; guard what is shared",
            example: include_str!("examples/conc-calls.md"),
            needs: &["links::bind", "ops::malformed", "create::cross-thread"],
            run: calls,
            ..Check::BLANK
        },
    ]
}

/// Lets all threads do something at the same time.
fn together(lab: &Lab, what: &str, act: impl Fn(u32) -> Outcome + Sync) -> Outcome {
    let seq = lab.reporter.step("8 threads", what.to_owned());
    let outcome = crowd(THREADS, act).map(drop);
    lab.reporter.done(seq, if outcome.is_ok() { "returned" } else { "one of them failed" });
    outcome
}

fn links(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    let actors = (0..=THREADS).map(actor);
    let actors: Vec<(String, Values)> =
        actors.map(|actor| (actor.clone(), lab.values(&actor))).collect();
    let (shared, values) = &actors[THREADS as usize];
    let began = Instant::now();
    each(&lab.reporter, 0..lab.times(20).min(MOST), |_, _| {
        if began.elapsed() > LONGEST {
            return Ok(());
        }
        together(lab, "`BindActor` of one actor", |_| {
            provider.bind_quietly(shared, values).empty(OP_BIND_ACTOR)
        })?;
        together(lab, "`RemoveActor` of one actor", |_| {
            provider.remove_quietly(shared).empty(OP_REMOVE_ACTOR)
        })?;
        together(lab, "`BindActor` and `RemoveActor` of an actor each", |number| {
            let (own, values) = &actors[number as usize];
            provider.bind_quietly(own, values).empty(OP_BIND_ACTOR)?;
            provider.remove_quietly(own).empty(OP_REMOVE_ACTOR)
        })?;
        lab.recorder.linked(shared);
        together(lab, "`BindActor` and `RemoveActor` of one actor", |number| {
            let (op, values) = match number % 2 {
                0 => (OP_BIND_ACTOR, values),
                _ => (OP_REMOVE_ACTOR, &Values::new()),
            };
            // Whoever comes first: an error is an answer. A panic is told by the call itself.
            provider.call_quietly(SYSTEM_ACTOR, op, &configuration(shared, values));
            Ok(())
        })?;
        provider.remove(shared).empty(OP_REMOVE_ACTOR)
    })?;
    provider.bind(shared, values).empty(OP_BIND_ACTOR)?;
    provider.alive("links were made and removed by many threads")
}

/// What must come back.
#[derive(Debug, Clone, Copy)]
enum Must {
    Fail,
    BeHealthy,
    /// Whatever it returns.
    Return,
    /// Anything that the contract allows.
    Fit,
}

fn calls(lab: &mut Lab) -> Outcome {
    let (provider, linked) = lab.linked()?;
    let unknown = format!("DoesNotExist-{:08x}", lab.job.seed & 0xffff_ffff);
    let mut calls = vec![
        (Must::BeHealthy, SYSTEM_ACTOR, OP_HEALTH_REQUEST.to_owned(), health_request()),
        (Must::Fail, &linked, unknown, vec![0xc1]),
        (Must::BeHealthy, SYSTEM_ACTOR, OP_HEALTH_REQUEST.to_owned(), health_request()),
    ];
    for (op, msg) in lab.requests(&provider) {
        calls.push((Must::Return, &linked, op.clone(), vec![0xc1]));
        calls.extend(msg.map(|msg| (Must::Fit, &linked[..], op, msg)));
    }
    let lab = &*lab;
    let began = Instant::now();
    each(&lab.reporter, 0..lab.times(50).min(MOST), |_, _| {
        if began.elapsed() > LONGEST {
            return Ok(());
        }
        together(lab, "calls of every kind", |number| {
            for index in 0..calls.len() {
                let (must, actor, op, msg) = &calls[(index + number as usize) % calls.len()];
                let answer = provider.call_quietly(actor, op.as_str(), msg);
                // Eight threads may stand in a row behind one lock: that is slow, and no deadlock.
                provider.pulse();
                right(lab, &provider, *must, op, &answer)?;
            }
            Ok(())
        })
    })?;
    provider.alive("calls of many threads")
}

fn right(lab: &Lab, provider: &Provider, must: Must, op: &str, answer: &Answer) -> Outcome {
    let failure = |problem: String, expected: &str| {
        Err(Failure::new(format!("`{op}` among calls of other threads: {problem}"))
            .expected(expected)
            .got(answer.shown())
            .into())
    };
    match (must, &answer.reply) {
        (Must::Fail, _) => answer.refused("an operation that is not declared"),
        (Must::BeHealthy, Ok(reply)) if codec::decode::<HealthResponse>(reply).is_ok() => Ok(()),
        (Must::BeHealthy, _) => {
            failure("the reply is no `HealthResponse`".into(), "a `HealthResponse`")
        }
        // Samples may disturb each other.
        (Must::Return, _) | (Must::Fit, Err(_)) => Ok(()),
        (Must::Fit, Ok(reply)) => {
            let author = lab.job.samples.contains_key(op);
            let contract = &provider.library().description().contract.clone();
            let decoded = payload::decode(reply).ok();
            match samples::wrong_reply(contract, op, decoded.as_ref()) {
                Some(problem) if !author => failure(problem, &samples::shape(contract, op)),
                _ => Ok(()),
            }
        }
    }
}
