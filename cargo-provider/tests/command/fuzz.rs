//! `cargo provider fuzz`, and `check --reproduce`.

use std::{
    io::{BufRead, BufReader, Read},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};

use crate::command::{Ran, finish, program};

const TOKEN: &str = "life:bind0,change0,remove0,bind0";

fn ran(defect: &str, arguments: &[&str]) -> Ran {
    let mut command = program();
    command.env("FAULTY_DEFECT", defect).args(arguments);
    finish(&mut command)
}

#[test]
fn a_while_without_a_failure_is_success_with_the_calls_of_each_operation() {
    let ran = ran("", &["fuzz", "-p", "faulty", "--dev", "-d", "1s"]).ended_with(0);
    for part in
        ["BindActor ", "RemoveActor ", "HealthRequest ", "Echo ", "Nest ", "ok: ", "--seed 0x"]
    {
        assert!(ran.out.contains(part), "{part}: {}", ran.out);
    }
    assert!(ran.err.contains("fuzz: 1 round, "), "{}", ran.err);
}

#[test]
fn a_failure_ends_it_with_1_and_the_command_that_repeats_it() {
    let package = ["-p", "faulty", "--dev"];
    let found = ran("forgets-changed-actor", &[&["fuzz", "-d", "1h"][..], &package].concat());
    let found = found.ended_with(1);
    let again =
        format!("cargo provider check -p faulty --dev fuzz::lifecycle --reproduce {TOKEN}\n");
    assert!(found.out.contains(&again), "{}", found.out);
    assert!(found.out.contains("4. BindActor for actor A") && found.out.contains("\nfailed: "));
    for (defect, code) in [("forgets-changed-actor", 1), ("", 0)] {
        ran(defect, &[&["check", "--reproduce", TOKEN][..], &package].concat()).ended_with(code);
        ran(defect, &[&["fuzz", "--reproduce", TOKEN][..], &package].concat()).ended_with(code);
    }
}

#[test]
fn a_token_that_is_none_and_a_check_that_plays_no_token_are_refused() {
    for (arguments, part) in [
        (&["check", "--reproduce", "life:jump0"][..], "`jump0` is not understood"),
        (&["fuzz", "--reproduce", TOKEN, "--seed", "1"], "cannot be used with"),
        (&["fuzz", "-d", "10"], "a time like 30s, 10m or 1h"),
        (
            &["check", "-p", "faulty", "links::bind", "--reproduce", TOKEN],
            "`--reproduce` plays what `fuzz::lifecycle` found",
        ),
    ] {
        let ran = ran("", arguments).ended_with(2);
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    }
}

#[test]
fn an_interrupt_ends_it_with_130_and_what_was_found() {
    let mut child = program().args(["fuzz", "-p", "faulty", "--dev", "-d", "1h"]).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let first =
        lines.find(|line| line.as_ref().is_ok_and(|line| line.starts_with("fuzz: 1 round")));
    assert!(first.is_some(), "a round came to its end");
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let (send, ended) = std::sync::mpsc::channel();
    let mut out = child.stdout.take().unwrap();
    std::thread::spawn(move || {
        let mut text = String::new();
        let read = out.read_to_string(&mut text);
        let _ = send.send(read.map(|_| text));
    });
    let text = ended.recv_timeout(Duration::from_mins(1)).unwrap().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(
        text.contains("BindActor ") && text.contains("interrupted, nothing failed: "),
        "{text}"
    );
}
