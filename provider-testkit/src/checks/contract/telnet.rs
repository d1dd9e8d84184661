//! `wasmcloud:telnet`: sessions, and their end.

use std::{
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    time::{Duration, Instant},
};

use provider_core::ops::{OP_BIND_ACTOR, OP_REMOVE_ACTOR};
use serde_json::{Value, json};

use super::{call, differs, loopback, must_be, reply};
use crate::{
    Check, Scope,
    lab::{Halt, Lab, Outcome, actor, skip},
    payload,
    ports::free_port,
    protocol::Failure,
    session::Dispatched,
    subject::{Provider, Values},
    wasmcloud::TELNET,
};

/// What begins a command of the protocol.
const IAC: u8 = 255;
const WILL: u8 = 251;
const WONT: u8 = 252;
const DO: u8 = 253;
const DONT: u8 = 254;
const SB: u8 = 250;
const SE: u8 = 240;
const NAWS: u8 = 31;
/// An option that there is not.
const NONE: u8 = 200;

/// How long a call of the actor is waited for.
const SOON: Duration = Duration::from_millis(1500);
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
    [of_sessions(), of_lines()].concat()
}

fn of_sessions() -> Vec<Check> {
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
        Check {
            why: "An actor that is told that a text was sent believes it. One that can send to the \
                  sessions of others talks to people who never connected to it.",
            what: "sends a text to a session that there is not, and one to another actor's session",
            causes: &["sessions are kept for all actors together", "the reply is always a success"],
            fix: "look for the session among those of the calling actor's link",
            example: include_str!("../examples/telnet-no-session.md"),
            needs: &["telnet::session"],
            run: no_session,
            ..row(
                "telnet::no-session",
                "`SendText` to a session that is none of the actor's is refused in its reply",
                "`SendText` replies `{success: false, error}` for a session that is none of the \
                 calling actor's.",
            )
        },
        Check {
            why: "An operator who is told that a link is fine looks for the fault everywhere but \
                  at the port that somebody else has.",
            what: "links an actor to a port that is taken, then to the same one when it is free",
            causes: &["the socket is opened on a thread of its own after the bind answered"],
            fix: "bind the socket in `link`, and hand the listener to the thread",
            example: include_str!("../examples/telnet-port-taken.md"),
            needs: &["telnet::session"],
            run: port_taken,
            ..row(
                "telnet::port-taken",
                "the bind fails when the port is taken",
                "The bind succeeds when the socket listens, and fails with the reason when it \
                 cannot.",
            )
        },
    ]
}

fn of_lines() -> Vec<Check> {
    vec![
        Check {
            why: "Clients differ in what they send for the same key. A user whose lines never end, \
                  or end twice, has a session that does nothing he understands.",
            what: "sends lines that end with CR LF, CR NUL and LF, and an empty one",
            causes: &["one end of a line is known only", "CR and LF are an end each"],
            fix: "take CR LF, CR NUL and LF for the end of a line, each for one",
            example: include_str!("../examples/telnet-lines.md"),
            needs: &["telnet::session"],
            run: lines,
            ..row(
                "telnet::lines",
                "CR LF, CR NUL and LF end a line",
                "`ReceiveText` comes once a line, without its end (CR LF, CR NUL, LF).",
            )
        },
        Check {
            why: "Most clients begin to negotiate by themselves. What they send is no text: an \
                  actor that gets it as such sees commands that nobody typed, and a client that \
                  is not answered may wait.",
            what: "asks for and offers an option that there is not, offers the window's size and \
                   sends it, all in the middle of a line",
            causes: &["bytes of the protocol are taken for text", "nothing is ever answered"],
            fix: "take commands out before lines are made, and refuse every option that is not \
                  known",
            example: include_str!("../examples/telnet-options.md"),
            needs: &["telnet::session"],
            run: options,
            ..row(
                "telnet::options",
                "options are answered and are no part of a line",
                "Option negotiation (ECHO, SGA, NAWS, TTYPE) is answered, and a client that can do \
                 none of it still works.",
            )
        },
        Check {
            why: "Actors of the older contract answer with a boolean. Where their reply counts as \
                  an error, their sessions end before anything is typed.",
            what: "lets the actor answer `true` to everything, and types two lines",
            causes: &["the reply is read as a map only"],
            fix: "read a boolean as `success`",
            example: include_str!("../examples/telnet-bare-reply.md"),
            needs: &["telnet::session"],
            run: bare_reply,
            ..row(
                "telnet::bare-reply",
                "an actor may answer with a boolean",
                "A bare `true`/`false` reply of the older contract is understood.",
            )
        },
    ]
}

