//! A capability provider of the contract `{{ contract }}`, in memory.

mod operations;
mod store;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use provider_core::prelude::*;

use crate::store::Store;

/// Keeps strings, lists and sets in memory: each actor's own, and those of namespaces that actors share.
#[derive(Debug, Default)]
pub struct {{ provider }} {
    /// The namespaces that links name. One is gone with the last link that names it.
    shared: Mutex<HashMap<String, Weak<Mutex<Store>>>>,
}

/// The values of a link.
#[derive(Debug, LinkValues)]
struct Settings {
    /// Actors whose links name the same namespace share it. An empty name names nothing.
    #[value(default = "")]
    namespace: String,
}

/// What is kept for a linked actor: its namespace.
#[derive(Debug)]
pub struct Link(Arc<Mutex<Store>>);

impl Link {
    /// The namespace, locked: an operation happens at once or not at all.
    fn store(&self) -> MutexGuard<'_, Store> {
        locked(&self.0)
    }
}

impl {{ lifecycle }} for {{ provider }} {
    type Link = Link;

    const LINK: LinkSchema = Settings::SCHEMA;

    /// An actor is linked. After an error it is not, and the host learns why.
    {{ function }} link(&self, config: &LinkConfig) -> Result<Link, BoxError> {
        let Settings { namespace } = config.read()?;
        if namespace.is_empty() {
            return Ok(Link(Arc::default()));
        }
        let mut shared = locked(&self.shared);
        shared.retain(|_, store| store.strong_count() > 0);
        if let Some(store) = shared.get(&namespace).and_then(Weak::upgrade) {
            return Ok(Link(store));
        }
        let store = Arc::default();
        shared.insert(namespace, Arc::downgrade(&store));
        Ok(Link(store))
    }
}

/// No change stops half way: what a panic left behind is as good as ever.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use provider_contracts::keyvalue::{self, KeyValueClient};
    use provider_core::{DirectCalls, contract_of};

    use super::*;

    #[test]
    fn actors_share_the_namespace_that_their_links_name() -> Result<(), Error> {
        let contract = contract_of!({{ provider }}: keyvalue::{{ operations }});
        let adapter = provider_core::{{ adapter }}::new(Default::default(), contract);
        let provider = DirectCalls(adapter);
        provider.bind("MONE", [("NAMESPACE", "shared")])?;
        provider.bind("MTWO", [("NAMESPACE", "shared")])?;
        provider.bind("MALONE", [("NAMESPACE", "")])?;
        let client = |actor| KeyValueClient::new(provider.clone(), actor);
        client("MONE").set("key".into(), "value".into(), 0)?;
        assert_eq!(client("MTWO").get("key".into())?.value, "value");
        assert!(!client("MALONE").get("key".into())?.exists);
        Ok(())
    }
}
