//! Payloads for every operation of a provider.

use provider_core::ops::{OP_BIND_ACTOR, OP_HEALTH_REQUEST, OP_REMOVE_ACTOR};
use serde_json::{Map, Value, json};

use super::{
    Act, Facts, Kind, Known, Script,
    chance::Chance,
    mutation::{Request, WAYS, undecodable},
};

/// How many payloads are thorough.
const CASES: usize = 2000;
/// How many one worker tells of.
const MOST: usize = 20_000;
/// The actor of requests that are made of nothing else: no real one, and none of ours.
const ACTOR: &str = "MFUZZFUZZFUZZFUZZFUZZFUZZFUZZFUZZFUZZFUZZFUZZFUZZFUZZFUZ";

/// The payloads that a seed makes: each operation in turn, each way of making one in turn.
pub(super) fn script(facts: &Facts) -> Script {
    let subjects = subjects(facts);
    let mut chance = Chance::new(facts.seed);
    let count = facts.times(CASES, MOST).max(WAYS * subjects.len());
    let acts = (0..count)
        .map(|number| {
            let (op, known) = &subjects[number % subjects.len()];
            let round = number / subjects.len();
            let payload = match known {
                Some((value, own)) => Request { value, own: *own }.mutated(round, &mut chance),
                None => undecodable(round, &mut chance),
            };
            Act::Send(op.clone(), payload)
        })
        .collect();
    Script { kind: Kind::Payload, acts }
}

/// The operations, with a request and whether its texts stay ours.
fn subjects(facts: &Facts) -> Vec<(String, Option<(Value, bool)>)> {
    // The author's own values are nobody's to read: tokens show payloads.
    let values = facts.keys.iter().map(String::as_str).chain(["KEY", "PORT"]);
    let values: Map<String, Value> = values.map(|key| (key.to_owned(), json!("1"))).collect();
    let configuration = json!({ "module": ACTOR, "values": values });
    let standard = [
        (OP_BIND_ACTOR, configuration.clone()),
        (OP_REMOVE_ACTOR, configuration),
        (OP_HEALTH_REQUEST, json!({ "placeholder": true })),
    ];
    let standard = standard.map(|(op, value)| (op.to_owned(), Some((value, false))));
    let declared = facts.ops.iter().map(|(op, known)| {
        let known = match known {
            Known::Author(sample) => Some((sample.request.clone(), false)),
            Known::BuiltIn(sample) => Some((sample.request.clone(), true)),
            Known::Nothing => None,
        };
        (op.clone(), known)
    });
    standard.into_iter().chain(declared).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{Sample, fuzz::cases};

    fn facts(seed: u64, effort: f64) -> Facts {
        let sample = Sample { request: json!({"text": "hello"}), response: None };
        Facts {
            ops: vec![("Echo".into(), Known::Author(sample)), ("Flush".into(), Known::Nothing)],
            keys: vec!["URL".into()],
            seed,
            effort,
        }
    }

    #[test]
    fn every_operation_gets_every_way_and_the_same_seed_makes_the_same() {
        let few = script(&facts(3, 0.001));
        let counts = cases(&few.acts);
        assert_eq!(counts.len(), 5);
        assert!(counts.values().all(|count| *count == WAYS as u64), "{counts:?}");
        let many = script(&facts(3, 1.0));
        assert_eq!(many.acts.len(), CASES);
        // More effort continues what less has begun.
        assert_eq!(many.acts[..few.acts.len()], few.acts);
        assert_ne!(script(&facts(4, 1.0)), many);
    }

    #[test]
    fn an_operation_without_a_sample_gets_nothing_that_decodes() {
        let mut decoded = BTreeMap::<String, u32>::new();
        for act in script(&facts(9, 5.0)).acts {
            if let Act::Send(op, payload) = act
                && crate::payload::decode(&payload).is_ok()
            {
                *decoded.entry(op).or_default() += 1;
            }
        }
        assert!(!decoded.contains_key("Flush"), "{decoded:?}");
        assert!(decoded["Echo"] > 500 && decoded["BindActor"] > 500, "{decoded:?}");
    }
}
