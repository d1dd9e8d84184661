//! The contract's pinned meaning, and what this store adds to it.
#![expect(clippy::unwrap_used, reason = "in a test, where it fails is the message")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use keyvalue_memory::{Clock, MemoryKv};
use provider_contracts::keyvalue::{
    KeyValue, KeyValueClient,
    scenario::{Subject, pinned},
};
use provider_core::{
    Adapter, CapabilityProvider, DirectCalls, ErrorKind, codec,
    ops::{CapabilityConfiguration, OP_BIND_ACTOR, OP_REMOVE_ACTOR, SYSTEM_ACTOR},
};

/// A clock that a test moves.
#[derive(Clone, Default)]
struct Hand(Arc<AtomicU64>);

impl Hand {
    fn pass(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for Hand {
    fn now(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

fn provider(clock: &Hand) -> Adapter<MemoryKv> {
    Adapter::new(
        MemoryKv::with_clock(clock.clone()),
        provider_core::contract_of!(MemoryKv: KeyValue),
    )
}

fn standard(provider: &Adapter<MemoryKv>, op: &str, actor: &str, namespace: Option<&str>) {
    let values = namespace.map(|name| ("NAMESPACE".into(), name.into())).into_iter().collect();
    let module = actor.into();
    let payload = codec::encode(&CapabilityConfiguration { module, values }).unwrap();
    let reply = provider.handle_call(SYSTEM_ACTOR, op, &payload).unwrap();
    assert_eq!(reply, b"");
}

fn client(
    provider: &Adapter<MemoryKv>,
    actor: &str,
) -> KeyValueClient<DirectCalls<Adapter<MemoryKv>>> {
    KeyValueClient::new(DirectCalls(provider.clone()), actor)
}

#[test]
fn every_pinned_rule_holds() {
    for scenario in pinned() {
        let clock = Hand::default();
        let calls = DirectCalls(provider(&clock));
        let mut pass = |seconds| clock.pass(seconds);
        scenario
            .run(&mut Subject::new(&calls, &mut pass))
            .unwrap_or_else(|failure| panic!("{failure}"));
    }
}

#[test]
fn a_namespace_of_ones_own_ends_with_its_link() {
    let provider = provider(&Hand::default());
    let keys = client(&provider, "MACTOR");
    standard(&provider, OP_BIND_ACTOR, "MACTOR", None);
    keys.set("k".into(), "v".into(), 0).unwrap();
    // Linked already: nothing changes, also when the values differ.
    standard(&provider, OP_BIND_ACTOR, "MACTOR", Some("other"));
    assert!(keys.key_exists("k".into()).unwrap().exists);
    standard(&provider, OP_REMOVE_ACTOR, "MACTOR", None);
    let error = keys.get("k".into()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotLinked);
    standard(&provider, OP_BIND_ACTOR, "MACTOR", None);
    assert!(!keys.key_exists("k".into()).unwrap().exists);
}

#[test]
fn a_shared_namespace_ends_with_the_last_of_its_links() {
    let provider = provider(&Hand::default());
    let (one, two) = (client(&provider, "MONE"), client(&provider, "MTWO"));
    standard(&provider, OP_BIND_ACTOR, "MONE", Some("n"));
    standard(&provider, OP_BIND_ACTOR, "MTWO", Some("n"));
    one.set("k".into(), "v".into(), 0).unwrap();
    standard(&provider, OP_REMOVE_ACTOR, "MONE", None);
    assert_eq!(two.get("k".into()).unwrap().value, "v");
    standard(&provider, OP_REMOVE_ACTOR, "MTWO", None);
    standard(&provider, OP_BIND_ACTOR, "MONE", Some("n"));
    assert!(!one.key_exists("k".into()).unwrap().exists);
}

#[test]
fn sums_of_many_threads_add_up_and_a_shared_namespace_sees_them_all() {
    const THREADS: i32 = 4;
    const EACH: i32 = 500;
    let provider = provider(&Hand::default());
    std::thread::scope(|scope| {
        for number in 0..THREADS {
            let provider = &provider;
            scope.spawn(move || {
                let actor = format!("MACTOR{number}");
                standard(provider, OP_BIND_ACTOR, &actor, Some("n"));
                let keys = client(provider, &actor);
                for _ in 0..EACH {
                    keys.add("sum".into(), 1).unwrap();
                    keys.push("list".into(), actor.clone()).unwrap();
                }
            });
        }
    });
    let keys = client(&provider, "MACTOR0");
    assert_eq!(keys.add("sum".into(), 0).unwrap().value, THREADS * EACH);
    let removed = keys.list_item_delete("list".into(), "MACTOR1".into());
    assert_eq!(removed.unwrap().new_count, EACH);
}
