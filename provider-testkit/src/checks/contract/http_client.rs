//! `wasmcloud:httpclient`: requests that arrive whole, those that cannot, and what a link allows.

use std::{
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use provider_core::{ErrorKind, ops::OP_BIND_ACTOR};
use serde_json::{Value, json};

use super::{
    call,
    loopback::{Message, Server},
    must_be,
};
use crate::{
    Check, Scope,
    check::Environment,
    lab::{self, Lab, Outcome, each, skip},
    payload,
    ports::free_port,
    protocol::Failure,
    subject::{Answer, Provider},
    wasmcloud::HTTP_CLIENT,
};

const OP: &str = "Request";
const RESPONSE: &str = "HTTP/1.1 201 Created\r\nX-Testkit: back\r\nContent-Length: 6\r\n\
                        Connection: close\r\n\r\nanswer";
/// How long a request may take that has a second.
const LONG: Duration = Duration::from_secs(5);

fn row(id: &'static str, title: &'static str, rule: &'static str) -> Check {
    Check {
        id,
        title,
        rule,
        source: "the contract `wasmcloud:httpclient`",
        needs: &["links::bind"],
        scope: Scope::Contract(HTTP_CLIENT),
        // The servers are here, wherever a proxy leads.
        environment: Environment::With(&[("NO_PROXY", "127.0.0.1"), ("no_proxy", "127.0.0.1")]),
        ..Check::BLANK
    }
}

pub(super) fn checks() -> Vec<Check> {
    [requests(), limits()].concat()
}

/// What arrives, and what cannot.
fn requests() -> Vec<Check> {
    vec![
        Check {
            why: "A request that loses its body is answered all the same: the actor believes that \
                  it changed something, and the server changed nothing or everything.",
            what: "sends a request with a body for each of six methods to a server on this \
                   machine, and reads the response",
            causes: &["a `match` over the methods leaves the body out of some arms"],
            fix: "set the body once, for whatever method",
            example: include_str!("../examples/httpclient-bodies.md"),
            run: bodies,
            ..row(
                "httpclient::bodies",
                "every method carries its body",
                "`Request {method, url, headers, body}` → `{statusCode, status, header, body}`. \
                 Every method carries its body.",
            )
        },
        Check {
            why: "An actor that reads a status where nobody answered takes an outage for an \
                  answer.",
            what: "sends a request to a port that nobody listens on",
            causes: &["every failure is turned into a response with status 500"],
            fix: "return the error",
            example: include_str!("../examples/httpclient-refused.md"),
            run: refused,
            ..row(
                "httpclient::refused",
                "a refused connection is an error",
                "A refused or timed-out connection is an error with its kind, not a status.",
            )
        },
    ]
}

/// What a link allows, and what responses may be.
fn limits() -> Vec<Check> {
    vec![
        Check {
            why: "A server that keeps silent keeps the actor, and with it whoever waits for the \
                  actor.",
            what: "sends a request with a `timeout` of a second to a server that never answers",
            causes: &["the link value is not read", "only connecting has a time limit"],
            fix: "limit the whole request, from its start to the end of the response",
            example: include_str!("../examples/httpclient-timeout.md"),
            run: times_out,
            ..row(
                "httpclient::timeout",
                "a server that never answers is an error in time",
                "`timeout` (seconds, 30). A refused or timed-out connection is an error with its \
                 kind, not a status.",
            )
        },
        Check {
            why: "An actor that is sent elsewhere arrives with what it had to say, or believes \
                  that it did.",
            what: "sends requests to a server that answers 303 and 307",
            causes: &[
                "redirects are left to the actor",
                "the body is gone after the first request",
            ],
            fix: "follow them; 307 and 308 repeat the method and the body, 303 goes on with `GET`",
            example: include_str!("../examples/httpclient-redirects.md"),
            run: redirects,
            ..row(
                "httpclient::redirects",
                "redirects are followed",
                "`max_redirects` (10): how many redirects of a request are followed. 303 continues \
                 with `GET` and without a body; 307 is repeated with its body.",
            )
        },
        Check {
            why: "Two servers that point at each other keep a provider busy for as long as nobody \
                  counts.",
            what: "sends a request with `max_redirects` of 3 to a server that redirects for ever",
            causes: &["the link value is not read", "redirects are followed without an end"],
            fix: "count them, and return an error after the last one that is allowed",
            example: include_str!("../examples/httpclient-redirect-loop.md"),
            run: redirect_loop,
            ..row(
                "httpclient::redirect-loop",
                "redirects end at the link's limit with an error",
                "`max_redirects` (10): how many redirects of a request are followed.",
            )
        },
        Check {
            why: "A server decides how long its response is. Without a limit it decides how much \
                  memory the host has left.",
            what: "asks for bodies of as many bytes as `max_body_bytes` allows, and of one more, \
                   with and without their length in a header",
            causes: &["the link value is not read", "only `content-length` is compared"],
            fix: "count while the body is read, and stop with an error",
            example: include_str!("../examples/httpclient-max-body.md"),
            run: max_body,
            ..row(
                "httpclient::max-body",
                "a body above the link's limit is an error",
                "`max_body_bytes`: the longest body of a response.",
            )
        },
        Check {
            why: "A header's bytes may be anything. A value that was made to text by force is \
                  another value, and nobody can tell.",
            what: "asks for a response with a header that is not UTF-8",
            causes: &["the value is read with replacement characters", "the header is left out"],
            fix: "write such a value in base64, after `base64:`",
            example: include_str!("../examples/httpclient-header-bytes.md"),
            run: header_bytes,
            ..row(
                "httpclient::header-bytes",
                "a header that is not UTF-8 is base64",
                "Non-UTF-8 header values are base64 with the prefix `base64:`.",
            )
        },
    ]
}

/// A provider with an actor that is linked with these values too.
fn linked_with(lab: &mut Lab, extra: &[(&str, &str)]) -> Outcome<(Provider, String)> {
    let provider = lab.configured()?;
    let actor = lab::actor(0);
    let mut values = lab.values(&actor);
    values.extend(extra.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
    provider.bind(&actor, &values).empty(OP_BIND_ACTOR)?;
    Ok((provider, actor))
}

fn serving(answer: impl Fn(&Message) -> Option<Vec<u8>> + Send + 'static) -> Outcome<Server> {
    Server::answering(answer).map_err(|error| skip(format!("no server can be started: {error}")))
}

/// A response with this head, whose lines have `\n` between them. It is the connection's last one.
fn response(head: &str, body: &[u8]) -> Vec<u8> {
    let head = head.replace('\n', "\r\n");
    [format!("HTTP/1.1 {head}\r\nConnection: close\r\n\r\n").as_bytes(), body].concat()
}

fn request(method: &str, port: u16, body: &[u8]) -> Value {
    request_of(method, port, "/a/path?one=1", body)
}

fn request_of(method: &str, port: u16, path: &str, body: &[u8]) -> Value {
    json!({
        "method": method,
        "url": format!("http://127.0.0.1:{port}{path}"),
        "headers": {"x-testkit": "there"},
        "body": payload::bytes(body),
    })
}

fn bodies(lab: &mut Lab) -> Outcome {
    let (provider, actor) = lab.linked()?;
    let server = Server::new(RESPONSE)
        .map_err(|error| skip(format!("no server can be started: {error}")))?;
    each(&lab.reporter, ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "GET"], |_, method| {
        let body = format!("body of {method}");
        let answer = call(&provider, &actor, OP, &request(method, server.port, body.as_bytes()));
        let expected = json!({"statusCode": 201, "body": payload::bytes(b"answer")});
        must_be(&answer, OP, &expected, "the response is not the server's")?;
        let Some(came) = server.next() else {
            return Err(Failure::new("the server was never asked").into());
        };
        let there = came.headers.get("x-testkit").map(String::as_str);
        if came.start.starts_with(&format!("{method} /a/path?one=1 "))
            && came.body == body.as_bytes()
            && there == Some("there")
        {
            return Ok(());
        }
        Err(Failure::new(format!("a `{method}` arrives as something else"))
            .expected(format!("{method} /a/path?one=1, x-testkit: there, body {body:?}"))
            .got(format!("{}, x-testkit: {there:?}", came.shown()))
            .into())
    })
}

fn refused(lab: &mut Lab) -> Outcome {
    let (provider, actor) = lab.linked()?;
    let answer = call(&provider, &actor, OP, &request("GET", free_port(), b""));
    answer.refused("a request to a port that nobody listens on")?;
    match answer.kind() {
        Some(ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::Failed) => Ok(()),
        _ => Err(Failure::new("the error is of a kind that says something else")
            .expected(format!("Err({})", ErrorKind::Unavailable))
            .got(answer.shown())
            .into()),
    }
}

/// Calls on a thread of its own, with signs of life: the answer, if it comes in time.
fn in_time(lab: &Lab, provider: &Provider, actor: &str, request: Value) -> Outcome<Answer> {
    const MOMENT: Duration = Duration::from_millis(100);
    let (tell, told) = mpsc::channel();
    let (caller, actor) = (provider.clone(), actor.to_owned());
    let call = thread::Builder::new().name("testkit-call".into()).spawn(move || {
        // Nobody waits for it any more after a failure.
        let _ = tell.send(super::call(&caller, &actor, OP, &request));
    });
    call.map_err(|error| skip(format!("no thread can be started: {error}")))?;
    let (began, limit) = (Instant::now(), lab.patience(LONG));
    loop {
        match told.recv_timeout(MOMENT) {
            Ok(answer) => return Ok(answer),
            Err(RecvTimeoutError::Timeout) if began.elapsed() < limit => provider.pulse(),
            Err(_) => {
                let text = "a request whose `timeout` is a second goes on and on";
                let got = format!("no answer within {limit:?}");
                return Err(Failure::new(text).expected("an error after a second").got(got).into());
            }
        }
    }
}

fn times_out(lab: &mut Lab) -> Outcome {
    let (provider, actor) = linked_with(lab, &[("timeout", "1")])?;
    let server = serving(|_| None)?;
    let answer = in_time(lab, &provider, &actor, request("GET", server.port, b""))?;
    answer.refused("a request that nobody answers")?;
    match answer.kind() {
        Some(ErrorKind::Timeout | ErrorKind::Failed) => Ok(()),
        _ => Err(Failure::new("the error is of a kind that says something else")
            .expected(format!("Err({})", ErrorKind::Timeout))
            .got(answer.shown())
            .into()),
    }
}

fn redirects(lab: &mut Lab) -> Outcome {
    let (provider, actor) = linked_with(lab, &[])?;
    let server = serving(|message| {
        Some(match message.word(1).strip_prefix("/to/") {
            Some(status) => {
                response(&format!("{status} Elsewhere\nLocation: /end\nContent-Length: 0"), b"")
            }
            None => response("200 OK\nContent-Length: 3", b"end"),
        })
    })?;
    each(
        &lab.reporter,
        [("303", "GET", ""), ("307", "POST", "body")],
        |_, (status, method, body)| {
            let request = request_of("POST", server.port, &format!("/to/{status}"), b"body");
            let answer = call(&provider, &actor, OP, &request);
            let expected = json!({"statusCode": 200, "body": payload::bytes(b"end")});
            must_be(
                &answer,
                OP,
                &expected,
                "the response is not that of where the redirect leads",
            )?;
            let came = server.came();
            let Some(last) = came.last() else {
                return Err(Failure::new("the server was never asked").into());
            };
            if (last.word(0), last.word(1), &last.body[..]) == (method, "/end", body.as_bytes()) {
                return Ok(());
            }
            Err(Failure::new(format!("after a {status} the request is another one"))
                .expected(format!("{method} /end, body {body:?}"))
                .got(last.shown())
                .into())
        },
    )
}

fn redirect_loop(lab: &mut Lab) -> Outcome {
    const MOST: usize = 3;
    let (provider, actor) = linked_with(lab, &[("max_redirects", &MOST.to_string())])?;
    let server =
        serving(|_| Some(response("302 Found\nLocation: /again\nContent-Length: 0", b"")))?;
    let answer = call(&provider, &actor, OP, &request("GET", server.port, b""));
    answer.refused("a redirect without an end")?;
    let came = server.came().len();
    if came <= MOST + 1 {
        return Ok(());
    }
    Err(Failure::new("more redirects are followed than the link allows")
        .expected(format!("a request and {MOST} redirects"))
        .got(format!("a request and {} redirects", came - 1))
        .into())
}

fn max_body(lab: &mut Lab) -> Outcome {
    const MOST: usize = 1000;
    let (provider, actor) = linked_with(lab, &[("max_body_bytes", &MOST.to_string())])?;
    let server = serving(|message| {
        let (kind, length) = message.word(1).trim_start_matches('/').split_once('/')?;
        let body = vec![b'x'; length.parse().ok()?];
        Some(match kind {
            "length" => response(&format!("200 OK\nContent-Length: {length}"), &body),
            _ => response("200 OK", &body),
        })
    })?;
    let cases = [("length", MOST), ("length", MOST + 1), ("open", MOST), ("open", MOST + 1)];
    each(&lab.reporter, cases, |_, (kind, length)| {
        let request = request_of("GET", server.port, &format!("/{kind}/{length}"), b"");
        let answer = call(&provider, &actor, OP, &request);
        if length > MOST {
            return answer.refused(&format!("a body of {length} bytes, where {MOST} are allowed,"));
        }
        let expected = json!({"statusCode": 200, "body": payload::bytes(&vec![b'x'; length])});
        must_be(&answer, OP, &expected, "a body that is as long as it may be is another one")
    })
}

fn header_bytes(lab: &mut Lab) -> Outcome {
    let (provider, actor) = linked_with(lab, &[])?;
    let server = serving(|_| {
        let head = b"HTTP/1.1 200 OK\r\nX-Testkit: \xff\x80\r\nContent-Length: 0\r\n";
        Some([&head[..], b"Connection: close\r\n\r\n"].concat())
    })?;
    let answer = call(&provider, &actor, OP, &request("GET", server.port, b""));
    let expected = json!({"statusCode": 200, "header": {"x-testkit": "base64:/4A="}});
    must_be(&answer, OP, &expected, "a header that is not UTF-8 arrives as something else")
}
