//! Operations: unknown ones, the declared ones, malformed payloads, samples.

use provider_core::{
    ErrorKind, MAX_ERROR_TEXT,
    ops::{OP_BIND_ACTOR, OP_REMOVE_ACTOR, STANDARD_OPS, SYSTEM_ACTOR},
};
use provider_host::OpRef;

use super::HEADER;
use crate::{
    Check, Level, Scope,
    lab::{Lab, Outcome, actor, each, skip},
    payload,
    protocol::Failure,
    samples, shapes,
    subject::{Answer, Values, configuration},
};

pub(super) fn checks() -> Vec<Check> {
    vec![
        Check {
            id: "ops::unknown",
            title: "an unknown operation is an error",
            rule: "CP_UNKNOWN_OPERATION: the provider has no operation of that name",
            source: HEADER,
            why: "An actor that was built for a newer contract, or has a typing error, must learn \
                  that its call did nothing. An empty success looks to it like an answer.",
            what: "calls operations that the provider does not declare, from actors of many kinds; \
                   each must be an error with a message",
            causes: &["a last arm of a `match` that answers Ok to everything"],
            fix: "return an error of the kind unknown operation in the last arm",
            example: include_str!("examples/ops-unknown.md"),
            needs: &["links::bind"],
            run: unknown,
            ..Check::BLANK
        },
        Check {
            id: "ops::declared",
            title: "a declared operation is there",
            rule: "op_id: position of `op` in the descriptor's table or CP_NO_OP_ID: saves looking \
                   it up",
            source: HEADER,
            why: "Hosts and tools believe the table of operations. One that is in the table and \
                  not in the code fails when an actor first needs it, and not when the provider is \
                  deployed.",
            what: "calls the operation by its number and by its name, with a payload that cannot be \
                   decoded; the error must not be that there is none of that name",
            causes: &["the descriptor and the code name different operations"],
            fix: "make both from one list, or correct the name",
            example: include_str!("examples/ops-declared.md"),
            needs: &["ops::unknown"],
            scope: Scope::Operation,
            run: declared,
            ..Check::BLANK
        },
        Check {
            id: "ops::malformed",
            title: "malformed payloads are errors",
            rule: "CP_BAD_REQUEST: the payload cannot be understood",
            source: HEADER,
            why: "What an actor sends is not trusted. A payload that panics, loops, overflows the \
                  stack or is taken for another one lets a single actor harm the host and \
                  everybody in it.",
            what: "sends payloads that are no MessagePack message and, where a sample is known, the \
                   sample cut off at every byte, of other types and with spoilt parts, on a stack \
                   of 2 MiB; each must be an error",
            causes: &[
                "the payload is not decoded, or its error is ignored",
                "the decoder has no limit of depth",
            ],
            fix: "decode first and return the decoder's error; limit its depth to 64",
            example: include_str!("examples/ops-malformed.md"),
            needs: &["ops::unknown"],
            scope: Scope::Operation,
            run: malformed,
            ..Check::BLANK
        },
        Check {
            id: "ops::sample",
            title: "a sample request is answered",
            rule: "An actor's call, or a standard operation from actor \"system\".",
            source: HEADER,
            why: "This is the one check that sees an operation do what it is for. A reply with \
                  other names or types than the contract's cannot be read by any actor that was \
                  built for the contract.",
            what: "sends the sample of provider-testkit.toml; without one the examples in the contract, \
                   or a request that the testkit knows; the reply must be the one that is named, or \
                   have the contract's fields",
            causes: &["the reply's fields are named or typed unlike the contract's"],
            fix: "use the contract's own types for requests and replies",
            example: include_str!("examples/ops-sample.md"),
            needs: &["ops::unknown"],
            scope: Scope::Operation,
            run: sample,
            ..Check::BLANK
        },
        Check {
            id: "ops::trailing",
            level: Level::Should,
            title: "a payload with something behind it is an error",
            rule: "CP_BAD_REQUEST: the payload cannot be understood",
            source: HEADER,
            why: "Bytes behind a message mean that the caller and the provider disagree about its \
                  format. Who takes the message all the same acts on half of what was said.",
            what: "sends `BindActor`, `RemoveActor` and each operation's sample with a nil, a byte \
                   that no message has, and the message itself once more behind it",
            causes: &["the decoder stops at the end of the value and nobody looks at the rest"],
            fix: "decode with `codec::decode`, or see whether the decoder read everything",
            example: include_str!("examples/ops-trailing.md"),
            needs: &["links::malformed", "ops::malformed"],
            run: trailing,
            ..Check::BLANK
        },
    ]
}

