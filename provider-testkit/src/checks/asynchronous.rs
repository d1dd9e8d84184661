//! Calls that keep no thread: the extension `cp.async/1`.

use std::{
    sync::{Arc, mpsc},
    thread,
    time::{Duration, Instant},
};

use provider_core::ops::{OP_BIND_ACTOR, OP_HEALTH_REQUEST, OP_REMOVE_ACTOR, SYSTEM_ACTOR};
use provider_host::PendingCall;

use super::HEADER;
use crate::{
    Check, Level,
    crowd::crowd,
    lab::{Lab, Outcome, actor, each, skip},
    manner::{Gate, Manner},
    protocol::Failure,
    subject::{Answer, Provider, Values, configuration, failed, health_request},
};

/// How long a call may take that has a reason to end.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long `start` may take while an actor takes its time.
const START: Duration = Duration::from_secs(2);
/// How often a sample is started until one is seen in flight: one that another thread works on may be done
/// before anybody looks.
const ATTEMPTS: usize = 32;
/// When an actor answers that a `stop` may be waiting for.
const SLOW_ACTOR: Duration = Duration::from_millis(200);
/// How many threads start calls.
const THREADS: u32 = 4;
/// How long rounds are begun.
const LONGEST: Duration = Duration::from_secs(15);
/// More rounds would make a report that is too long.
const MOST: u32 = 2_000;

pub(super) fn checks() -> Vec<Check> {
    [calls(), ends()].concat()
}

fn calls() -> Vec<Check> {
    vec![
        Check {
            id: "async::once",
            title: "each started call is completed exactly once",
            rule: "CP_OK: it was taken and is completed exactly once. Anything else: it was not \
                   taken, complete is never called",
            source: HEADER,
            why: "A call that is never completed keeps its actor waiting for ever. One that is \
                  completed twice ends whatever has the completion by then: another actor's call, \
                  with a reply that is not its own.",
            what: "four threads start the samples, unknown operations, payloads that cannot be \
                   decoded and `HealthRequest` all at once, and one of them cancels what it \
                   started; each must be completed within 5 s, and none again. Fifty times",
            causes: &[
                "a call that is cancelled is forgotten instead of completed",
                "the thread that finishes a call and the one that cancels it both complete it",
                "`start` completes a call that it also refuses",
            ],
            fix: "take the call out of one table, under its lock: whoever gets it completes it",
            example: include_str!("examples/async-once.md"),
            needs: &["conc::calls"],
            run: once,
            ..Check::BLANK
        },
        Check {
            id: "async::answers",
            title: "a started call is answered as any other",
            rule: "handle_call works on such a provider as on any other: it waits. Standard \
                   operations may be started too.",
            source: HEADER,
            why: "It is the host that decides how a provider is called, not the actor. An actor \
                  whose calls end differently from one host to the next cannot be written.",
            what: "sends each sample, an unknown operation, a payload that cannot be decoded and \
                   a call of an actor that is not linked both ways: the replies must be the same, \
                   errors of the same kind. Links an actor and removes it by started calls",
            causes: &["the two ways have code of their own, and only one of them was changed"],
            fix: "let both ways end in the same function",
            example: include_str!("examples/async-answers.md"),
            needs: &["async::once"],
            run: answers,
            ..Check::BLANK
        },
        Check {
            id: "async::returns",
            title: "`start` does not wait",
            rule: "Begins a call and does not wait for its end.",
            source: HEADER,
            why: "A host starts calls on the few threads that serve all its actors. A `start` that \
                  waits keeps one of them, and a few slow calls are enough to stop everybody.",
            what: "starts each sample while actors do not answer, and lets them answer when `start` \
                   has returned. For samples that call no actor: whether a call was in flight when \
                   `start` returned",
            causes: &[
                "`start` makes the call itself",
                "`start` waits for a lock that a call holds",
            ],
            fix: "hand the call to a thread or a runtime, and return",
            example: include_str!("examples/async-returns.md"),
            needs: &["async::once"],
            run: returns,
            ..Check::BLANK
        },
    ]
}

