//! `wasmcloud:messaging`: each pinned rule of the contract is a check. The broker is the one that
//! `[link.values]` names, or the provider's own.

use std::time::Duration;

use provider_contracts::messaging::scenario::{
    Actors, Failure as Missed, Scenario, Subject, pinned,
};
use provider_core::{Dispatcher, Error, ErrorKind};

use super::{
    fresh_name,
    played::{Calls, chosen, must_declare, tag},
    unique,
};
use crate::{
    Check, Scope,
    lab::{Halt, Lab, Outcome, actor, skip},
    payload,
    ports::free_port,
    protocol::Failure,
    wasmcloud::MESSAGING,
};

/// The link value that leads to a broker.
const URL: &str = "URL";
/// The link values that are the scenarios' to give.
const GIVEN: [&str; 2] = ["SUBSCRIPTION", "QUEUEGROUP_NAME"];
/// How long a message may take: less than a call may.
const SOON: Duration = Duration::from_millis(1500);
/// What the scenarios say of another operation.
const DRIFTED: &str = "a call of another operation";
/// How much of a step is shown.
const SHOWN: usize = 300;

const BLANK: Check = Check {
    source: "the contract `wasmcloud:messaging`",
    needs: &["links::bind"],
    scope: Scope::Contract(MESSAGING),
    ..Check::BLANK
};

pub(super) fn checks() -> Vec<Check> {
    let no_broker = Check {
        id: "messaging::no-broker",
        title: "a link to a broker that is not there fails",
        rule: "A subscription that cannot be made fails the bind.",
        why: "An actor whose subscription was never made waits for ever, and its operator was \
              told that the link is fine.",
        what: "links an actor to a broker that is not there",
        causes: &["the connection is made later, on another thread"],
        fix: "connect and subscribe in `link`, and return what goes wrong",
        example: include_str!("../examples/messaging-no-broker.md"),
        run: no_broker,
        ..BLANK
    };
    pinned().iter().map(row).chain([no_broker]).collect()
}

fn row(scenario: &Scenario) -> Check {
    let (causes, fix, example) = advice(scenario.slug());
    let ops: Vec<&str> = scenario.operations().into_iter().collect();
    Check {
        // The catalogue is made once and lives as long as the program.
        id: format!("messaging::{}", scenario.slug()).leak(),
        title: scenario.name(),
        rule: scenario.rule(),
        why: scenario.why(),
        what: format!(
            "links actors, calls {} about subjects that nobody used before, and looks at what \
             the actors are called with",
            ops.join(" and ")
        )
        .leak(),
        causes,
        fix,
        example,
        needs: match scenario.slug() {
            "delivers" => BLANK.needs,
            "no-answer" => &["messaging::request"],
            _ => &["messaging::delivers"],
        },
        run: play,
        ..BLANK
    }
}

type Advice = (&'static [&'static str], &'static str, &'static str);

fn advice(slug: &str) -> Advice {
    match slug {
        "wildcards" | "every-subscription" | "queue-group" => (
            &[
                "subjects are compared by their letters and not by their tokens",
                "a subscription is kept for each actor, where an actor may have several",
                "`QUEUEGROUP_NAME` is not read",
            ],
            "match with `messaging::Subscription`, and give each subscription or group the message",
            include_str!("../examples/messaging-subscriptions.md"),
        ),
        "bad-subject" | "bad-subscription" => (
            &[
                "a subject is handed on as it came",
                "the broker takes what is no subject, and the link is fine",
            ],
            "check with `messaging::check_subject` before anything is sent, and give the link value \
             the type `Vec<Subscription>`",
            include_str!("../examples/messaging-subjects.md"),
        ),
        "request" | "no-answer" => (
            &["the bytes of the answer are the reply", "no answer is an empty reply"],
            "reply with a `BrokerMessage`, and with an error of kind timeout when none came",
            include_str!("../examples/messaging-request.md"),
        ),
        "order" | "after-remove" | "failing-actor" => (
            &[
                "each message has a thread of its own",
                "`RemoveActor` forgets the link and not its subscriptions",
                "an actor's error ends the thread that its messages come from",
            ],
            "keep one queue for each subscription, close it in `unlink`, and ignore what the actor \
             answers",
            include_str!("../examples/messaging-queue.md"),
        ),
        _ => (
            &["the operation's name is not the contract's", "nothing is subscribed to"],
            "call `HandleMessage` with `{subject, replyTo, body}`",
            include_str!("../examples/messaging-delivers.md"),
        ),
    }
}

/// Plays the scenario that the check's id names.
fn play(lab: &mut Lab) -> Outcome {
    let scenario = chosen(lab, pinned(), Scenario::slug)?;
    let provider = lab.configured()?;
    must_declare(&provider, scenario.operations())?;
    let actors = Actors::default();
    let reached = actors.clone();
    lab.recorder.answer(move |message| {
        let answer = reached.dispatch(&message.actor, &message.op, &message.msg);
        answer.map_err(Error::from_boxed)
    });
    let calls = Calls(&provider);
    let mut subject = Subject::new(&calls, &actors).tagged(tag(unique(lab))).patience(SOON);
    for (key, value) in lab.values(&actor(0)) {
        if !GIVEN.contains(&key.as_str()) {
            subject = subject.link_value(key, value);
        }
    }
    scenario.run(&subject).map(drop).map_err(|missed| told(&missed))
}

fn told(missed: &Missed) -> Halt {
    let step = payload::shortened(&missed.step, SHOWN);
    let how = if missed.got.starts_with(DRIFTED) {
        "comes as another operation of the actor"
    } else {
        "does not go as pinned"
    };
    let summary = format!("step {}, {step}, {how}", missed.number);
    let panic = missed.got.starts_with(&format!("{}:", ErrorKind::Panic));
    let shown = |text: &str| payload::shortened(text, SHOWN);
    let failure = Failure::new(summary).expected(shown(&missed.expected)).got(shown(&missed.got));
    Failure { panic, ..failure }.into()
}

fn no_broker(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    let described = provider.library().describe();
    let described = described.map_err(|error| Failure::new(error.to_string()))?;
    let link = described.and_then(|described| described.link);
    if link.is_some_and(|values| values.iter().all(|value| value.key != URL)) {
        return Err(skip("the provider's links have no `URL`: it is the broker itself"));
    }
    let actor = actor(0);
    let mut values = lab.values(&actor);
    values.insert(URL.into(), format!("nats://127.0.0.1:{}", free_port()));
    values.insert("SUBSCRIPTION".into(), fresh_name(lab));
    provider.bind(&actor, &values).refused("a link to a broker that is not there")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_scenario_is_a_check_with_an_example() {
        let rows = checks();
        assert_eq!(rows.len(), pinned().len() + 1);
        let examples: HashSet<&str> = rows.iter().map(|check| check.example).collect();
        assert_eq!(examples.len(), 6);
    }
}
