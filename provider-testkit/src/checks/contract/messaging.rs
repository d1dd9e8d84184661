//! `wasmcloud:messaging`: what is published arrives under the contract's name. The broker is the one
//! that `[link.values]` names, or the provider's own.

use std::time::Duration;

use provider_core::{ErrorKind, ops::OP_BIND_ACTOR};
use serde_json::{Value, json};

use super::{SOON, call, differs, fresh_name, holds, must_be};
use crate::{
    Check, Scope,
    lab::{Lab, Outcome, actor},
    nearest, payload,
    ports::free_port,
    protocol::Failure,
    session::Dispatched,
    subject::Provider,
    wasmcloud::MESSAGING,
};

const SUBSCRIPTION: &str = "SUBSCRIPTION";
const HANDLE: &str = "HandleMessage";

fn row(id: &'static str, title: &'static str, rule: &'static str) -> Check {
    Check {
        id,
        title,
        rule,
        source: "the contract `wasmcloud:messaging`",
        needs: &["links::bind"],
        scope: Scope::Contract(MESSAGING),
        ..Check::BLANK
    }
}

pub(super) fn checks() -> Vec<Check> {
    vec![
        Check {
            why: "A message that is sent to another operation than the contract's is refused by \
                  the actor, and lost: nobody waits for the answer.",
            what: "links an actor with a subscription, publishes as another one, and looks at what \
                   the first is called with",
            causes: &["the operation's name is not the contract's", "nothing is subscribed to"],
            fix: "call `HandleMessage` with `{subject, replyTo, body}`",
            example: include_str!("../examples/messaging-delivers.md"),
            run: delivers,
            ..row(
                "messaging::delivers",
                "what is published reaches who subscribed",
                "`HandleMessage BrokerMessage` → `()`; `BrokerMessage {subject, replyTo, body}`.",
            )
        },
        Check {
            why: "Actors decode the reply as a message; raw bytes are no message, so no answer \
                  ever arrived.",
            what: "asks with `Request` as one actor, answers as the other, and reads the reply; \
                   then asks where nobody answers",
            causes: &["the bytes of the answer are the reply", "no answer is an empty reply"],
            fix: "reply with a `BrokerMessage`, and with an error of kind timeout when none came",
            example: include_str!("../examples/messaging-request.md"),
            needs: &["messaging::delivers"],
            run: request,
            ..row(
                "messaging::request",
                "a request is answered with a message, or times out",
                "`Request` returns a `BrokerMessage` whose `body` is the reply; no answer in time \
                 is `Timeout`.",
            )
        },
        Check {
            why: "An actor whose subscription was never made waits for ever, and its operator was \
                  told that the link is fine.",
            what: "links an actor to a broker that is not there",
            causes: &["the connection is made later, on another thread"],
            fix: "connect and subscribe in `link`, and return what goes wrong",
            example: include_str!("../examples/messaging-no-broker.md"),
            run: no_broker,
            ..row(
                "messaging::no-broker",
                "a subscription that cannot be made fails the bind",
                "A subscription that cannot be made fails the bind.",
            )
        },
    ]
}

/// Links an actor that subscribes to `subject`.
fn subscriber(lab: &mut Lab, provider: &Provider, subject: &str) -> Outcome<String> {
    let actor = actor(0);
    let mut values = lab.values(&actor);
    values.insert(SUBSCRIPTION.into(), subject.into());
    provider.bind(&actor, &values).empty(OP_BIND_ACTOR)?;
    Ok(actor)
}

/// Links an actor that subscribes to nothing.
fn publisher(lab: &mut Lab, provider: &Provider) -> Outcome<String> {
    let actor = actor(1);
    let mut values = lab.values(&actor);
    values.remove(SUBSCRIPTION);
    provider.bind(&actor, &values).empty(OP_BIND_ACTOR)?;
    Ok(actor)
}

