//! `call`: every way that a call can end.

use std::{
    io::Write,
    process::{Output, Stdio},
};

use serde_json::json;

use crate::{
    command::{Ran, program, run},
    libraries::moods,
};

const ACTOR: &str = "MTESTACTORTESTACTORTESTACTORTESTACTORTESTACTORTESTACTORM";

fn call(arguments: &[&str]) -> Ran {
    let library = moods().to_str().expect("the path is UTF-8");
    run(["call", library].iter().chain(arguments))
}

#[test]
fn a_reply_is_json_in_the_order_of_the_request() {
    let request = r#"{"z":1,"a":{"$bytes":"AAEC"},"l":[-1,1.5,null,"é"],"b":true}"#;
    let ran = call(&["Echo", request]).ended_with(0);
    assert_eq!(ran.json().to_string(), request);
    assert_eq!(ran.err, "");
}

#[test]
fn a_request_may_come_from_standard_input_and_may_be_no_bytes() {
    let mut child = program()
        .args(["call", moods().to_str().unwrap(), "Echo", "-"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"[1, 2]").unwrap();
    let Output { status, stdout, .. } = child.wait_with_output().unwrap();
    assert_eq!(status.code(), Some(0));
    let value: serde_json::Value = serde_json::from_slice(&stdout).unwrap();
    assert_eq!(value, json!([1, 2]));
    assert_eq!(call(&["Echo"]).ended_with(0).out, "null\n");
    assert_eq!(call(&["Nothing", "-1"]).ended_with(0).out, "null\n");
}

#[test]
fn the_actor_is_linked_with_the_given_values_before_the_call() {
    let linked = call(&["Link", "--link", "A=b=c", "--link", "EMPTY="]).ended_with(0);
    assert_eq!(linked.json(), json!({ "module": ACTOR, "values": { "A": "b=c", "EMPTY": "" } }));
    let other = call(&["Link", "--actor", "MOTHER"]).ended_with(0);
    assert_eq!(other.json(), json!({ "module": "MOTHER", "values": {} }));
}

#[test]
fn the_host_itself_can_call_too() {
    let ran = call(&["HealthRequest", "--actor", "system"]).ended_with(0);
    assert_eq!(ran.json(), json!({ "healthy": true, "message": "" }));
}

#[test]
fn what_the_provider_sends_to_the_actor_is_shown_beside_the_reply() {
    let ran = call(&["Tell", r#"{"text":"hi"}"#]).ended_with(0);
    assert_eq!(ran.json(), json!(null));
    assert_eq!(ran.line(), format!(r#"dispatched: {ACTOR} Heard {{"text":"hi"}}"#));
}

#[test]
fn an_error_of_the_provider_is_one_harmless_line_with_its_kind() {
    let ran = call(&["Refuse", "{}"]).ended_with(1);
    assert_eq!(ran.line(), r"error: denied: not \u{1b}[31mtoday\nnor tomorrow");
    assert_eq!(ran.out, "");
    let ran = call(&["Nonsense"]).ended_with(1);
    assert_eq!(ran.line(), "error: unknown operation: no such operation");
    let ran = call(&["Ecko"]).ended_with(1);
    assert!(ran.err.ends_with("\nhelp: did you mean `Echo`?\n"), "{}", ran.err);
}

#[test]
fn a_reply_that_is_no_message_is_shown_as_bytes() {
    let ran = call(&["Garbage"]).ended_with(1);
    assert_eq!(ran.json(), json!({ "$bytes": "wQ==" }));
    assert!(ran.line().contains("is no message"), "{ran:?}");
}

#[test]
fn a_provider_that_crashes_hangs_or_exits_is_a_message() {
    for (arguments, expected) in
        [(&["Crash"][..], "SIGABRT"), (&["Exit"], "exit"), (&["Hang", "--timeout", "0.5"], "hang")]
    {
        let ran = call(arguments).ended_with(1);
        let first = ran.err.lines().next().unwrap();
        assert!(first.starts_with("error: "), "{first}");
        assert!(first.contains(expected), "{arguments:?}: {first}");
        assert_eq!(ran.out, "");
    }
}

#[test]
fn what_the_provider_logs_is_shown_as_far_as_it_is_asked_for() {
    for (verbose, levels) in [
        (&[][..], &[][..]),
        (&["-v"], &["error", "warn", "info"]),
        (&["-vv"], &["error", "warn", "info", "debug"]),
        (&["-vvv"], &["error", "warn", "info", "debug", "trace"]),
        (&["-v", "-v", "--verbose", "-v"], &["error", "warn", "info", "debug", "trace"]),
    ] {
        let ran = call(&[&["Say"], verbose].concat()).ended_with(0);
        assert_eq!(ran.out, "null\n");
        let said: Vec<&str> = ran.err.lines().collect();
        assert_eq!(said.len(), levels.len(), "{verbose:?}: {said:?}");
        for (line, level) in said.iter().zip(levels) {
            let rest =
                format!("s {level:<5} moods::say MTESTACTO…: in a \\u{{1b}}[31mmood tide=low");
            assert!(line.ends_with(&rest), "{line}");
        }
    }
    // What is above the level is not shown, whatever the provider does.
    let ran = call(&["Say", "{}", "-v"]).ended_with(0);
    assert_eq!(ran.err.lines().count(), 3, "{ran:?}");
}

#[test]
fn the_actor_of_a_record_is_shown_and_not_obeyed() {
    let ran = call(&["Say", "-v", "--actor", "M\u{9b}"]).ended_with(0);
    assert!(ran.err.contains(" M\\u{9b}: in a"), "{ran:?}");
}
