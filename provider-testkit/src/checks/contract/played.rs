//! Scenarios of a contract, played against the provider under test.

use std::collections::BTreeMap;

use provider_core::{
    BoxError, Dispatcher, Error, codec,
    ops::{CapabilityConfiguration, OP_BIND_ACTOR, OP_REMOVE_ACTOR},
};

use crate::{
    lab::{Lab, Outcome, skip},
    protocol::Task,
    subject::Provider,
};

/// Which scenario the check that is being made plays: the second part of its id.
pub(super) fn slug(lab: &Lab) -> String {
    match &lab.job.task {
        Task::Check { id } => id.split_once("::").map_or_else(String::new, |(_, slug)| slug.into()),
        _ => String::new(),
    }
}

/// That scenario.
pub(super) fn chosen<S>(
    lab: &Lab,
    all: Vec<S>,
    slug_of: impl Fn(&S) -> &'static str,
) -> Outcome<S> {
    let slug = slug(lab);
    let mut scenarios = all.into_iter();
    let found = scenarios.find(|scenario| slug_of(scenario) == slug);
    found.ok_or_else(|| skip(format!("no scenario is called `{slug}`")))
}

/// Skips the check unless the provider declares all of these operations.
pub(super) fn must_declare<'a>(
    provider: &Provider,
    ops: impl IntoIterator<Item = &'a str>,
) -> Outcome {
    let library = provider.library();
    let declared = &library.description().ops;
    match ops.into_iter().find(|op| declared.iter().all(|known| known.name != *op)) {
        Some(op) => Err(skip(format!("the provider does not declare `{op}`"))),
        None => Ok(()),
    }
}

/// Digits that no other run uses: those that may stand in an actor's key.
pub(super) fn tag(mut seed: u64) -> String {
    let digits = (0..25).map(|_| {
        let digit = u8::try_from(seed % 6).unwrap_or_default();
        seed /= 6;
        char::from(b'2' + digit)
    });
    digits.collect()
}

/// The provider, as a scenario calls it.
pub(super) struct Calls<'a>(pub(super) &'a Provider);

impl Dispatcher for Calls<'_> {
    fn dispatch(&self, actor: &str, op: &str, msg: &[u8]) -> Result<Vec<u8>, BoxError> {
        let answer = match op {
            OP_BIND_ACTOR | OP_REMOVE_ACTOR => {
                let configuration: CapabilityConfiguration = codec::decode(msg)?;
                let values: BTreeMap<String, String> = configuration.values.into_iter().collect();
                if op == OP_BIND_ACTOR {
                    self.0.bind(&configuration.module, &values)
                } else {
                    self.0.remove(&configuration.module)
                }
            }
            op => self.0.call(actor, op, msg),
        };
        match answer.reply {
            Ok(reply) => Ok(reply.to_vec()),
            Err(error) => Err(Error::into(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_digits_of_a_key_and_new_for_each_seed() {
        assert_eq!(tag(0), "2".repeat(25));
        assert!(tag(6 * 5 + 4).starts_with("672"));
        assert_ne!(tag(u64::MAX), tag(u64::MAX - 1));
    }
}
