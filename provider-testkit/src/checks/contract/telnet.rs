//! `wasmcloud:telnet`: sessions, and their end.

use std::{
    io::{Read, Write},
    time::{Duration, Instant},
};

use provider_core::ops::{OP_BIND_ACTOR, OP_REMOVE_ACTOR};
use serde_json::{Value, json};

use super::{SOON, call, differs, loopback, must_be};
use crate::{
    Check, Scope,
    lab::{Lab, Outcome, actor},
    payload,
    ports::free_port,
    protocol::Failure,
    subject::Provider,
    wasmcloud::TELNET,
};

/// What `RemoveActor` may take, the machine's own delays included.
const REMOVED_WITHIN: Duration = Duration::from_millis(1500);

fn row(id: &'static str, title: &'static str, rule: &'static str) -> Check {
    Check {
        id,
        title,
        rule,
        source: "the contract `wasmcloud:telnet`",
        needs: &["links::bind"],
        scope: Scope::Contract(TELNET),
        ..Check::BLANK
    }
}

pub(super) fn checks() -> Vec<Check> {
    vec![
        Check {
            why: "An actor works line by line. Halves of lines, or ends of lines within them, are \
                  commands that it does not know.",
            what: "opens a session, sends a line in two parts, and lets the actor send a text back",
            causes: &["what a read returns is taken for a line", "the line's end stays in it"],
            fix: "collect until the line's end, and send without it",
            example: include_str!("../examples/telnet-session.md"),
            run: session,
            ..row(
                "telnet::session",
                "a line reaches the actor and a text the client",
                "`ReceiveText` comes once a line, without its end; nothing is added to `SendText`.",
            )
        },
        Check {
            why: "A host removes an actor and waits. Where an open session keeps it waiting, it \
                  can neither stop nor start anything any more.",
            what: "opens a session and removes the actor; the client must be cut off and the port \
                   free",
            causes: &["the thread that reads from the client is waited for and never woken"],
            fix: "shut the session's socket down before its thread is joined",
            example: include_str!("../examples/telnet-remove.md"),
            needs: &["telnet::session"],
            run: remove,
            ..row(
                "telnet::remove",
                "`RemoveActor` ends an open session within a second",
                "`RemoveActor` closes sessions and listener and returns within a second.",
            )
        },
    ]
}

/// A linked actor with an open session: its client, the actor, the session's name and the port.
fn open(lab: &mut Lab, provider: &Provider) -> Outcome<(std::net::TcpStream, String, Value, u16)> {
    let actor = actor(0);
    let port = free_port();
    let mut values = lab.values(&actor);
    values.insert("PORT".into(), port.to_string());
    values.insert("MOTD".into(), "testkit says welcome".into());
    let good = payload::encode(&json!({"success": true, "error": null})).unwrap_or_default();
    lab.recorder.answer(move |_| Ok(good.clone()));
    provider.bind(&actor, &values).empty(OP_BIND_ACTOR)?;
    let client = loopback::connect(port).map_err(|error| {
        Failure::new(format!("port {port} cannot be connected to"))
            .expected("a session")
            .got(error.to_string())
    })?;
    let started = came(lab, "SessionStarted")?;
    Ok((client, actor, started["session"].clone(), port))
}

/// What the actor was called with.
fn came(lab: &Lab, op: &str) -> Outcome<Value> {
    let messages =
        lab.recorder.wait(SOON, |messages| messages.iter().any(|message| message.op == op));
    let Some(message) = messages.iter().find(|message| message.op == op) else {
        let ops: Vec<&str> = messages.iter().map(|message| message.op.as_str()).collect();
        return Err(Failure::new(format!("the actor is not called with `{op}`"))
            .expected(format!("a call of `{op}`"))
            .got(format!("{ops:?}"))
            .into());
    };
    Ok(payload::decode(&message.msg).unwrap_or_default())
}

fn session(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    let (mut client, actor, session, _) = open(lab, &provider)?;
    for part in ["loo", "k around\r\n"] {
        client
            .write_all(part.as_bytes())
            .map_err(|error| Failure::new(format!("the session ended: {error}")))?;
        // Two writes that would be one packet are no two parts.
        std::thread::sleep(Duration::from_millis(20));
    }
    let expected = json!({"session": session, "text": "look around"});
    let text = came(lab, "ReceiveText")?;
    if text["session"] != session || text["text"] != "look around" {
        return Err(differs("the actor gets another text", &expected, &text));
    }
    let request = json!({"session": session, "text": "a dark room$"});
    let answer = call(&provider, &actor, "SendText", &request);
    must_be(&answer, "SendText", &json!({"success": true}), "the text was not sent")?;
    let seen = loopback::read_until(&mut client, "a dark room$");
    let seen = String::from_utf8_lossy(&seen).into_owned();
    if seen.ends_with("a dark room$") && seen.contains("testkit says welcome") {
        return Ok(());
    }
    Err(Failure::new("the client does not see what was sent")
        .expected("the text of `MOTD`, then \"a dark room$\"")
        .got(format!("{seen:?}"))
        .into())
}

fn remove(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    let (mut client, actor, _, port) = open(lab, &provider)?;
    let began = Instant::now();
    provider.remove(&actor).empty(OP_REMOVE_ACTOR)?;
    let took = began.elapsed();
    if took > REMOVED_WITHIN {
        return Err(Failure::new("`RemoveActor` took too long")
            .expected("within a second")
            .got(format!("{} ms", took.as_millis()))
            .into());
    }
    let mut rest = Vec::new();
    if let Err(error) = client.read_to_end(&mut rest)
        && matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut)
    {
        return Err(Failure::new("the session is still open after `RemoveActor`").into());
    }
    if loopback::is_free(port) {
        return Ok(());
    }
    Err(Failure::new("`RemoveActor` returned and the port is still taken")
        .expected(format!("port {port} can be listened on"))
        .got("address in use")
        .into())
}
