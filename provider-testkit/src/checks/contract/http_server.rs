//! `wasmcloud:httpserver`: what a bind promises, and what becomes of a request.

use std::{net::TcpListener, sync::Arc, thread, time::Duration};

use provider_core::{
    Error, ErrorKind,
    ops::{OP_BIND_ACTOR, OP_REMOVE_ACTOR},
};
use serde_json::json;

use super::{SOON, differs, holds, loopback, loopback::Message};
use crate::{
    Check, Scope,
    lab::{Lab, Outcome, actor, skip},
    manner::Gate,
    payload,
    ports::free_port,
    protocol::Failure,
    subject::Values,
    wasmcloud::HTTP_SERVER,
};

const OP: &str = "HandleRequest";
/// How long an actor takes that takes its time.
const MOMENT: Duration = Duration::from_millis(200);

pub(super) fn row(id: &'static str, title: &'static str, rule: &'static str) -> Check {
    Check {
        id,
        title,
        rule,
        source: "the contract `wasmcloud:httpserver`",
        needs: &["links::bind"],
        scope: Scope::Contract(HTTP_SERVER),
        ..Check::BLANK
    }
}

pub(super) fn checks() -> Vec<Check> {
    [of_requests(), of_headers_and_ends(), super::http_server_values::checks()].concat()
}

fn of_requests() -> Vec<Check> {
    vec![
        Check {
            why: "An actor that is never asked, or asked for something else than the client sent, \
                  serves nobody.",
            what: "links an actor to a free port, sends a request with a query, a header and a \
                   body, and reads the actor's answer",
            causes: &["a part of the request is left out", "the status is always 200"],
            fix: "hand over method, path, query, headers and body as they came, and write the \
                  reply's status, headers and body",
            example: include_str!("../examples/httpserver-serves.md"),
            run: serves,
            ..row(
                "httpserver::serves",
                "a request reaches the actor and its reply the client",
                "`HandleRequest {method, path, queryString, header, body}` → `{statusCode, status, \
                 header, body}` (the payload is the request).",
            )
        },
        Check {
            why: "An operator who is told that a link is fine looks for the fault everywhere but \
                  at the port that somebody else has.",
            what: "links an actor to a port that is taken, then to the same one when it is free",
            causes: &["the socket is opened on a thread of its own after the bind answered"],
            fix: "bind the socket in `link`, and hand the listener to the thread",
            example: include_str!("../examples/httpserver-port-taken.md"),
            needs: &["httpserver::serves"],
            run: port_taken,
            ..row(
                "httpserver::port-taken",
                "the bind fails when the port is taken",
                "The bind succeeds when the sockets listen, and fails with the reason when they \
                 cannot.",
            )
        },
        Check {
            why: "An operator moves an actor to another host or provider by removing its link and \
                  making a new one. A port that is still taken makes that fail now and then.",
            what: "links an actor, sends a request, removes the actor and listens on its port",
            causes: &["the listener is closed some time after `RemoveActor` answered, or never"],
            fix: "wake the thread that listens, and wait for it in `unlink`",
            example: include_str!("../examples/httpserver-port-free.md"),
            needs: &["httpserver::serves"],
            run: port_free,
            ..row(
                "httpserver::port-free",
                "the port is free after `RemoveActor`",
                "`RemoveActor` closes the listener after the requests in flight; the port is free \
                 when it returns.",
            )
        },
        Check {
            why: "Where a bad reply ends the server or leaves the client waiting, one actor's \
                  mistake takes the others' service down; and an error's text may hold what no \
                  client should read.",
            what: "lets the actor answer what is no reply, a status that there is not, a header \
                   of two lines, and an error",
            causes: &["the reply is unwrapped", "the error's text is the response's body"],
            fix: "answer 502 without a word to the client and log the reason",
            example: include_str!("../examples/httpserver-bad-reply.md"),
            needs: &["httpserver::serves"],
            run: bad_reply,
            ..row(
                "httpserver::bad-reply",
                "a reply that cannot be used is a 502",
                "Actor error → 502 with no detail for the client, the reason in the log; \
                 undecodable reply → 502; an unusable status or header → 502, never a panic.",
            )
        },
    ]
}