fn ends() -> Vec<Check> {
    vec![
        Check {
            id: "async::cancel",
            level: Level::Should,
            title: "a cancelled call ends soon",
            rule: "A wish: the call completes all the same, as a rule soon and with CP_CANCELLED. A \
                   number that is not in flight: nothing.",
            source: HEADER,
            why: "An actor that gave up, or ended, still has its call in the provider: with what \
                  the call holds, a connection say. Enough of them, and there is none left for \
                  those who wait.",
            what: "cancels samples that were started, also one that waits for an actor: each must be \
                   completed within 5 s. Cancels calls that have ended, and numbers that are no \
                   calls; the provider must go on",
            causes: &["`cancel` does nothing", "what a call waits for cannot be interrupted"],
            fix: "complete the call in `cancel`, and let what it waited for find it gone",
            example: include_str!("examples/async-cancel.md"),
            needs: &["async::returns"],
            run: cancel,
            ..Check::BLANK
        },
        Check {
            id: "async::stop",
            title: "`stop` completes what is in flight",
            rule: "stop completes every call in flight, with CP_STOPPING unless it ends by itself at \
                   that moment, before it returns.",
            source: HEADER,
            why: "When `stop` has returned the host frees the provider. A call that is still in \
                  flight is either never answered, or completed by a provider that is gone.",
            what: "starts the samples and `HealthRequest` ten times each, lets actors take their \
                   time, and stops: nothing may be in flight afterwards. What is started then must \
                   fail, and nothing may be completed again",
            causes: &[
                "`stop` tells its threads to end and forgets what they had",
                "`stop` does not wait for them",
            ],
            fix: "in `stop`, take every call out of the table and complete it with `CP_STOPPING`",
            example: include_str!("examples/async-stop.md"),
            needs: &["async::returns", "stop::in-flight"],
            run: stop,
            ..Check::BLANK
        },
    ]
}

/// A request that can be started.
struct Request {
    actor: String,
    op: String,
    msg: Vec<u8>,
}

/// A provider with asynchronous calls, and what can be asked of it.
struct Started {
    provider: Provider,
    /// The samples.
    samples: Vec<Request>,
    /// What must fail, and `HealthRequest`.
    others: Vec<Request>,
}

impl Started {
    fn find(lab: &mut Lab) -> Outcome<Self> {
        let (provider, actor) = lab.linked()?;
        match provider.has_async_calls() {
            Ok(true) => {}
            Ok(false) => return Err(skip("it has no asynchronous calls: no `cp.async/1`")),
            Err(error) => {
                return Err(Failure::new(error.message())
                    .expected("a table with `start` and `cancel`, or none")
                    .into());
            }
        }
        let request = |actor: &str, op: &str, msg: Vec<u8>| Request {
            actor: actor.to_owned(),
            op: op.to_owned(),
            msg,
        };
        let unknown = format!("DoesNotExist-{:08x}", lab.job.seed & 0xffff_ffff);
        let mut samples = Vec::new();
        let mut others = vec![
            request(SYSTEM_ACTOR, OP_HEALTH_REQUEST, health_request()),
            request(&actor, &unknown, vec![0xc1]),
        ];
        let stranger = self::actor(9);
        for (op, msg) in lab.requests(&provider) {
            others.push(request(&actor, &op, vec![0xc1]));
            if let Some(msg) = msg {
                others.push(request(&stranger, &op, msg.clone()));
                samples.push(request(&actor, &op, msg));
            }
        }
        Ok(Self { provider, samples, others })
    }

    fn all(&self) -> impl Iterator<Item = &Request> {
        self.samples.iter().chain(&self.others)
    }

    fn start(&self, request: &Request) -> PendingCall {
        self.provider.start_quietly(&request.actor, &request.op, &request.msg)
    }

    /// Waits for a call of `request`, which must end.
    fn ended(
        &self,
        lab: &Lab,
        request: &Request,
        call: &mut PendingCall,
        what: &str,
    ) -> Outcome<Answer> {
        let patience = lab.patience(PATIENCE);
        let answer = self.provider.awaited(&request.op, call, patience);
        answer.ok_or_else(|| {
            Failure::new(format!("a {what} call of `{}` was not completed", request.op))
                .expected(format!("completed within {} s", patience.as_secs()))
                .got(String::from("still in flight"))
                .into()
        })
    }

    /// Nothing was completed that was not in flight.
    fn no_faults(&self) -> Outcome {
        let faults = self.provider.call_faults();
        let found = [
            (faults.completed_again, "completed", "completed before, or that it had refused"),
            (faults.written_late, "written a reply of", "not in flight any more"),
        ];
        for (count, did, which) in found {
            if count > 0 {
                let calls = if count == 1 { "a call that was" } else { "calls that were" };
                return Err(Failure::new(format!("it has {did} {calls} {which}"))
                    .expected("each call completed once")
                    .got(format!("{count} too many"))
                    .likely(
                        "two threads have the call, and both complete it; or it is completed and \
                         refused",
                    )
                    .into());
            }
        }
        Ok(())
    }
}

