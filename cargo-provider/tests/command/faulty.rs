//! Providers that break one rule each: what the report says about it.

use crate::command::{Ran, finish, program};

/// Checks the faulty provider, with one of its defects.
fn check(defect: &str, arguments: &[&str]) -> Ran {
    let mut command = program();
    command.env("FAULTY_DEFECT", defect).args(["check", "-p", "faulty", "--dev"]).args(arguments);
    finish(&mut command)
}

#[test]
fn without_a_defect_it_keeps_the_rules() {
    check("", &[]).ended_with(0);
}

#[test]
fn each_report_names_the_call_its_arguments_the_expectation_and_the_cause() {
    for (defect, id, parts) in [
        (
            "second-bind-fails",
            "links::bind-idempotent",
            &["FAIL ", "call 2 of 10", "\"BindActor\", {\"module\":", "expected "][..],
        ),
        ("panic-in-op", "ops", &["PANIC ", "handle_call(", ".rs:"]),
        ("exit-in-stop", "stop::clean", &["EXIT ", "stop("]),
        ("hang-in-stop", "stop::clean", &["HANG ", "stop(", "thread: "]),
    ] {
        // Whoever does not hang has all the time there is: machines may be busy.
        let scale = if defect.starts_with("hang") { "0.3" } else { "1" };
        let ran = check(defect, &[id, "--timeout-scale", scale]).ended_with(1);
        for part in parts.iter().chain(&[
            "  rule:   ",
            "        got ",
            "  likely: ",
            "  again:  cargo provider check -p faulty --dev ",
        ]) {
            assert!(ran.out.contains(part), "{defect}: {part}: {}", ran.out);
        }
    }
}
