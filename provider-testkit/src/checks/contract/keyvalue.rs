//! `wasmcloud:keyvalue`: each pinned rule of the contract is a check.

use std::{
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use super::played::{Calls, chosen, must_declare, tag};
use crate::{
    Check, Scope,
    lab::{Halt, Lab, Outcome, actor, skip},
    payload,
    protocol::Failure,
    wasmcloud::KEYVALUE,
};
use provider_contracts::keyvalue::scenario::{
    Failure as Missed, Pinned, Scenario, Subject, pinned,
};

/// How much later than one second after it was set a key must be gone.
const MARGIN: Duration = Duration::from_millis(150);
/// How much more time than that a store gets that counts whole seconds.
const PATIENCE: Duration = Duration::from_secs(2);
/// What is set to expire after a second must be used before that.
const TOO_SLOW: Duration = Duration::from_millis(800);
/// How often a scenario that was too slow is begun again.
const TRIES: u64 = 3;
/// The link value that names a namespace: the scenarios' to give.
const NAMESPACE: &str = "NAMESPACE";
/// How much of a payload is shown.
const SHOWN: usize = 300;

pub(super) fn checks() -> Vec<Check> {
    pinned().iter().map(row).collect()
}

fn row(scenario: &Scenario) -> Check {
    let (causes, fix, example) = advice(scenario.slug());
    let ops: Vec<&str> = scenario.operations().into_iter().collect();
    Check {
        // The catalogue is made once and lives as long as the program.
        id: format!("keyvalue::{}", scenario.slug()).leak(),
        title: scenario.name(),
        rule: scenario.rule(),
        source: "the contract `wasmcloud:keyvalue`",
        why: scenario.why(),
        what: format!(
            "links actors and calls {}, with keys that nobody used before; each reply must be \
             the pinned one",
            ops.join(", ")
        )
        .leak(),
        causes,
        fix,
        example,
        needs: &["links::bind"],
        scope: Scope::Contract(KEYVALUE),
        run: play,
        ..Check::BLANK
    }
}

type Advice = (&'static [&'static str], &'static str, &'static str);

fn advice(slug: &str) -> Advice {
    match slug {
        "add-from-0" | "add-overflow" | "add-no-number" => (
            &["the total wraps around", "a string that cannot be parsed counts as 0"],
            "parse the whole string as a 32-bit integer and add with a check; store nothing when \
             either fails",
            include_str!("../examples/keyvalue-numbers.md"),
        ),
        "expired-key" | "expiry-kept" => (
            &["`expires` is ignored", "only some operations look at the expiry"],
            "keep the moment of expiry beside the value, and look at it in one place that every \
             operation goes through",
            include_str!("../examples/keyvalue-expiry.md"),
        ),
        "push-at-head" | "range-clamped" | "item-delete-all" | "list-goes-on"
        | "empty-is-missing" => (
            &[
                "items are added at the other end",
                "the last position is left out, or a negative one is not counted from the end",
                "a count is that of what is left, and not of what was done",
            ],
            "keep the head at position 0, and compute positions with `keyvalue::range`",
            include_str!("../examples/keyvalue-lists.md"),
        ),
        "set-counts" | "set-sorted" => (
            &["the size of the set comes back", "members come in the order of a hash"],
            "answer how many members came or went, and sort what is listed",
            include_str!("../examples/keyvalue-sets.md"),
        ),
        "own-namespace" | "shared-namespace" | "without-link" => (
            &[
                "all actors share one map",
                "`NAMESPACE` is not read, or an empty one is taken for a name",
                "`RemoveActor` forgets nothing",
            ],
            "keep keys by link, not by provider",
            include_str!("../examples/keyvalue-namespaces.md"),
        ),
        _ => (
            &["what is missing is an error", "what a key holds is not looked at"],
            "keep beside each key whether it holds a string, a list or a set, and let a key \
             without items not exist",
            include_str!("../examples/keyvalue-types.md"),
        ),
    }
}

/// Plays the scenario that the check's id names.
fn play(lab: &mut Lab) -> Outcome {
    let scenario = chosen(lab, pinned(), Scenario::slug)?;
    let provider = lab.configured()?;
    must_declare(&provider, scenario.operations())?;
    let mut values = lab.values(&actor(0));
    values.remove(NAMESPACE);
    let seed = super::unique(lab);
    for again in 0..TRIES {
        let slow = Mutex::new(None);
        let began = Instant::now();
        let mut pass = |seconds: u64| {
            let mut slow = slow.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let _ = slow.get_or_insert(began.elapsed() > TOO_SLOW);
            thread::sleep(Duration::from_secs(seconds.saturating_sub(1)) + MARGIN);
        };
        let calls = Calls(&provider);
        let mut subject = Subject::new(&calls, &mut pass)
            .foreign(tag(seed.wrapping_add(again)))
            .patience(PATIENCE);
        for (key, value) in &values {
            subject = subject.link_value(key, value);
        }
        let Err(missed) = scenario.run(&mut subject) else {
            return Ok(());
        };
        drop(subject);
        let waited = slow.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        let slow = scenario.takes_time() && waited.unwrap_or(began.elapsed() > TOO_SLOW);
        if !slow {
            return Err(told(&missed));
        }
        lab.reporter.note("a key expired before it was used; the steps were taken again");
    }
    Err(skip("the provider, or this machine, is too slow to use a key within a second"))
}

fn told(missed: &Missed) -> Halt {
    let expected = match &missed.expected {
        Pinned::Nothing => String::from("Ok, without bytes"),
        Pinned::Reply(reply) => format!("Ok({})", payload::render(reply, SHOWN)),
        _ => String::from("an error"),
    };
    let got = match &missed.got {
        Ok(reply) if reply.is_empty() => String::from("Ok(no bytes)"),
        Ok(reply) => format!("Ok({})", payload::render(reply, SHOWN)),
        Err(error) => format!("Err({}: {:?})", error.kind(), error.message()),
    };
    let panicked = provider_core::ErrorKind::Panic;
    let panic = missed.got.as_ref().is_err_and(|error| error.kind() == panicked);
    let step = payload::shortened(&missed.step, SHOWN);
    let summary = format!("step {}, {step}, does not go as pinned", missed.number);
    Failure { panic, ..Failure::new(summary).expected(expected).got(got) }.into()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_scenario_is_a_check_with_an_example() {
        let rows = checks();
        assert_eq!(rows.len(), pinned().len());
        let examples: HashSet<&str> = rows.iter().map(|check| check.example).collect();
        assert_eq!(examples.len(), 6);
    }
}
