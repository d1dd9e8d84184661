//! Who gets a message: the subscriptions by what they match.

use std::{collections::HashMap, sync::Arc};

use provider_contracts::messaging::Subscription;

use crate::queue::{Payload, Queue};

/// A subscription that is there.
pub(crate) struct Route {
    pub(crate) subscription: Subscription,
    pub(crate) group: Option<String>,
    pub(crate) queue: Arc<Queue>,
}

/// All subscriptions of a broker.
#[derive(Default)]
pub(crate) struct Routes {
    /// Those without wildcards, by their subject.
    exact: HashMap<String, Vec<Arc<Route>>>,
    patterns: Vec<Arc<Route>>,
}

impl Routes {
    pub(crate) fn add(&mut self, route: &Arc<Route>) {
        self.place(route).push(Arc::clone(route));
    }

    pub(crate) fn remove(&mut self, route: &Arc<Route>) {
        self.place(route).retain(|other| !Arc::ptr_eq(other, route));
        self.exact.retain(|_, routes| !routes.is_empty());
    }

    fn place(&mut self, route: &Route) -> &mut Vec<Arc<Route>> {
        let text = route.subscription.as_str();
        if text.split('.').any(|token| matches!(token, "*" | ">")) {
            &mut self.patterns
        } else {
            self.exact.entry(text.to_owned()).or_default()
        }
    }

    /// Gives a message to whom it is for, and returns whether there is anybody.
    pub(crate) fn deliver(&self, subject: &str, payload: &Payload) -> bool {
        let exact = self.exact.get(subject).into_iter().flatten();
        let matching = self.patterns.iter().filter(|route| route.subscription.matches(subject));
        let mut groups: HashMap<&str, Vec<&Route>> = HashMap::new();
        let mut any = false;
        for route in exact.chain(matching) {
            any = true;
            match &route.group {
                None => route.queue.push(Arc::clone(payload)),
                Some(group) => groups.entry(group).or_default().push(route),
            }
        }
        for members in groups.into_values() {
            if let Some(route) = fastrand::choice(members) {
                route.queue.push(Arc::clone(payload));
            }
        }
        any
    }
}
