//! Scenarios of a contract, played against the provider under test.

use std::collections::BTreeMap;

use provider_core::{
    BoxError, Dispatcher, Error, codec,
    ops::{CapabilityConfiguration, OP_BIND_ACTOR, OP_REMOVE_ACTOR},
};

use crate::subject::Provider;

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
