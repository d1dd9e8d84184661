//! How the links are, without asking anybody.

use std::{collections::BTreeMap, fmt::Write, sync::Arc};

use parking_lot::Mutex;
use provider_core::ops::HealthResponse;
use tokio::sync::watch;

use crate::connection::State;

/// How many links a message tells of.
const TOLD: usize = 3;

/// The links of a provider.
#[derive(Clone, Default)]
pub(crate) struct Links(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    next: u64,
    links: BTreeMap<u64, Seen>,
}

struct Seen {
    actor: String,
    address: String,
    state: watch::Receiver<State>,
}

/// A link's place among the others, for as long as it lives.
pub(crate) struct Place {
    number: u64,
    links: Links,
}

impl Links {
    /// A link of `actor` to the server at `address` came.
    pub(crate) fn enter(
        &self,
        actor: &str,
        address: String,
        state: watch::Receiver<State>,
    ) -> Place {
        let mut known = self.0.lock();
        let number = known.next;
        known.next += 1;
        known.links.insert(number, Seen { actor: actor.into(), address, state });
        Place { number, links: self.clone() }
    }

    /// Healthy when every link has a connection.
    pub(crate) fn health(&self) -> HealthResponse {
        let known = self.0.lock();
        let mut away = 0;
        let mut message = String::new();
        for link in known.links.values() {
            let state = link.state.borrow();
            let why = match &*state {
                State::Up(_) => continue,
                State::Lost => "the connection was lost",
                State::Down(why) => why,
            };
            away += 1;
            if away <= TOLD {
                let Seen { actor, address, .. } = link;
                write!(message, "; {actor} cannot reach {address}: {why}")
                    .unwrap_or_else(|_| unreachable!("a string takes all that is written"));
            }
        }
        if away == 0 {
            return HealthResponse::healthy();
        }
        let all = known.links.len();
        HealthResponse::unhealthy(format!("{away} of {all} links have no server{message}"))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.links.0.lock().links.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_without_a_server_is_told_of_until_it_has_one_or_is_gone() {
        let links = Links::default();
        assert!(links.health().healthy);
        let enter = |actor: &str| {
            let (teller, state) = watch::channel(State::Lost);
            (teller, links.enter(actor, "there:1".into(), state))
        };
        let (teller, place) = enter("MONE");
        teller.send_replace(State::Down("refused".into()));
        let health = links.health();
        assert!(!health.healthy);
        let told = "1 of 1 links have no server; MONE cannot reach there:1: refused";
        assert_eq!(health.message, told);
        let others: Vec<_> = (0..9).map(|_| enter("MOTHER")).collect();
        let message = links.health().message;
        assert!(message.starts_with("10 of 10") && message.matches("MOTHER").count() == 2);
        drop((place, others));
        assert!(links.health().healthy);
    }
}
