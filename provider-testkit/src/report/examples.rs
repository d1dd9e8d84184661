//! Runs that never were, for the tests of the reports.

use super::Refusal;
use crate::{
    Agreement, CheckReport, Expectation, Expected, ExpectedOutcome, Hang, Level, Location, LogLine,
    Metric, OpIdentity, Panic, Problem, Run, Step, ThreadState, Unusable, Verdict, check,
    classify::Subject, kit, lab,
};

/// What tries to break out of every format there is.
pub(super) const HOSTILE: &str = "\u{1b}[31m\u{0}\u{b}\u{202e}\u{fffe}\n::set-output name=a::b\r\n##[error]x \
     <script>alert(1)</script> ]]> & \"'` | %0A, a:b -->";

pub(super) fn report(id: &str, verdict: Verdict, summary: &str) -> CheckReport {
    let (check, _) = check::split(id).unwrap();
    Subject::of(check, id, format!("cargo provider check x.so {id}")).report(verdict, summary)
}

pub(super) fn step(seq: u32, call: &str, args: &str, outcome: Option<&str>) -> Step {
    Step {
        seq,
        call: call.into(),
        args: args.into(),
        nth: None,
        outcome: outcome.map(str::to_owned),
    }
}

fn said(level: &str, message: &str) -> LogLine {
    LogLine {
        at_ms: 12,
        level: level.into(),
        target: "server::port".into(),
        message: message.into(),
        actor: Some(lab::actor(0)),
        op: Some("BindActor".into()),
        fields: vec![("tries".into(), "2".into())],
    }
}

pub(super) fn failed() -> CheckReport {
    let args = r#""system", "BindActor", {"module":"MTESTKITA…","values":{"PORT":"***"}}"#;
    let taken = "Err(failed: \"Address already in use (os error 98)\")";
    let mut last = step(5, "handle_call", args, Some(taken));
    last.nth = Some((2, 10));
    CheckReport {
        steps: vec![
            step(3, "configure_dispatch", "", Some("Ok")),
            step(4, "handle_call", args, Some("Ok(no bytes)")),
            last,
        ],
        calls: 5,
        expected: Some("Ok, without bytes".into()),
        got: Some(taken.into()),
        likely: Some("the link is opened again without looking up the actor first".into()),
        stderr_tail: "a line\nand \u{1b}[31manother".into(),
        log: vec![said("info", "opens port 4000"), said("warn", "port taken, \u{1b}[31magain")],
        ..report(
            "links::bind-idempotent",
            Verdict::Fail,
            "`BindActor` failed: Address already in use (os error 98)",
        )
    }
}

pub(super) fn panic(message: &str) -> Panic {
    Panic {
        location: Location { file: "src/lib.rs".into(), line: 41, col: 5 },
        thread: "worker".into(),
        message: message.into(),
    }
}

pub(super) fn hung() -> CheckReport {
    CheckReport {
        steps: vec![step(9, "stop", "", None)],
        calls: 9,
        threads: vec![ThreadState {
            comm: "worker".into(),
            state: "S (sleeping)".into(),
            wchan: "futex_wait_queue".into(),
            syscall: "futex".into(),
            place: None,
        }],
        panic: Some(panic("boom")),
        ..report(
            "stop::clean",
            Verdict::Hang { hang: Hang::Deadlock },
            "`stop` did not return within 10 s: all of its threads sleep, the first one in `futex`",
        )
    }
}

/// A check of which something was expected.
fn expected(id: &str, verdict: Verdict, agreement: Agreement) -> CheckReport {
    let expectation = Expectation {
        id: id.into(),
        outcome: ExpectedOutcome::Fail,
        reason: "known since May".into(),
        issue: Some("#12".into()),
        until: None,
        verdict: None,
    };
    let summary = if verdict == Verdict::Pass { "" } else { "it failed" };
    let expectation = Some(Expected { expectation, agreement });
    CheckReport { expectation, ..report(id, verdict, summary) }
}

/// A run with one of each verdict that matters.
pub(super) fn run() -> Run {
    let noted = CheckReport {
        notes: vec!["made by a compiler whose name is so long that it does not fit into a line of ninety columns".into()],
        ..report("abi::toolchain", Verdict::Pass, "")
    };
    Run {
        schema_version: crate::SCHEMA_VERSION,
        kit_version: "0.0.0".into(),
        identity: kit::tests::identity(vec![OpIdentity {
            name: "Get".into(),
            doc: "Reads a key.".into(),
            flags: 0x11,
            actor_to_provider: true,
            idempotent: true,
            deprecated: false,
        }]),
        host: "linux x86_64".into(),
        duration_ms: 1234,
        checks: vec![
            CheckReport {
                metrics: vec![
                    Metric { name: "p50".into(), value: 1.25, unit: "µs".into() },
                    Metric { name: "p99".into(), value: 1234.5, unit: "µs".into() },
                    Metric { name: "threads".into(), value: 2.0, unit: String::new() },
                ],
                ..report("abi::format", Verdict::Pass, "")
            },
            noted,
            failed(),
            report(
                "links::isolation",
                Verdict::Blocked { by: "links::remove".into() },
                "not checked, because `links::remove` fails",
            ),
            report(
                "ops::sample::Get",
                Verdict::Skipped { reason: "no request is known".into() },
                "no request is known",
            ),
            hung(),
            report("stop::exit", Verdict::Error, "a process cannot be started"),
            expected("health::response", Verdict::Fail, Agreement::AsExpected),
            expected("health::initially-true", Verdict::Pass, Agreement::UnexpectedPass),
            CheckReport {
                level: Level::Perf,
                ..report("create::ok", Verdict::Fail, "it took 3 s")
            },
        ],
    }
}

/// A run in which whatever a provider may say is [`HOSTILE`].
pub(super) fn hostile() -> Run {
    let text = || String::from(HOSTILE);
    let mut run = run();
    let identity = &mut run.identity;
    for member in [
        &mut identity.name,
        &mut identity.vendor,
        &mut identity.version,
        &mut identity.contract,
        &mut identity.build,
    ] {
        *member = text();
    }
    identity.path = HOSTILE.into();
    identity.ops[0].name = text();
    identity.ops[0].doc = text();
    for check in &mut run.checks {
        check.summary = text();
        check.notes = vec![text()];
        check.again = text();
        check.stderr_tail = text();
        check.expected = Some(text());
        check.got = Some(text());
        check.likely = Some(text());
        check.panic = Some(Panic {
            location: Location { file: text(), line: 1, col: 0 },
            thread: text(),
            message: text(),
        });
        check.steps = vec![step(1, "handle_call", HOSTILE, Some(HOSTILE))];
        check.calls = 1;
        match &mut check.verdict {
            Verdict::Blocked { by: said } | Verdict::Skipped { reason: said } => *said = text(),
            _ => {}
        }
    }
    run.checks[4].id = format!("ops::sample::{HOSTILE}");
    run
}

/// Why no check can be made of a file.
pub(super) fn refusal() -> Refusal {
    let unusable = Unusable { path: "/lib/libx.so".into(), problem: Problem::Text };
    Refusal { kit_version: "0.0.0".into(), host: "linux x86_64".into(), ..Refusal::new(&unusable) }
}