/// The message that reached `actor`.
fn arrived(lab: &Lab, actor: &str, expected: &Value) -> Outcome<Dispatched> {
    let messages = lab.recorder.wait(SOON, |messages| !messages.is_empty());
    let Some(message) = messages.into_iter().next() else {
        return Err(Failure::new("nothing arrived at the actor that subscribed")
            .expected(format!("a call of `{HANDLE}`"))
            .got("no call")
            .into());
    };
    if message.op != HANDLE {
        let failure = Failure::new("the message comes as another operation of the actor")
            .expected(format!("`{HANDLE}`"))
            .got(format!("`{}`", message.op));
        return Err(match nearest(&message.op, [HANDLE]) {
            Some(nearest) => failure.likely(format!("`{nearest}` is meant")),
            None => failure.likely(format!("the name drifted from the contract's `{HANDLE}`")),
        }
        .into());
    }
    if message.actor != actor {
        return Err(Failure::new("the message reached an actor that did not subscribe")
            .expected(actor)
            .got(message.actor)
            .into());
    }
    let came = payload::decode(&message.msg).unwrap_or_default();
    if holds(&came, expected) {
        return Ok(message);
    }
    Err(differs("the message is not the one that was published", expected, &came))
}

fn delivers(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    lab.recorder.answer(|_| Ok(vec![0xc0]));
    let name = fresh_name(lab);
    let first = subscriber(lab, &provider, &format!("{name}.*"))?;
    let second = publisher(lab, &provider)?;
    let subject = format!("{name}.one");
    let message = json!({"subject": subject, "replyTo": "", "body": payload::bytes(b"hello")});
    let answer = call(&provider, &second, "Publish", &message);
    must_be(&answer, "Publish", &json!({"published": true}), "it was not published")?;
    arrived(lab, &first, &message).map(drop)
}

fn request(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    lab.recorder.answer(|_| Ok(vec![0xc0]));
    let subject = fresh_name(lab);
    let first = subscriber(lab, &provider, &subject)?;
    let second = publisher(lab, &provider)?;
    let asks = json!({"subject": subject, "body": payload::bytes(b"ask"), "timeout": 3000});
    let outcome = std::thread::scope(|scope| {
        let asking = scope.spawn(|| call(&provider, &second, "Request", &asks));
        let expected = json!({"subject": subject, "body": payload::bytes(b"ask")});
        let message = arrived(lab, &first, &expected);
        if let Ok(message) = &message {
            let came = payload::decode(&message.msg).unwrap_or_default();
            let reply = json!({
                "subject": came["replyTo"],
                "replyTo": "",
                "body": payload::bytes(b"told"),
            });
            call(&provider, &first, "Publish", &reply);
        }
        (message, asking.join())
    });
    let answer = match outcome {
        (message, Ok(answer)) => message.map(|_| answer)?,
        (_, Err(panic)) => std::panic::resume_unwind(panic),
    };
    let expected = json!({"body": payload::bytes(b"told")});
    must_be(&answer, "Request", &expected, "the reply is no message with the answer")?;
    let nobody = json!({
        "subject": format!("{subject}-nobody"),
        "body": payload::bytes(b"ask"),
        "timeout": u64::try_from(Duration::from_millis(50).as_millis()).unwrap_or(50),
    });
    let answer = call(&provider, &second, "Request", &nobody);
    answer.refused("a request that nobody answers")?;
    if answer.kind() == Some(ErrorKind::Timeout) {
        return Ok(());
    }
    Err(Failure::new("no answer in time is another kind of error")
        .expected(format!("Err({})", ErrorKind::Timeout))
        .got(answer.shown())
        .into())
}

fn no_broker(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    let actor = actor(0);
    let mut values = lab.values(&actor);
    values.insert("URL".into(), format!("nats://127.0.0.1:{}", free_port()));
    values.insert(SUBSCRIPTION.into(), fresh_name(lab));
    provider.bind(&actor, &values).refused("a link to a broker that is not there")
}
