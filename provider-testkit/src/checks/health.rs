//! How a provider says that it is well.

use std::{
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use provider_core::{
    HealthResponse, codec,
    ops::{OP_BIND_ACTOR, OP_HEALTH_REQUEST, SYSTEM_ACTOR},
};
use serde_json::{Value, json};

use super::{SPECIFICATION, links::same_as_before};
use crate::{
    Check, Level,
    holdings::Holdings,
    lab::{Lab, Outcome, actor, each},
    payload,
    protocol::Failure,
    subject::{Provider, Values, is_unknown},
};

/// How long a host waits for an answer.
const SOON: Duration = Duration::from_secs(1);
/// How many answers must come late: one alone may be the machine's fault.
const LATE: u32 = 3;
/// How many threads keep a provider busy.
const BUSY: u32 = 4;
/// How often a busy thread says that it is there.
const TOLD: Duration = Duration::from_millis(250);

pub(super) fn checks() -> Vec<Check> {
    vec![
        Check {
            id: "health::response",
            title: "answers `HealthRequest`",
            rule: "Return an `Ok` with a `HealthResponse` struct to indicate a properly running \
                   provider.",
            source: SPECIFICATION,
            why: "A host polls this to learn whether to keep the provider. An answer that it \
                  cannot read counts as no answer, however well the provider is.",
            what: "asks once; the reply must be the map `{healthy: boolean, message: string}`",
            causes: &[
                "the operation is not handled",
                "the reply is encoded by position and not by name",
            ],
            fix: "answer `HealthResponse`, encoded as a map with its fields' names",
            example: include_str!("examples/health-response.md"),
            needs: &["dispatch::configure"],
            run: response,
            ..Check::BLANK
        },
        Check {
            id: "health::initially-true",
            title: "healthy from the start",
            rule: "If it responds without error, but indicates that it is unhealthy, it will be \
                   stopped and removed from the runtime.",
            source: SPECIFICATION,
            why: "The specification lets a host stop and remove a provider that says it is not \
                  well. One that waits for its first link to be healthy is removed before it can \
                  get one.",
            what: "asks right after `configure_dispatch`, before anything is linked",
            causes: &["it counts as unhealthy until something is linked"],
            fix: "a provider that waits for its first link is healthy",
            example: include_str!("examples/health-initially-true.md"),
            needs: &["health::response"],
            run: initially_true,
            ..Check::BLANK
        },
        Check {
            id: "health::pure",
            level: Level::Should,
            title: "asking changes nothing",
            rule: "The wasmcloud host runtime will periodically (providers are not privy to the \
                   frequency) poll a provider to check to see if it is healthy.",
            source: SPECIFICATION,
            why: "A host asks as often as it likes. A provider that answers differently because it \
                  was asked often, or that opens something each time, is removed by its host or \
                  fails after days.",
            what: "asks a hundred times without a link and a hundred times with one: always \
                   healthy, with the same threads and files, and the linked actor is answered as \
                   before",
            causes: &["something is counted or opened at each `HealthRequest`"],
            fix: "only look: a `HealthRequest` changes nothing",
            example: include_str!("examples/health-pure.md"),
            needs: &["links::bind"],
            run: pure,
            ..Check::BLANK
        },
        Check {
            id: "health::lenient",
            level: Level::Should,
            title: "whatever `HealthRequest` carries",
            rule: "Return an `Ok` with a `HealthResponse` struct to indicate a properly running \
                   provider.",
            source: SPECIFICATION,
            why: "The specification names no fields for this request: hosts send nothing, a \
                  placeholder, or what a later version adds. A provider that decodes strictly is \
                  unhealthy for those hosts, and is removed.",
            what: "asks with no bytes, with the placeholder, and with a field that nobody knows",
            causes: &["the payload is decoded strictly, and its meaning is none"],
            fix: "accept an empty payload; ignore fields that are not known",
            example: include_str!("examples/health-lenient.md"),
            needs: &["health::response"],
            run: lenient,
            ..Check::BLANK
        },
        Check {
            id: "health::under-load",
            level: Level::Should,
            title: "answers soon while it is busy",
            rule: "If it responds without error, but indicates that it is unhealthy, it will be \
                   stopped and removed from the runtime.",
            source: SPECIFICATION,
            why: "A host cannot tell a busy provider from a dead one when the answer does not come: \
                  it gives up on it, with all actors that are linked.",
            what: "four threads link actors, send samples and remove them without a pause; \
                   meanwhile asks fifty times, and each answer must come within a second (three \
                   late ones are a failure)",
            causes: &["one lock for everything, held while something slow is done"],
            fix: "answer from what no link and no operation locks",
            example: include_str!("examples/health-under-load.md"),
            needs: &["health::response", "links::remove"],
            run: under_load,
            ..Check::BLANK
        },
    ]
}

const UNHANDLED: &str =
    "`handle_call` has no arm of its own for `HealthRequest`, which every provider answers";

fn response(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    let answer = provider.health();
    let failure = |summary: String| {
        Failure::new(summary)
            .expected("Ok({\"healthy\":true,\"message\":\"\"})")
            .got(answer.shown())
    };
    let reply = match &answer.reply {
        Ok(reply) => reply,
        Err(error) if is_unknown(error) => {
            let summary =
                format!("the provider does not handle `HealthRequest` at all: {}", error.message());
            return Err(failure(summary).likely(UNHANDLED).into());
        }
        Err(error) => {
            let summary = format!("`HealthRequest` failed: {}", error.message());
            return Err(failure(summary).into());
        }
    };
    let problem = match payload::decode(reply).ok() {
        None => String::from("no `MessagePack` message"),
        Some(Value::Object(fields)) => match (fields.get("healthy"), fields.get("message")) {
            (Some(Value::Bool(_)), Some(Value::String(_))) => return Ok(()),
            (Some(Value::Bool(_)), Some(_)) => String::from("`message` is no string"),
            (Some(Value::Bool(_)), None) => String::from("`message` is missing"),
            (Some(_), _) => String::from("`healthy` is no boolean"),
            (None, _) => String::from("`healthy` is missing"),
        },
        Some(Value::Array(_)) => {
            return Err(failure("the reply is an array and no map".into())
                .likely("it is encoded by position: encode structs as maps with field names")
                .into());
        }
        Some(Value::Null) if reply.is_empty() => {
            let summary = "the provider answers `HealthRequest` with no bytes";
            return Err(failure(summary.into()).likely(UNHANDLED).into());
        }
        Some(_) => String::from("no map"),
    };
    Err(failure(format!("the reply is no `HealthResponse`: {problem}")).into())
}

fn initially_true(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    let answer = provider.health();
    let health = answer.reply.as_deref().map(codec::decode::<HealthResponse>);
    match health {
        Ok(Ok(health)) if health.healthy => Ok(()),
        Ok(Ok(health)) => Err(Failure::new(format!("it is not healthy: {:?}", health.message))
            .expected("healthy: true")
            .got(answer.shown())
            .into()),
        _ => Err(Failure::new("it does not say how it is").got(answer.shown()).into()),
    }
}

fn pure(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    // The first answer may make what stays.
    provider.alive("`configure_dispatch`")?;
    polled(lab, &provider, "without a link")?;
    let actor = actor(0);
    let values = lab.values(&actor);
    provider.bind(&actor, &values).empty(OP_BIND_ACTOR)?;
    same_as_before(lab, &provider, &actor, |lab| {
        // As above: a link may connect when it is first asked.
        provider.alive("a link was made")?;
        polled(lab, &provider, "with a link")
    })
}

fn polled(lab: &Lab, provider: &Provider, how: &str) -> Outcome {
    let before = Holdings::now();
    let times = lab.times(100);
    each(&lab.reporter, 0..times, |index, _| {
        provider.alive(&format!("it was asked {} times in a row {how}", index + 1))
    })?;
    match before.grown(&lab.reporter) {
        None => Ok(()),
        Some(more) => {
            Err(Failure::new(format!("asked {times} times {how}, it holds more: {more}"))
                .expected("the threads and open files from before")
                .into())
        }
    }
}

fn lenient(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    let requests = [
        ("no bytes", Value::Null),
        ("the placeholder", json!({"placeholder": false})),
        ("a placeholder that is true", json!({"placeholder": true})),
        ("a field that nobody knows", json!({"placeholder": false, "testkit": [1, {"a": "b"}]})),
    ];
    each(&lab.reporter, requests, |_, (what, request)| {
        let msg = if request.is_null() { Vec::new() } else { encoded(&request) };
        let answer = provider.call(SYSTEM_ACTOR, OP_HEALTH_REQUEST, &msg);
        match &answer.reply {
            Ok(reply) if codec::decode::<HealthResponse>(reply).is_ok() => Ok(()),
            Ok(_) => {
                Err(Failure::new(format!("`HealthRequest` with {what} is answered otherwise"))
                    .expected("Ok({\"healthy\":true,\"message\":\"\"})")
                    .got(answer.shown())
                    .into())
            }
            Err(error) => Err(Failure::new(format!(
                "`HealthRequest` with {what} failed: {}",
                error.message()
            ))
            .expected("Ok({\"healthy\":true,\"message\":\"\"})")
            .got(answer.shown())
            .into()),
        }
    })
}

fn encoded(request: &Value) -> Vec<u8> {
    // Small maps can always be encoded.
    payload::encode(request).unwrap_or_default()
}

fn under_load(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    let links: Vec<(String, Values)> =
        (0..BUSY).map(actor).map(|actor| (actor.clone(), lab.values(&actor))).collect();
    let over = AtomicBool::new(false);
    let (send, begun) = mpsc::channel();
    let requests = lab.requests(&provider);
    let (provider, over, requests) = (&provider, &over, &requests[..]);
    let seq = lab.reporter.step("4 threads", "link an actor, use it and remove it".into());
    let outcome = thread::scope(|scope| {
        for link in &links {
            let send = send.clone();
            scope.spawn(move || busy(provider, link, requests, over, &send));
        }
        drop(send);
        // As many rounds as there are threads, whoever makes them.
        begun.iter().take(links.len()).for_each(drop);
        drop(begun);
        let outcome = asked(lab, provider);
        over.store(true, Ordering::Relaxed);
        outcome
    });
    lab.reporter.done(seq, "returned");
    outcome
}

/// Links an actor, uses the link and removes it, until it is over.
fn busy(
    provider: &Provider,
    (actor, values): &(String, Values),
    requests: &[(String, Option<Vec<u8>>)],
    over: &AtomicBool,
    begun: &mpsc::Sender<()>,
) {
    let mut told = Instant::now();
    while !over.load(Ordering::Relaxed) {
        provider.bind_quietly(actor, values);
        for (op, msg) in requests {
            provider.call_quietly(actor, op.as_str(), msg.as_deref().unwrap_or(&[0xc1]));
        }
        provider.remove_quietly(actor);
        if told.elapsed() > TOLD {
            told = Instant::now();
            provider.pulse();
        }
        // Nobody listens any more when the check failed.
        let _ = begun.send(());
    }
}

/// Asks how it is until that was often enough, or the answers come late.
fn asked(lab: &Lab, provider: &Provider) -> Outcome {
    let soon = lab.patience(SOON);
    let (mut late, mut slowest) = (0, Duration::ZERO);
    let outcome = each(&lab.reporter, 0..lab.times(50), |_, _| {
        let began = Instant::now();
        let answer = provider.health();
        let took = began.elapsed();
        slowest = slowest.max(took);
        late += u32::from(took > soon);
        if late == LATE {
            return Err(Failure::new(format!(
                "{LATE} answers took more than {} s each while it was busy, up to {:.1} s",
                soon.as_secs(),
                slowest.as_secs_f64()
            ))
            .expected("an answer within that time")
            .got(answer.shown())
            .into());
        }
        Ok(())
    });
    if outcome.is_ok() && slowest > soon {
        lab.reporter.note(format!("an answer took {:.1} s", slowest.as_secs_f64()));
    }
    outcome
}