fn once(lab: &mut Lab) -> Outcome {
    let started = Started::find(lab)?;
    let lab = &*lab;
    let began = Instant::now();
    each(&lab.reporter, 0..lab.times(50).min(MOST), |_, _| {
        if began.elapsed() > LONGEST {
            return Ok(());
        }
        let seq = lab.reporter.step("4 threads", "start calls of every kind".into());
        let outcome = crowd(THREADS, |number| {
            let calls: Vec<(&Request, PendingCall)> =
                started.all().map(|request| (request, started.start(request))).collect();
            let cancelled = number == 0;
            if cancelled {
                for (_, call) in &calls {
                    call.cancel();
                }
            }
            let what = if cancelled { "cancelled" } else { "started" };
            for (request, mut call) in calls {
                started.ended(lab, request, &mut call, what)?;
            }
            Ok(())
        });
        lab.reporter.done(seq, if outcome.is_ok() { "completed" } else { "one was not" });
        outcome.map(drop)
    })?;
    started.provider.alive("calls that were started by many threads")?;
    started.no_faults()
}

fn answers(lab: &mut Lab) -> Outcome {
    let started = Started::find(lab)?;
    let provider = &started.provider;
    let waited =
        |request: &Request| provider.call(&request.actor, request.op.as_str(), &request.msg);
    let calls: Vec<&Request> = started.all().collect();
    each(&lab.reporter, calls, |_, request| {
        let (first, second) = (waited(request), waited(request));
        let mut call = provider.start(&request.actor, &request.op, &request.msg);
        let answer = started.ended(lab, request, &mut call, "started")?;
        // One that changes something is not answered the same each time.
        let lasting = same(&first, &second) && same(&first, &waited(request));
        if answer.kind() == first.kind() && (!lasting || same(&first, &answer)) {
            return Ok(());
        }
        Err(Failure::new(format!("`{}` is answered otherwise when it is started", request.op))
            .expected(first.shown())
            .got(answer.shown())
            .into())
    })?;
    let other = actor(1);
    let values = lab.values(&other);
    lab.recorder.linked(&other);
    for (op, values) in [(OP_BIND_ACTOR, &values), (OP_REMOVE_ACTOR, &Values::new())] {
        let msg = configuration(&other, values);
        let request = Request { actor: SYSTEM_ACTOR.to_owned(), op: op.to_owned(), msg };
        let mut call = provider.start(SYSTEM_ACTOR, op, &request.msg);
        started.ended(lab, &request, &mut call, "started")?.empty(op)?;
    }
    Ok(())
}

/// Whether two answers are the same, as far as an actor must be able to rely on it.
fn same(one: &Answer, other: &Answer) -> bool {
    match (&one.reply, &other.reply) {
        (Ok(one), Ok(other)) => **one == **other,
        _ => one.kind() == other.kind(),
    }
}

fn cancel(lab: &mut Lab) -> Outcome {
    let started = Started::find(lab)?;
    let provider = &started.provider;
    let mut ended = Vec::new();
    let calls: Vec<&Request> = started.all().collect();
    each(&lab.reporter, calls, |_, request| {
        let mut call = provider.start(&request.actor, &request.op, &request.msg);
        asked_to_end(lab, request, &call);
        started.ended(lab, request, &mut call, "cancelled")?;
        ended.push(call.number());
        Ok(())
    })?;
    let seq = lab.reporter.step("cancel", "calls that have ended, and no calls".into());
    for number in ended.into_iter().chain([0, u64::MAX]) {
        provider.cancel(number);
    }
    lab.reporter.done(seq, "returned");
    each(&lab.reporter, &started.samples, |_, request| {
        let gate = Arc::new(Gate::default());
        lab.recorder.behave(Manner::Waits(Arc::clone(&gate)));
        let before = lab.recorder.count();
        let mut call = provider.start(&request.actor, &request.op, &request.msg);
        // One that calls no actor is cancelled as well.
        lab.recorder.wait(SLOW_ACTOR, |messages| messages.len() > before);
        asked_to_end(lab, request, &call);
        let outcome = started.ended(lab, request, &mut call, "cancelled");
        gate.open();
        lab.recorder.behave(Manner::Empty);
        outcome.map(drop)
    })?;
    provider.alive("calls were cancelled")?;
    started.no_faults()
}