fn unknown(lab: &mut Lab) -> Outcome {
    let (provider, linked) = lab.linked()?;
    let library = provider.library();
    let ops = &library.description().ops;
    let mut names = vec![
        format!("DoesNotExist-{:08x}", lab.job.seed & 0xffff_ffff),
        String::new(),
        String::from("a\0b"),
        "x".repeat(10 << 10),
    ];
    for op in ops {
        names.push(format!("{}x", op.name));
        names.push(op.name.to_lowercase());
        names.extend(op.name.get(..op.name.len() - 1).map(str::to_owned));
    }
    names.retain(|name| {
        !STANDARD_OPS.contains(&name.as_str()) && ops.iter().all(|op| op.name != *name)
    });
    let actors = [linked, String::new(), actor(9), "m".repeat(10 << 10), "\u{1f980}".into()];
    // Every name from a linked actor, and one name from every actor.
    let calls: Vec<(&String, &String)> = names
        .iter()
        .map(|name| (&actors[0], name))
        .chain(actors[1..].iter().map(|actor| (actor, &names[0])))
        .collect();
    let mut other_kind = None;
    each(&lab.reporter, calls, |_, (actor, name)| {
        // Nothing that decodes: the name may be known after all.
        let answer = provider.call(actor, name, &[0xc1]);
        answer.refused("an operation that is not declared")?;
        if answer.kind() != Some(ErrorKind::UnknownOperation) {
            other_kind = answer.kind();
        }
        let problem = if answer.text.is_empty() {
            "has no message"
        } else if answer.text.len() > MAX_ERROR_TEXT - 4 {
            // One that is too long was cut, at a character's end.
            "has a message of 64 KiB or more"
        } else if std::str::from_utf8(&answer.text).is_err() {
            "has a message that is not UTF-8"
        } else {
            return Ok(());
        };
        Err(Failure::new(format!("the error {problem}"))
            .expected("an error with a short message")
            .got(answer.shown())
            .into())
    })?;
    if let Some(kind) = other_kind {
        lab.reporter.note(format!(
            "the error's kind is `{kind}` and not `{}`: a host cannot tell it from others",
            ErrorKind::UnknownOperation
        ));
    }
    Ok(())
}

fn declared(lab: &mut Lab) -> Outcome {
    let (provider, actor) = lab.linked()?;
    let library = provider.library();
    let Some(number) = library.description().op(lab.op()) else {
        return Err(skip("the library does not declare it any more"));
    };
    for (how, op) in [("number", number), ("name", OpRef::from(lab.op()))] {
        let answer = provider.call(&actor, op, &[0xc1]);
        if answer.kind() == Some(ErrorKind::UnknownOperation) {
            return Err(Failure::new(format!(
                "`{}` is declared and not known by its {how}",
                lab.op()
            ))
            .expected("another error: the payload is no message")
            .got(answer.shown())
            .into());
        }
    }
    Ok(())
}

fn malformed(lab: &mut Lab) -> Outcome {
    lab.on_small_stack(|lab| {
        let (provider, actor) = lab.linked()?;
        let library = provider.library();
        let op = lab.op().to_owned();
        let shapes = match lab.sample(&library.description().contract, &op) {
            None => {
                lab.reporter.note(format!(
                    "only payloads that cannot be decoded were sent: `[samples.{op}]` in \
                     provider-testkit.toml makes it thorough"
                ));
                shapes::undecodable()
            }
            Some(sample) => {
                if takes_nothing(&sample.request) {
                    return Err(skip(TAKES_NOTHING));
                }
                shapes::malformed(&encoded(&sample)?, lab.job.seed)
            }
        };
        each(&lab.reporter, shapes, |_, shape| {
            let answer = provider.call(&actor, op.as_str(), &shape.payload);
            if shape.lenient {
                return Ok(());
            }
            answer.refused(&format!("a payload that is {}", shape.name))
        })?;
        provider.alive("malformed payloads")
    })
}

fn encoded(sample: &crate::Sample) -> Outcome<Vec<u8>> {
    sample
        .payload()
        .map_err(|error| skip(format!("the sample cannot be encoded: {}", error.message())))
}

