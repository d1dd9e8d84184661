//! `wasmcloud:httpclient`: requests that arrive whole, and those that cannot.

use provider_core::ErrorKind;
use serde_json::{Value, json};

use super::{call, loopback::Server, must_be};
use crate::{
    Check, Scope,
    lab::{Lab, Outcome, each, skip},
    payload,
    ports::free_port,
    protocol::Failure,
    wasmcloud::HTTP_CLIENT,
};

const OP: &str = "Request";
const RESPONSE: &str = "HTTP/1.1 201 Created\r\nX-Testkit: back\r\nContent-Length: 6\r\n\
                        Connection: close\r\n\r\nanswer";

fn row(id: &'static str, title: &'static str, rule: &'static str) -> Check {
    Check {
        id,
        title,
        rule,
        source: "the contract `wasmcloud:httpclient`",
        needs: &["links::bind"],
        scope: Scope::Contract(HTTP_CLIENT),
        ..Check::BLANK
    }
}

pub(super) fn checks() -> Vec<Check> {
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

fn request(method: &str, port: u16, body: &[u8]) -> Value {
    json!({
        "method": method,
        "url": format!("http://127.0.0.1:{port}/a/path?one=1"),
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
