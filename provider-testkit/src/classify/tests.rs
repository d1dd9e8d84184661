use std::{io::Write, time::Duration};

use super::*;
use crate::ThreadState;

fn evidence(ended: Option<Ended>, exit: Exit, stderr: &str) -> Evidence {
    let mut evidence =
        Evidence { hello: true, bye: true, ended, exit: Some(exit), ..Evidence::default() };
    evidence.steps.push(Step {
        seq: 1,
        call: "stop".into(),
        args: String::new(),
        nth: None,
        outcome: None,
    });
    evidence.stderr.write_all(stderr.as_bytes()).unwrap();
    evidence.stderr.end();
    evidence
}

fn judged(evidence: &Evidence) -> (Verdict, String) {
    let (verdict, words) = judge(evidence);
    (verdict, words.summary)
}

fn crash(signal: &str) -> Verdict {
    Verdict::Crash { signal: signal.into() }
}

const PANIC: &str = "thread '<unnamed>' (1) panicked at src/lib.rs:4:5:\nboom\n";

#[test]
fn a_hang_comes_before_everything_else_and_says_what_the_threads_do() {
    let mut hung = evidence(None, Exit::Signal(9), PANIC);
    hung.expired = Some(Duration::from_secs(10));
    hung.garbage = Some(Garbage::TooManyLines);
    let thread = |state: &str, syscall: &str| ThreadState {
        comm: "main".into(),
        state: state.into(),
        wchan: String::new(),
        syscall: syscall.into(),
        place: None,
    };
    hung.threads = vec![thread("S (sleeping)", "futex")];
    let (verdict, summary) = judged(&hung);
    assert_eq!(verdict, Verdict::Hang { hang: Hang::Deadlock });
    assert_eq!(
        summary,
        "`stop` did not return within 10 s: all of its threads sleep, the first one in `futex`"
    );
    hung.threads.push(thread("R (running)", ""));
    assert_eq!(judged(&hung).0, Verdict::Hang { hang: Hang::Spin });
}

#[test]
fn a_death_without_a_verdict_is_a_crash_and_its_last_words_refine_it() {
    let judged = |signal, stderr: &str| judged(&evidence(None, Exit::Signal(signal), stderr));
    assert_eq!(judged(11, ""), (crash("SIGSEGV"), "SIGSEGV during `stop`".into()));
    let (verdict, summary) = judged(6, "free(): invalid pointer\n");
    assert_eq!(verdict, crash("SIGABRT"));
    assert!(summary.contains("heap is corrupt"), "{summary}");
    let (verdict, summary) = judged(
        6,
        &format!("{PANIC}fatal runtime error: Rust cannot catch foreign exceptions, aborting\n"),
    );
    assert_eq!(verdict, Verdict::Panic);
    assert!(summary.contains("src/lib.rs:4:5: boom") && summary.contains("crossed"), "{summary}");
    assert!(judged(6, "").1.contains("without a word"));
}

#[test]
fn an_exit_without_a_verdict_is_the_providers_even_with_zero() {
    assert_eq!(
        judged(&evidence(None, Exit::Code(0), "")),
        (
            Verdict::Exit { code: 0 },
            "the provider ended the process with exit code 0 during `stop`".into()
        )
    );
    let mut never = evidence(None, Exit::Code(0), "");
    never.hello = false;
    assert_eq!(judged(&never).0, Verdict::Error);
}

#[test]
fn what_comes_after_the_verdict_counts() {
    let judged = |exit| judged(&evidence(Some(Ended::Pass), exit, "")).0;
    assert_eq!(judged(Exit::Code(0)), Verdict::Pass);
    assert_eq!(judged(Exit::Signal(11)), Verdict::CrashAfterVerdict);
    assert_eq!(judged(Exit::Code(3)), Verdict::CrashAfterVerdict);
    assert_eq!(judged(Exit::Code(LOST)), Verdict::Fail);
    let silent = Evidence { bye: false, ..evidence(Some(Ended::Pass), Exit::Code(0), "") };
    assert_eq!(super::judge(&silent).0, Verdict::CrashAfterVerdict);
}

#[test]
fn a_failure_stays_a_failure_when_the_process_dies_later() {
    let failed = Ended::Fail(Failure::new("wrong"));
    assert_eq!(
        judged(&evidence(Some(failed), Exit::Signal(11), "")),
        (Verdict::Fail, "wrong".into())
    );
}

#[test]
fn a_panic_turns_a_pass_a_skip_and_a_failure_into_a_panic() {
    let skip = Ended::Skip { reason: "r".into() };
    for ended in [Ended::Pass, skip, Ended::Fail(Failure::new("wrong"))] {
        let (verdict, summary) = judged(&evidence(Some(ended), Exit::Code(0), PANIC));
        assert_eq!(verdict, Verdict::Panic);
        assert!(summary.contains("src/lib.rs:4:5"), "{summary}");
    }
    let mut said = evidence(Some(Ended::Pass), Exit::Code(0), "");
    said.findings.push((true, "it said so".into()));
    assert_eq!(judged(&said), (Verdict::Panic, "it said so".into()));
}

#[test]
fn findings_and_processes_left_behind_turn_a_pass_into_a_failure() {
    let mut found = evidence(Some(Ended::Pass), Exit::Code(0), "");
    found.findings.push((false, "it called nobody".into()));
    assert_eq!(judged(&found), (Verdict::Fail, "it called nobody".into()));
    let mut left = evidence(Some(Ended::Pass), Exit::Code(0), "");
    left.left.push("sleep (7)".into());
    assert!(judged(&left).1.contains("sleep (7)"));
    // What found out that it does not apply never stopped the provider.
    left.ended = Some(Ended::Skip { reason: "r".into() });
    assert_eq!(judged(&left), (Verdict::Skipped { reason: "r".into() }, "r".into()));
}

#[test]
fn garbage_and_our_own_panics_are_errors_but_a_cut_off_line_of_a_dead_worker_is_not() {
    let mut garbage = evidence(None, Exit::Code(0), "");
    garbage.garbage = Some(Garbage::NotARecord("x".into()));
    assert_eq!(judged(&garbage).0, Verdict::Error);
    garbage.garbage = Some(Garbage::Foreign("x".into()));
    let (verdict, summary) = judged(&garbage);
    assert_eq!(verdict, Verdict::Fail);
    assert!(summary.contains("not its own, during `stop`"), "{summary}");
    garbage.hello = false;
    assert_eq!(judged(&garbage).0, Verdict::Error);
    let mut cut = evidence(None, Exit::Signal(11), "");
    cut.garbage = Some(Garbage::Unfinished("{".into()));
    assert_eq!(judged(&cut).0, crash("SIGSEGV"));
    let mut broken = evidence(None, Exit::Code(4), "");
    broken.broken = Some("oops".into());
    assert_eq!(judged(&broken).0, Verdict::Error);
}

#[test]
fn one_that_is_not_done_and_gives_signs_of_life_is_slow_and_in_no_deadlock() {
    let mut slow = evidence(None, Exit::Signal(9), "");
    (slow.expired, slow.busy, slow.calls) = (Some(Duration::from_mins(1)), true, 500);
    let (verdict, words) = judge(&slow);
    assert_eq!(verdict, Verdict::Hang { hang: Hang::Deadlock });
    assert!(words.summary.starts_with("after 60 s and 500 calls it was not done"), "{words:?}");
    assert!(words.likely.unwrap().starts_with("calls are slow"));
}
