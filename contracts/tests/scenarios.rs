//! The scenarios judge as they should: providers that answer wrongly fail them.

use provider_contracts::keyvalue::scenario::{Scenario, Subject, pinned};
use provider_core::{BoxError, Dispatcher, Error, ErrorKind};

struct Answers<F>(F);

impl<F> Dispatcher for Answers<F>
where
    F: Fn(&str) -> Result<Vec<u8>, Error> + Send + Sync,
{
    fn dispatch(&self, _actor: &str, op: &str, _msg: &[u8]) -> Result<Vec<u8>, BoxError> {
        Ok((self.0)(op)?)
    }
}

fn failure(
    scenario: &Scenario,
    answer: impl Fn(&str) -> Result<Vec<u8>, Error> + Send + Sync,
) -> String {
    scenario
        .run(&mut Subject::new(&Answers(answer), &mut |_| {}))
        .expect_err(scenario.name())
        .to_string()
}

#[test]
fn a_provider_that_does_nothing_fails_every_scenario() {
    for scenario in pinned() {
        failure(&scenario, |_| Ok(Vec::new()));
    }
}

#[test]
fn a_provider_that_refuses_everything_fails_every_scenario_at_its_first_step() {
    for scenario in pinned() {
        let text = failure(&scenario, |_| Err(Error::new(ErrorKind::Failed, "no")));
        assert!(text.contains("step 1, link MALICE"), "{text}");
        assert!(text.contains("got failed: no"), "{text}");
    }
}

#[test]
fn a_failure_says_what_was_called_what_was_expected_and_what_came() {
    let scenario = &pinned()[0];
    let text = failure(scenario, |op| match op {
        "BindActor" => Ok(Vec::new()),
        _ => Ok(b"\x82\xa5value\xa1x\xa6exists\xc3".to_vec()),
    });
    assert_eq!(
        text,
        "a missing key is empty: step 2, MALICE calls Get \"k\": \
         expected GetResponse { value: \"\", exists: false }, \
         got GetResponse { value: \"x\", exists: true }"
    );
}

#[test]
fn every_operation_of_the_contract_is_called_by_a_scenario() {
    let seen = std::sync::Mutex::new(std::collections::BTreeSet::new());
    for scenario in pinned() {
        // The debug form names the operation of each step, also of those that a failure cuts off.
        let text = format!("{scenario:?}");
        for op in OPS {
            if text.contains(&format!("op: \"{op}\"")) {
                seen.lock().unwrap().insert(op);
            }
        }
    }
    assert_eq!(seen.into_inner().unwrap().len(), OPS.len());
}

const OPS: [&str; 14] = [
    "Get",
    "Add",
    "Set",
    "Del",
    "Clear",
    "Range",
    "Push",
    "ListItemDelete",
    "SetAdd",
    "SetRemove",
    "SetUnion",
    "SetIntersection",
    "SetQuery",
    "KeyExists",
];
