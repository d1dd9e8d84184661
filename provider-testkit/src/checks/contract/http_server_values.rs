//! `wasmcloud:httpserver`: what its link values do.

use std::sync::Arc;

use provider_core::ops::OP_BIND_ACTOR;

use super::{
    http_server::{asked, at_port, good_reply, row},
    loopback::Message,
};
use crate::{
    Check,
    lab::{Lab, Outcome, actor},
    manner::Gate,
    ports::free_port,
    protocol::Failure,
    subject::{Provider, Values},
};

/// A page that is allowed, and one that is not.
const ALLOWED: &str = "https://allowed.example";
const OTHER: &str = "https://other.example";

pub(super) fn checks() -> Vec<Check> {
    vec![
        Check {
            why: "Actors of the time are linked with `PORT`, those that serve more than this \
                  machine with `BIND`. An address that is left out is not missed until somebody \
                  needs it.",
            what: "links an actor with two addresses in `BIND`, one of them a port alone, and \
                   sends a request to each",
            causes: &["only the first of the list is listened on", "`BIND` is not read"],
            fix: "listen on each address of the list, or on none and fail the bind",
            example: include_str!("../examples/httpserver-addresses.md"),
            needs: &["httpserver::serves"],
            run: addresses,
            ..row(
                "httpserver::addresses",
                "every address of `BIND` is served",
                "Link values: `PORT`, `BIND` (comma list of `IP:PORT` or `PORT`), default \
                 `127.0.0.1:8080`.",
            )
        },
        Check {
            why: "A client that waits for an actor that never answers waits for ever, and keeps \
                  its connection and a thread for as long.",
            what: "links an actor with a `TIMEOUT_MS` of 200, lets it answer nothing, and sends \
                   another request meanwhile",
            causes: &["the call of the actor is waited for without a limit"],
            fix: "wait for as long as the link says, answer 504, and let go of the reply",
            example: include_str!("../examples/httpserver-timeout.md"),
            needs: &["httpserver::serves"],
            run: times_out,
            ..row(
                "httpserver::timeout",
                "an actor that takes too long is a 504",
                "`TIMEOUT_MS` (default 2000, then 504).",
            )
        },
        Check {
            why: "A body of any length fills the memory of a host that serves others as well.",
            what: "links an actor with a `MAX_BODY_BYTES` of 16, sends a body of 16 bytes and one \
                   of 17",
            causes: &["the length is not looked at", "the limit is off by one"],
            fix: "refuse what is longer with 413, without asking the actor",
            example: include_str!("../examples/httpserver-body-limit.md"),
            needs: &["httpserver::serves"],
            run: body_limit,
            ..row(
                "httpserver::body-limit",
                "a body above the limit is a 413",
                "`MAX_BODY_BYTES` (default 10 MiB, then 413).",
            )
        },
        Check {
            why: "A browser asks the server which pages may read what it answers. Who allows all \
                  lets any page act in the name of whoever visits it.",
            what: "links an actor with an origin, a method and a header that are allowed, and asks \
                   as a browser does, for a page of that origin and for one of another",
            causes: &["`*` is answered whatever the link says", "`OPTIONS` is not answered"],
            fix: "answer with the origin when the link allows it, and say nothing otherwise",
            example: include_str!("../examples/httpserver-cors.md"),
            needs: &["httpserver::serves"],
            run: cors,
            ..row(
                "httpserver::cors",
                "pages of other origins are allowed what the link says",
                "`CORS_ALLOWED_ORIGINS`, `_METHODS`, `_HEADERS`.",
            )
        },
    ]
}

/// A provider whose actor is linked with these values and answers as it should.
fn linked(lab: &mut Lab, values: &[(&str, &str)]) -> Outcome<(Provider, u16)> {
    let provider = lab.configured()?;
    let actor = actor(0);
    let (mut all, port): (Values, u16) = at_port(lab, &actor);
    all.extend(values.iter().map(|(key, value)| ((*key).into(), (*value).into())));
    lab.recorder.answer(|_| Ok(good_reply()));
    provider.bind(&actor, &all).empty(OP_BIND_ACTOR)?;
    Ok((provider, port))
}