fn of_headers_and_ends() -> Vec<Check> {
    vec![
        Check {
            why: "A header may come in several lines, and a cookie's value may hold a comma: who \
                  drops a line or joins cookies breaks logins.",
            what: "sends a header twice, and answers with two cookies",
            causes: &["the last line of a header wins", "`set-cookie` is joined as others are"],
            fix: "join the values of a request's header with `, `, and send each line of the \
                  reply's `set-cookie` as a header of its own",
            example: include_str!("../examples/httpserver-headers.md"),
            needs: &["httpserver::serves"],
            run: headers,
            ..row(
                "httpserver::headers",
                "headers that come more than once are all there",
                "Repeated headers are joined with `, ` (`set-cookie` in the reply: one header a \
                 line).",
            )
        },
        Check {
            why: "An actor is moved or updated while it is used. A client whose request was taken \
                  and never answered does not know whether it was carried out.",
            what: "removes the actor while a request waits for its answer, which comes a moment \
                   later",
            causes: &["connections are closed with the listener"],
            fix: "close the listener, let the requests in flight end, and return then",
            example: include_str!("../examples/httpserver-in-flight.md"),
            needs: &["httpserver::port-free"],
            run: in_flight,
            ..row(
                "httpserver::in-flight",
                "a request in flight is answered when the actor is removed",
                "`RemoveActor` closes the listener after the requests in flight; the port is free \
                 when it returns.",
            )
        },
    ]
}

/// What links an actor to a port.
pub(super) fn at_port(lab: &mut Lab, actor: &str) -> (Values, u16) {
    let port = free_port();
    let mut values = lab.values(actor);
    values.remove("BIND");
    values.insert("PORT".into(), port.to_string());
    (values, port)
}

/// Sends a request, which must be answered.
pub(super) fn asked(port: u16, head: &str, body: &[u8]) -> Outcome<Message> {
    let outcome = loopback::request(port, head, body);
    match outcome {
        Ok(response) if response.start.starts_with("HTTP/1.") => Ok(response),
        Ok(response) => Err(Failure::new("the response is not HTTP")
            .expected("HTTP/1.1 and a status")
            .got(response.shown())
            .into()),
        Err(error) => Err(Failure::new(format!("port {port} does not answer: {error}"))
            .expected("a response")
            .got(error.to_string())
            .into()),
    }
}

pub(super) fn good_reply() -> Vec<u8> {
    let reply = json!({
        "statusCode": 201,
        "status": "Created",
        "header": {"x-testkit": "back"},
        "body": payload::bytes(b"answer"),
    });
    payload::encode(&reply).unwrap_or_default()
}

fn serves(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    let actor = actor(0);
    let (values, port) = at_port(lab, &actor);
    lab.recorder.answer(|_| Ok(good_reply()));
    provider.bind(&actor, &values).empty(OP_BIND_ACTOR)?;
    let head = "POST /a/path?one=1&two=2 HTTP/1.1\r\nX-Testkit: there";
    let response = asked(port, head, b"question")?;
    let messages = lab.recorder.messages();
    let Some(message) = messages.first() else {
        return Err(Failure::new("the request did not reach the actor")
            .expected(format!("a call of `{OP}`"))
            .got(response.shown())
            .into());
    };
    if message.op != OP {
        return Err(Failure::new("the request comes as another operation of the actor")
            .expected(format!("`{OP}`"))
            .got(format!("`{}`", message.op))
            .into());
    }
    let expected = json!({
        "method": "POST",
        "path": "/a/path",
        "queryString": "one=1&two=2",
        "body": payload::bytes(b"question"),
    });
    let came = payload::decode(&message.msg).unwrap_or_default();
    if !holds(&came, &expected) {
        return Err(differs("the actor was asked something else", &expected, &came));
    }
    let header = came["header"].as_object().into_iter().flatten();
    if !header
        .clone()
        .any(|(name, value)| name.eq_ignore_ascii_case("x-testkit") && value == "there")
    {
        return Err(differs(
            "a header is missing",
            &json!({"x-testkit": "there"}),
            &came["header"],
        ));
    }
    let back = response.headers.get("x-testkit").map(String::as_str);
    if response.word(1) == "201" && response.body == b"answer" && back == Some("back") {
        return Ok(());
    }
    Err(Failure::new("the client does not get the actor's reply")
        .expected("status 201, header x-testkit: back, body \"answer\"")
        .got(format!("{}, header x-testkit: {back:?}", response.shown()))
        .into())
}

fn port_taken(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    let actor = actor(0);
    let (mut values, _) = at_port(lab, &actor);
    let taken = TcpListener::bind(("127.0.0.1", 0))
        .map_err(|error| skip(format!("no port can be taken: {error}")))?;
    let port = taken.local_addr().map_or(0, |address| address.port());
    values.insert("PORT".into(), port.to_string());
    provider.bind(&actor, &values).refused("a link to a port that is taken")?;
    drop(taken);
    lab.recorder.answer(|_| Ok(good_reply()));
    provider.bind(&actor, &values).empty(OP_BIND_ACTOR)?;
    asked(port, "GET / HTTP/1.1", b"").map(drop)
}

fn port_free(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    let actor = actor(0);
    let (values, port) = at_port(lab, &actor);
    lab.recorder.answer(|_| Ok(good_reply()));
    provider.bind(&actor, &values).empty(OP_BIND_ACTOR)?;
    asked(port, "GET / HTTP/1.1", b"")?;
    provider.remove(&actor).empty(OP_REMOVE_ACTOR)?;
    loopback::must_be_free(port)
}