/// A linked actor with an open session.
struct Opened {
    client: TcpStream,
    actor: String,
    session: Value,
    port: u16,
    /// What the client saw so far.
    seen: Vec<u8>,
}

impl Opened {
    fn new(lab: &mut Lab, provider: &Provider, number: u32) -> Outcome<Self> {
        let good = payload::encode(&json!({"success": true, "error": null})).unwrap_or_default();
        lab.recorder.answer(move |_| Ok(good.clone()));
        Self::at(lab, provider, number, free_port())
    }

    fn at(lab: &mut Lab, provider: &Provider, number: u32, port: u16) -> Outcome<Self> {
        let actor = actor(number);
        let values = values(lab, &actor, port);
        provider.bind(&actor, &values).empty(OP_BIND_ACTOR)?;
        let client = loopback::connect(port).map_err(|error| {
            Failure::new(format!("port {port} cannot be connected to"))
                .expected("a session")
                .got(error.to_string())
        })?;
        let started = came(lab, &actor, "SessionStarted")?;
        Ok(Self { client, actor, session: started["session"].clone(), port, seen: Vec::new() })
    }

    fn types(&mut self, bytes: &[u8]) -> Outcome {
        self.client.write_all(bytes).map_err(ended)
    }
}

fn values(lab: &mut Lab, actor: &str, port: u16) -> Values {
    let mut values = lab.values(actor);
    values.insert("PORT".into(), port.to_string());
    values.insert("MOTD".into(), "testkit says welcome".into());
    values
}

#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn ended(error: io::Error) -> Halt {
    Failure::new(format!("the session ended: {error}")).into()
}

/// What the actor was called with.
fn came(lab: &Lab, actor: &str, op: &str) -> Outcome<Value> {
    let mut messages = all(lab, actor, op, 1)?;
    Ok(messages.swap_remove(0))
}

/// What the actor was called with, `count` times at least.
fn all(lab: &Lab, actor: &str, op: &str, count: usize) -> Outcome<Vec<Value>> {
    let wanted = |message: &Dispatched| message.op == op && message.actor == actor;
    let messages = lab
        .recorder
        .wait(SOON, |messages| messages.iter().filter(|message| wanted(message)).count() >= count);
    let found: Vec<Value> = messages
        .iter()
        .filter(|message| wanted(message))
        .map(|message| payload::decode(&message.msg).unwrap_or_default())
        .collect();
    if found.len() >= count {
        return Ok(found);
    }
    let ops: Vec<&str> = messages.iter().map(|message| message.op.as_str()).collect();
    let calls = if count == 1 { "a call".to_owned() } else { format!("{count} calls") };
    Err(Failure::new(format!("the actor is not called with `{op}`"))
        .expected(format!("{calls} of `{op}`"))
        .got(format!("{ops:?}"))
        .into())
}

/// The lines that came must be these.
fn must_come(lab: &Lab, opened: &Opened, expected: &[&str]) -> Outcome {
    let came = all(lab, &opened.actor, "ReceiveText", expected.len())?;
    let texts: Vec<&Value> = came.iter().map(|message| &message["text"]).collect();
    if texts == expected {
        return Ok(());
    }
    Err(differs("the actor gets other lines", &json!(expected), &json!(texts)))
}

