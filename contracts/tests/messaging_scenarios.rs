//! The scenarios of messaging judge as they should: providers that answer wrongly fail them.

use std::{collections::BTreeSet, time::Duration};

use provider_contracts::messaging::{
    PublishResponse,
    scenario::{Actors, Scenario, Subject, TRANSCRIPT, pinned},
};
use provider_core::{BoxError, Dispatcher, Error, ErrorKind, codec};

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
    let (actors, provider) = (Actors::default(), Answers(answer));
    let subject = Subject::new(&provider, &actors).patience(Duration::from_millis(10));
    scenario.run(&subject).expect_err(scenario.name()).to_string()
}

#[test]
fn a_provider_that_does_nothing_fails_every_scenario() {
    for scenario in pinned() {
        failure(&scenario, |_| Ok(Vec::new()));
    }
}

#[test]
fn a_provider_that_publishes_to_nobody_fails_every_scenario() {
    let published = codec::encode(&PublishResponse { published: true }).expect("a boolean");
    for scenario in pinned() {
        let text = failure(&scenario, |op| match op {
            "Publish" => Ok(published.clone()),
            "Request" => Err(Error::new(ErrorKind::Timeout, "nobody")),
            _ => Ok(Vec::new()),
        });
        assert!(text.contains("step "), "{text}");
    }
}

#[test]
fn a_failure_says_what_was_done_what_was_expected_and_what_came() {
    let text = failure(&pinned()[0], |op| match op {
        "Publish" => Err(Error::new(ErrorKind::Failed, "no")),
        _ => Ok(Vec::new()),
    });
    assert_eq!(
        text,
        "what is published reaches who subscribed: step 3, MBOB publishes \"a.b\" \"hello\": \
         expected published, got failed: no"
    );
}

#[test]
fn a_rule_has_a_short_name_of_its_own_its_reason_and_its_part_of_the_transcript() {
    let mut seen = BTreeSet::new();
    for scenario in pinned() {
        let slug = scenario.slug();
        assert!(slug.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{slug}");
        assert!(seen.insert(slug), "{slug} is there twice");
        assert!(scenario.rule().ends_with('.') && scenario.why().ends_with('.'), "{slug}");
        assert!(TRANSCRIPT.contains(&format!("# {}\n", scenario.name())), "{slug}");
    }
    let ops: BTreeSet<&str> = pinned().iter().flat_map(Scenario::operations).collect();
    assert_eq!(ops, BTreeSet::from(["Publish", "Request"]));
}