fn bad_reply(lab: &mut Lab) -> Outcome {
    const SECRET: &str = "testkit-secret-reason";
    let provider = lab.configured()?;
    let actor = actor(0);
    let (values, port) = at_port(lab, &actor);
    provider.bind(&actor, &values).empty(OP_BIND_ACTOR)?;
    let odd = json!({"statusCode": 99, "status": "", "header": {}, "body": payload::bytes(b"")});
    let odd = payload::encode(&odd).unwrap_or_default();
    let broken = json!({
        "statusCode": 200,
        "status": "OK",
        "header": {"x-testkit": "one\r\ntwo: three"},
        "body": payload::bytes(b""),
    });
    let broken = payload::encode(&broken).unwrap_or_default();
    for what in ["bytes that are no reply", "status 99", "a header of two lines", "an error"] {
        let (odd, broken) = (odd.clone(), broken.clone());
        lab.recorder.answer(move |_| match what {
            "bytes that are no reply" => Ok(vec![0xc1]),
            "status 99" => Ok(odd.clone()),
            "a header of two lines" => Ok(broken.clone()),
            _ => Err(Error::new(ErrorKind::Failed, SECRET)),
        });
        let response = asked(port, "GET / HTTP/1.1", b"")?;
        let text = format!("{:?} {}", response.headers, String::from_utf8_lossy(&response.body));
        if response.word(1) != "502" || text.contains(SECRET) {
            return Err(Failure::new(format!("the actor answers {what}"))
                .expected("502, and nothing about the reason")
                .got(response.shown())
                .into());
        }
    }
    provider.alive("replies that cannot be used")
}

fn headers(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    let actor = actor(0);
    let (values, port) = at_port(lab, &actor);
    let reply = json!({
        "statusCode": 200,
        "status": "OK",
        "header": {"set-cookie": "a=1, 2\nb=3"},
        "body": payload::bytes(b""),
    });
    let reply = payload::encode(&reply).unwrap_or_default();
    lab.recorder.answer(move |_| Ok(reply.clone()));
    provider.bind(&actor, &values).empty(OP_BIND_ACTOR)?;
    let response = asked(port, "GET / HTTP/1.1\r\nX-Testkit: one\r\nX-Testkit: two", b"")?;
    let messages = lab.recorder.messages();
    let came = messages.first().and_then(|message| payload::decode(&message.msg).ok());
    let came = came.unwrap_or_default();
    let header = came["header"].as_object().into_iter().flatten();
    let mut twice = header.filter(|(name, _)| name.eq_ignore_ascii_case("x-testkit"));
    if twice.next().is_none_or(|(_, value)| value != "one, two") {
        let expected = json!({"x-testkit": "one, two"});
        return Err(differs("a header came twice", &expected, &came["header"]));
    }
    // A line for each header.
    let cookies = response.headers.get("set-cookie").map(String::as_str);
    if cookies == Some("a=1, 2\nb=3") {
        return Ok(());
    }
    Err(Failure::new("the actor answers with two cookies")
        .expected("two headers, set-cookie: a=1, 2 and set-cookie: b=3")
        .got(format!("{cookies:?}"))
        .into())
}

fn in_flight(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    let actor = actor(0);
    let (mut values, port) = at_port(lab, &actor);
    values.insert("TIMEOUT_MS".into(), "10000".into());
    let gate = Arc::new(Gate::default());
    let waits = Arc::clone(&gate);
    lab.recorder.answer(move |_| {
        waits.pass();
        Ok(good_reply())
    });
    provider.bind(&actor, &values).empty(OP_BIND_ACTOR)?;
    let client = thread::spawn(move || loopback::request(port, "GET / HTTP/1.1", b""));
    if lab.recorder.wait(SOON, |messages| !messages.is_empty()).is_empty() {
        gate.open();
        return Err(Failure::new("the request did not reach the actor").into());
    }
    // The removal is under way when the answer comes.
    let answers = thread::spawn(move || {
        thread::sleep(MOMENT);
        gate.open();
    });
    let removed = provider.remove(&actor).empty(OP_REMOVE_ACTOR);
    let _ = answers.join();
    removed?;
    let got = match client.join() {
        Ok(Ok(response)) if response.word(1) == "201" && response.body == b"answer" => {
            return Ok(());
        }
        Ok(Ok(response)) => response.shown(),
        Ok(Err(error)) => error.to_string(),
        Err(_) => String::from("no response"),
    };
    Err(Failure::new("the request was in flight when the actor was removed")
        .expected("the actor's reply, status 201")
        .got(got)
        .into())
}