fn asked_to_end(lab: &Lab, request: &Request, call: &PendingCall) {
    let seq = lab.reporter.step("cancel", format!("{:?}", request.op));
    call.cancel();
    lab.reporter.done(seq, if call.is_ready() { "completed" } else { "in flight" });
}

fn stop(lab: &mut Lab) -> Outcome {
    const TIMES: usize = 10;
    let started = Started::find(lab)?;
    let provider = &started.provider;
    let gate = Arc::new(Gate::default());
    lab.recorder.behave(Manner::WaitsUntold(Arc::clone(&gate)));
    let mut calls = Vec::new();
    for request in started.samples.iter().chain(&started.others[..1]) {
        calls.push((request, provider.start(&request.actor, &request.op, &request.msg)));
        for _ in 1..TIMES {
            calls.push((request, started.start(request)));
        }
    }
    let left = thread::scope(|scope| {
        let (returned, wait) = mpsc::channel::<()>();
        scope.spawn(move || {
            // A provider may wait for the actors that it has called.
            let _ = wait.recv_timeout(SLOW_ACTOR);
            gate.open();
        });
        let left = provider.stop_at_once();
        drop(returned);
        left
    });
    lab.recorder.behave(Manner::Empty);
    let left = left.map_err(|error| failed("stop", &error, "Ok"))?;
    if left > 0 {
        let calls = if left == 1 { "a call" } else { "calls" };
        return Err(Failure::new(format!("`stop` returned and left {calls} in flight"))
            .expected("every call completed")
            .got(format!("{left} in flight"))
            .into());
    }
    for (request, mut call) in calls {
        started.ended(lab, request, &mut call, "started")?;
    }
    for request in &started.samples {
        let mut call = provider.start(&request.actor, &request.op, &request.msg);
        let answer = started.ended(lab, request, &mut call, "started")?;
        answer.refused(&format!("`{}`, started after `stop`,", request.op))?;
        // Whatever it answers: it has been stopped.
        provider.call(&request.actor, request.op.as_str(), &request.msg);
    }
    started.no_faults()?;
    provider.destroy()
}

fn returns(lab: &mut Lab) -> Outcome {
    let started = Started::find(lab)?;
    if started.samples.is_empty() {
        return Err(skip(
            "no operation has a sample: add `[samples.<operation>]` to provider-testkit.toml, or an \
             example to the contract",
        ));
    }
    let patience = lab.patience(START);
    let mut shown = false;
    each(&lab.reporter, &started.samples, |_, request| {
        for _ in 0..ATTEMPTS {
            shown |= in_flight(lab, &started, request, patience)?;
            if shown {
                break;
            }
        }
        Ok(())
    })?;
    if shown {
        return Ok(());
    }
    Err(skip(
        "no sample is in flight when `start` returns: one that waits for something shows more",
    ))
}

/// Whether a call was still in flight when `start` had returned; a failure when it returns only because
/// an actor answered.
fn in_flight(lab: &Lab, started: &Started, request: &Request, patience: Duration) -> Outcome<bool> {
    let provider = &started.provider;
    let gate = Arc::new(Gate::default());
    lab.recorder.behave(Manner::Waits(Arc::clone(&gate)));
    let (returned, wait) = mpsc::channel::<()>();
    let (mut call, ready, late) = thread::scope(|scope| {
        let gate = &gate;
        let watch = scope.spawn(move || {
            let late = waits(provider, &wait, patience);
            if late {
                gate.open();
            }
            late
        });
        let call = provider.start(&request.actor, &request.op, &request.msg);
        // At once: what is handed to another thread may be done in a moment.
        let ready = call.is_ready();
        drop(returned);
        (call, ready, watch.join().unwrap_or(false))
    });
    gate.open();
    lab.recorder.behave(Manner::Empty);
    if late {
        return Err(Failure::new(format!(
            "`start` of `{}` did not return before an actor had answered",
            request.op
        ))
        .expected("the call in flight")
        .got("`start` was waiting")
        .into());
    }
    started.ended(lab, request, &mut call, "started")?;
    Ok(!ready)
}

/// Whether nothing comes for so long.
fn waits(provider: &Provider, wait: &mpsc::Receiver<()>, limit: Duration) -> bool {
    const MOMENT: Duration = Duration::from_millis(50);
    let began = Instant::now();
    while began.elapsed() < limit {
        if wait.recv_timeout(MOMENT) != Err(mpsc::RecvTimeoutError::Timeout) {
            return false;
        }
        provider.pulse();
    }
    true
}