fn sample(lab: &mut Lab) -> Outcome {
    let (provider, actor) = lab.linked()?;
    let library = provider.library();
    let description = library.description();
    let op = lab.op();
    let examples = lab.examples(op);
    let (origin, samples) = match lab.sample(&description.contract, op) {
        _ if !examples.is_empty() => (Origin::Contract, examples),
        Some(sample) if lab.job.samples.contains_key(op) => (Origin::Package, vec![sample]),
        Some(sample) => (Origin::Testkit, vec![sample]),
        None => return Err(skip(no_sample(op))),
    };
    let Some(name) = description.op(op) else {
        return Err(skip("the library does not declare it any more"));
    };
    for sample in &samples {
        let answer = provider.call(&actor, name, &encoded(sample)?);
        judge(sample, &origin, (&description.contract, op), &answer)?;
    }
    Ok(())
}

/// Where a sample is written.
enum Origin {
    Contract,
    Package,
    Testkit,
}

/// Whether an operation of a contract, both named by `named`, is answered as it should be.
fn judge(sample: &crate::Sample, origin: &Origin, named: (&str, &str), answer: &Answer) -> Outcome {
    let (contract, op) = named;
    let reply = match &answer.reply {
        Ok(reply) => reply,
        Err(error) => {
            return Err(Failure::new(format!("`{op}` failed: {}", error.message()))
                .expected("Ok")
                .got(answer.shown())
                .into());
        }
    };
    let decoded = payload::decode(reply).ok();
    if let Some(expected) = &sample.response {
        if decoded.as_ref() != Some(expected) {
            let likely = match origin {
                Origin::Contract => "the example in the contract, or the operation, is wrong",
                _ => "the sample in provider-testkit.toml, or the operation, is wrong",
            };
            return Err(Failure::new("the reply is not the one that is expected")
                .expected(expected.to_string())
                .got(answer.shown())
                .likely(likely)
                .into());
        }
        return Ok(());
    }
    if decoded.is_none() {
        return Err(Failure::new("the reply is no `MessagePack` message")
            .got(answer.shown())
            .into());
    }
    match samples::wrong_reply(contract, op, decoded.as_ref()) {
        Some(problem) if matches!(origin, Origin::Testkit) => {
            Err(Failure::new(format!("the reply is not the contract's: {problem}"))
                .expected(samples::shape(contract, op))
                .got(answer.shown())
                .into())
        }
        _ => Ok(()),
    }
}

fn trailing(lab: &mut Lab) -> Outcome {
    let (provider, linked) = lab.linked()?;
    let stranger = actor(9);
    let system = SYSTEM_ACTOR.to_owned();
    let values = lab.values(&stranger);
    let mut messages = vec![
        (&system, OP_BIND_ACTOR.to_owned(), configuration(&stranger, &values)),
        (&system, OP_REMOVE_ACTOR.to_owned(), configuration(&linked, &Values::new())),
    ];
    let library = provider.library();
    for (op, msg) in lab.requests(&provider) {
        let sample = lab.sample(&library.description().contract, &op);
        match msg {
            // What is sent to an operation without arguments means nothing.
            Some(msg) if !sample.is_some_and(|sample| takes_nothing(&sample.request)) => {
                messages.push((&linked, op, msg));
            }
            Some(_) => {}
            None => lab.reporter.note(format!("`{op}` was not called: {}", no_sample(&op))),
        }
    }
    let mut calls = Vec::new();
    for (caller, op, msg) in &messages {
        let again = format!("the {} bytes of itself", msg.len());
        for (what, rest) in
            [("a nil", &[0xc0][..]), ("the byte c1", &[0xc1]), (&again[..], &msg[..])]
        {
            calls.push((*caller, op, what.to_owned(), [&msg[..], rest].concat()));
        }
    }
    each(&lab.reporter, calls, |_, (caller, op, what, msg)| {
        let answer = provider.call(caller, op.as_str(), &msg);
        answer.refused(&format!("`{op}` with {what} behind its payload"))
    })?;
    provider.alive("payloads with something behind them")
}

/// Why an operation without arguments is sent nothing malformed.
pub(crate) const TAKES_NOTHING: &str = "it takes no arguments: what is sent to it means nothing";

/// Whether a request is no arguments at all.
pub(crate) fn takes_nothing(request: &serde_json::Value) -> bool {
    request.is_null() || request.as_object().is_some_and(serde_json::Map::is_empty)
}

/// Why an operation without a sample is not called.
pub(crate) fn no_sample(op: &str) -> String {
    format!("no request is known to be safe: add `[samples.{op}]` to provider-testkit.toml")
}