fn session(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    let mut opened = Opened::new(lab, &provider, 0)?;
    for part in ["loo", "k around\r\n"] {
        opened.types(part.as_bytes())?;
        // Two writes that would be one packet are no two parts.
        std::thread::sleep(Duration::from_millis(20));
    }
    let Opened { mut client, actor, session, .. } = opened;
    let expected = json!({"session": session, "text": "look around"});
    let text = came(lab, &actor, "ReceiveText")?;
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
    let Opened { mut client, actor, port, .. } = Opened::new(lab, &provider, 0)?;
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
    loopback::must_be_free(port)
}

fn lines(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    let mut opened = Opened::new(lab, &provider, 0)?;
    opened.types(b"one\r\ntwo\r\0\r\nthree\nfour\r\n")?;
    must_come(lab, &opened, &["one", "two", "", "three", "four"])
}

fn options(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    let mut opened = Opened::new(lab, &provider, 0)?;
    opened.types(b"lo")?;
    opened.types(&[IAC, DO, NONE, IAC, WILL, NONE, IAC, WILL, NAWS])?;
    opened.types(&[IAC, SB, NAWS, 0, 80, 0, 24, IAC, SE])?;
    opened.types(b"ok\r\n")?;
    must_come(lab, &opened, &["look"])?;
    for (refusal, what) in [
        ([IAC, WONT, NONE], "asks for an option that there is not"),
        ([IAC, DONT, NONE], "offers an option that there is not"),
    ] {
        // They come in any order, beside what the server may ask by itself.
        loopback::read_on(&mut opened.client, &refusal, &mut opened.seen);
        if !loopback::contains(&opened.seen, &refusal) {
            return Err(Failure::new(format!("a client that {what} is not answered"))
                .expected(format!("{refusal:?}"))
                .got(format!("{:?}", opened.seen))
                .into());
        }
    }
    Ok(())
}

fn no_session(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    let mut opened = Opened::new(lab, &provider, 0)?;
    let other = Opened::new(lab, &provider, 1)?;
    for (session, what) in [
        (json!("testkit-none"), "a session that there is not"),
        (opened.session.clone(), "another actor's session"),
    ] {
        let request = json!({"session": session, "text": "for nobody"});
        let answer = call(&provider, &other.actor, "SendText", &request);
        let got = reply(&answer, "SendText")?;
        let reason = got["error"].as_str().is_some_and(|reason| !reason.is_empty());
        if got["success"] != false || !reason {
            let expected = json!({"success": false, "error": "the reason"});
            return Err(differs(&format!("a text for {what} is not refused"), &expected, &got));
        }
    }
    let request = json!({"session": opened.session, "text": "a dark room$"});
    let answer = call(&provider, &opened.actor, "SendText", &request);
    must_be(&answer, "SendText", &json!({"success": true}), "the text was not sent")?;
    let seen = loopback::read_until(&mut opened.client, "a dark room$");
    let seen = String::from_utf8_lossy(&seen);
    if !seen.contains("for nobody") {
        return Ok(());
    }
    Err(Failure::new("the client sees a text that was refused")
        .expected("no such text")
        .got(format!("{seen:?}"))
        .into())
}

fn bare_reply(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    let yes = payload::encode(&json!(true)).unwrap_or_default();
    lab.recorder.answer(move |_| Ok(yes.clone()));
    let mut opened = Opened::at(lab, &provider, 0, free_port())?;
    // A session that was ended takes no more, now or at the next line.
    opened.types(b"one\r\n")?;
    must_come(lab, &opened, &["one"])?;
    opened.types(b"two\r\n")?;
    must_come(lab, &opened, &["one", "two"])
}

fn port_taken(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    let taken = TcpListener::bind(("127.0.0.1", 0))
        .map_err(|error| skip(format!("no port can be taken: {error}")))?;
    let port = taken.local_addr().map_or(0, |address| address.port());
    let values = values(lab, &actor(0), port);
    provider.bind(&actor(0), &values).refused("a link to a port that is taken")?;
    drop(taken);
    Opened::at(lab, &provider, 0, port).map(drop)
}