/// The response must have this status.
fn must_have(response: &Message, status: &str, what: &str) -> Outcome {
    if response.word(1) == status {
        return Ok(());
    }
    Err(Failure::new(what).expected(format!("status {status}")).got(response.shown()).into())
}

fn addresses(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    let actor = actor(0);
    let (mut values, first) = at_port(lab, &actor);
    let second = free_port();
    values.remove("PORT");
    values.insert("BIND".into(), format!("127.0.0.1:{first}, {second}"));
    lab.recorder.answer(|_| Ok(good_reply()));
    provider.bind(&actor, &values).empty(OP_BIND_ACTOR)?;
    for port in [first, second] {
        must_have(&asked(port, "GET / HTTP/1.1", b"")?, "201", "an address of `BIND`")?;
    }
    Ok(())
}

fn times_out(lab: &mut Lab) -> Outcome {
    let (_, port) = linked(lab, &[("TIMEOUT_MS", "200")])?;
    let gate = Arc::new(Gate::default());
    let waits = Arc::clone(&gate);
    lab.recorder.answer(move |message| {
        if message.msg.windows(5).any(|part| part == b"/slow") {
            waits.pass();
        }
        Ok(good_reply())
    });
    let slow = asked(port, "GET /slow HTTP/1.1", b"");
    let quick = asked(port, "GET /quick HTTP/1.1", b"");
    gate.open();
    must_have(&slow?, "504", "the actor has not answered in 200 ms")?;
    must_have(&quick?, "201", "a request after one that the actor does not answer")
}

fn body_limit(lab: &mut Lab) -> Outcome {
    let (_, port) = linked(lab, &[("MAX_BODY_BYTES", "16")])?;
    must_have(&asked(port, "POST / HTTP/1.1", &[b'x'; 16])?, "201", "a body of 16 bytes")?;
    must_have(&asked(port, "POST / HTTP/1.1", &[b'x'; 17])?, "413", "a body of 17 bytes")?;
    let count = lab.recorder.count();
    if count == 1 {
        return Ok(());
    }
    Err(Failure::new("the actor was asked about a body that is too long")
        .expected("one call")
        .got(format!("{count} calls"))
        .into())
}

fn cors(lab: &mut Lab) -> Outcome {
    let values = [
        ("CORS_ALLOWED_ORIGINS", ALLOWED),
        ("CORS_ALLOWED_METHODS", "PUT"),
        ("CORS_ALLOWED_HEADERS", "x-testkit"),
    ];
    let (_, port) = linked(lab, &values)?;
    let preflight = |origin: &str| {
        let head = format!(
            "OPTIONS / HTTP/1.1\r\nOrigin: {origin}\r\nAccess-Control-Request-Method: PUT\r\n\
             Access-Control-Request-Headers: x-testkit"
        );
        asked(port, &head, b"")
    };
    let get = |origin: &str| asked(port, &format!("GET / HTTP/1.1\r\nOrigin: {origin}"), b"");
    let allowed = [preflight(ALLOWED)?, get(ALLOWED)?];
    let told = [
        (&allowed[0], "origin", ALLOWED),
        (&allowed[0], "methods", "put"),
        (&allowed[0], "headers", "x-testkit"),
        (&allowed[1], "origin", ALLOWED),
    ];
    for (response, what, expected) in told {
        let name = format!("access-control-allow-{what}");
        let value = response.headers.get(&name).map(String::as_str).unwrap_or_default();
        if !value.to_ascii_lowercase().split(',').any(|item| item.trim() == expected) {
            return Err(Failure::new(format!("a page of `{ALLOWED}` asks whether it may"))
                .expected(format!("{name}: {expected}"))
                .got(format!("{}, {:?}", response.start, response.headers))
                .into());
        }
    }
    for response in [preflight(OTHER)?, get(OTHER)?] {
        let value = response.headers.get("access-control-allow-origin");
        if let Some(value) = value.filter(|value| *value == "*" || *value == OTHER) {
            return Err(Failure::new(format!("a page of `{OTHER}` asks whether it may"))
                .expected("no access-control-allow-origin")
                .got(format!("access-control-allow-origin: {value}"))
                .into());
        }
    }
    Ok(())
}
