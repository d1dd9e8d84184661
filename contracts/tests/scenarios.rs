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
    let seen: std::collections::BTreeSet<&str> =
        pinned().iter().flat_map(Scenario::operations).collect();
    assert_eq!(seen, OPS.into());
}

#[test]
fn a_rule_has_a_short_name_of_its_own_and_its_reason() {
    let mut seen = std::collections::BTreeSet::new();
    for scenario in pinned() {
        let slug = scenario.slug();
        assert!(slug.chars().all(|c| c.is_ascii_lowercase() || c == '-' || c == '0'), "{slug}");
        assert!(seen.insert(slug), "{slug} is there twice");
        assert!(scenario.rule().ends_with('.') && scenario.why().ends_with('.'), "{slug}");
    }
}

#[test]
fn to_a_foreign_provider_names_are_new_and_replies_are_what_an_actor_reads() {
    let scenario = &pinned()[0];
    let seen = std::sync::Mutex::new(Vec::new());
    let answers = Noting(&seen);
    let failure = scenario
        .run(&mut Subject::new(&answers, &mut |_| {}).foreign("TAG"))
        .expect_err("the second call is not answered");
    // The reply had its fields the other way round, and was the right one.
    assert_eq!(failure.number, 3);
    assert!(failure.step.contains("MALICE calls KeyExists \"k\""), "{failure}");
    let seen = seen.into_inner().unwrap();
    assert!(seen[1].0.starts_with("MALICETAG"), "{seen:?}");
    assert!(String::from_utf8_lossy(&seen[1].1).contains("TAG-k"), "{seen:?}");
}

struct Noting<'a>(&'a std::sync::Mutex<Vec<(String, Vec<u8>)>>);

impl Dispatcher for Noting<'_> {
    fn dispatch(&self, actor: &str, op: &str, msg: &[u8]) -> Result<Vec<u8>, BoxError> {
        self.0.lock().expect("nothing panics meanwhile").push((actor.into(), msg.into()));
        match op {
            "BindActor" => Ok(Vec::new()),
            "Get" => Ok(b"\x82\xa6exists\xc2\xa5value\xa0".to_vec()),
            _ => Err(Error::new(ErrorKind::UnknownOperation, "no").into()),
        }
    }
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
