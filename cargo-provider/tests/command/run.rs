//! `run`: a provider that is kept up, and every way that this can end.

use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Child, Output, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::{
    command::{Ran, program},
    libraries::moods,
};

const ACTOR: &str = "MTESTACTORTESTACTORTESTACTORTESTACTORTESTACTORTESTACTORM";

fn started(arguments: &[&str]) -> Child {
    let mut command = program();
    command.args(["run", moods().to_str().expect("the path is UTF-8")]).args(arguments);
    command.stdin(Stdio::piped()).spawn().expect("the program starts")
}

/// Runs it with `input`, to the end of both.
fn run(arguments: &[&str], input: &str) -> Ran {
    let mut child = started(arguments);
    // One that ended already reads no more.
    let _ = child.stdin.take().expect("it has a standard input").write_all(input.as_bytes());
    let Output { status, stdout, stderr } = child.wait_with_output().expect("it ends");
    let text = |bytes| String::from_utf8(bytes).expect("it writes UTF-8");
    Ran { code: status.code(), out: text(stdout), err: text(stderr) }
}

fn lines(out: &str) -> Vec<Value> {
    out.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

#[test]
fn each_line_is_a_call_and_each_reply_a_line() {
    let ran = run(
        &["--link", "A=b", "--actor", "MOTHER"],
        "# a comment\n\nEcho {\"z\": 1, \"a\": [2]}\nLink\nNothing\n  Garbage  \n",
    )
    .ended_with(0);
    let linked = json!({ "module": "MOTHER", "values": { "A": "b" } });
    let replies = [json!({ "z": 1, "a": [2] }), linked, json!(null), json!({ "$bytes": "wQ==" })];
    assert_eq!(lines(&ran.out), replies);
    assert!(ran.out.starts_with("{\"z\":1,\"a\":[2]}\n"), "{ran:?}");
    assert_eq!(ran.line(), "ready: moods 1.2.3 (test:moods)");
}

#[test]
fn a_call_that_fails_is_a_line_too_and_the_next_one_is_made() {
    let ran = run(&[], "Refuse\nEcho 1\n").ended_with(1);
    let refused = json!({ "kind": "denied", "message": "not \u{1b}[31mtoday\nnor tomorrow" });
    assert_eq!(lines(&ran.out), [json!({ "$error": refused }), json!(1)]);
}

#[test]
fn a_line_that_is_no_request_is_told_with_its_number_and_calls_nothing() {
    let ran = run(&[], "Echo {\nEcho 1\n").ended_with(1);
    assert_eq!(lines(&ran.out), [json!(1)]);
    assert!(ran.err.contains("error: line 1: the request of `Echo` is no JSON"), "{ran:?}");
}

#[test]
fn what_the_provider_sends_to_actors_is_shown_and_answered_as_told() {
    let ran = run(&["--reply", "Heard={\"well\": true}"], "Tell {\"text\":\"hi\"}\n").ended_with(0);
    assert_eq!(lines(&ran.out), [json!({ "well": true })]);
    let told = format!("dispatched: {ACTOR} Heard {{\"text\":\"hi\"}}\n");
    assert!(ran.err.ends_with(&told), "{ran:?}");
    let ran = run(&[], "Tell {}\n").ended_with(1);
    let message = "no answer is configured for `Heard`";
    let error = json!({ "$error": { "kind": "unavailable", "message": message } });
    assert_eq!(lines(&ran.out), [error]);
    assert!(ran.err.contains("give `--reply Heard=JSON`"), "{ran:?}");
}

#[test]
fn records_are_shown_as_they_come() {
    let ran = run(&["-v"], "Say\n").ended_with(0);
    let said: Vec<&str> = ran.err.lines().skip(1).collect();
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(said[2].ends_with("info  moods::say MTESTACTO…: in a \\u{1b}[31mmood tide=low"));
}

#[test]
fn a_provider_that_crashes_exits_or_hangs_at_the_end_is_a_message() {
    let ran = run(&[], "Echo 1\nCrash\nEcho 2\n").ended_with(1);
    assert_eq!(lines(&ran.out), [json!(1)]);
    assert!(ran.err.contains("error: crash: ") && ran.err.contains("SIGABRT"), "{ran:?}");
    let ran = run(&[], "Exit\n").ended_with(1);
    assert!(ran.err.contains("error: exit: "), "{ran:?}");
}

#[test]
fn answers_and_arguments_are_checked() {
    for wrong in [&["--reply", "Heard"][..], &["--reply", "Heard={"], &["--reply", "=1"]] {
        let ran = run(wrong, "").ended_with(2);
        assert!(ran.err.contains("--reply"), "{ran:?}");
    }
}

/// Starts it, and waits until it is ready.
fn ready(arguments: &[&str]) -> (Child, BufReader<std::process::ChildStderr>) {
    let mut child = started(arguments);
    let mut errors = BufReader::new(child.stderr.take().expect("it has a standard error"));
    let mut line = String::new();
    errors.read_line(&mut line).expect("it writes UTF-8");
    assert_eq!(line, "ready: moods 1.2.3 (test:moods)\n");
    (child, errors)
}

#[test]
fn an_interrupt_stops_the_provider_cleanly() {
    let (mut child, mut errors) = ready(&[]);
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    // The input has no end.
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let mut rest = String::new();
    errors.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
}

#[test]
fn who_interrupts_twice_does_not_wait_for_a_call_that_hangs() {
    let (mut child, mut errors) = ready(&["-v"]);
    let input = child.stdin.as_mut().unwrap();
    // When the second one has been said, the third one is being made, or is about to be.
    input.write_all(b"Say\nHang\n").unwrap();
    let mut line = String::new();
    errors.read_line(&mut line).unwrap();
    let pid = Pid::from_child(&child);
    kill_process(pid, Signal::INT).unwrap();
    // An interrupt that comes while the first one is handled may be the same one.
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        let _ = kill_process(pid, Signal::INT);
        std::thread::yield_now();
    };
    assert_eq!(status.code(), Some(130));
}
