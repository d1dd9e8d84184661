//! Finding the link of one of 100,000 actors, from one thread and from two.

use std::{collections::HashMap, hint::black_box, sync::Arc};

use provider_core::{Actor, LinkConfig, Linked, Links, NullDispatcher};

use crate::measure::{Case, Table};

const ACTORS: usize = 100_000;

/// An actor's key has 56 characters.
fn key(index: usize) -> String {
    format!("M{index:055}")
}

pub(crate) fn measure(table: &mut Table<'_>) {
    let links = Links::new();
    let dispatcher: Arc<NullDispatcher> = Arc::new(NullDispatcher);
    let keys: Vec<String> = (0..ACTORS).map(key).collect();
    for key in &keys {
        let actor = Actor::new(key, dispatcher.clone());
        let config = LinkConfig::new(actor, HashMap::new());
        links.bind(key, || Ok(Linked { config, link: 1_u64 })).expect("nobody else binds");
    }
    table.scaling(&Case::new("link_of_random_actor", || {
        // A walk through all of them in an order that no cache foresees.
        let mut index = 1;
        let (links, keys) = (&links, &keys);
        move || {
            index = (index * 48_271 + 11) % ACTORS;
            black_box(links.get(&keys[index]).expect("every actor is linked").link);
        }
    }));
    table.scaling(&Case::new("link_of_one_actor", || {
        let (links, key) = (&links, &keys[ACTORS / 2]);
        move || {
            black_box(links.get(black_box(key)).expect("every actor is linked").link);
        }
    }));
}
