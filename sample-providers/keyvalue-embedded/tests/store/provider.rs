//! The provider in this process, with a clock that the test moves.

use std::{
    collections::HashMap,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use keyvalue_embedded::{Clock, EmbeddedKv};
use provider_contracts::keyvalue::{KeyValue, KeyValueClient};
use provider_core::{
    Adapter, CapabilityProvider, DirectCalls, Error, codec,
    ops::{CapabilityConfiguration, OP_BIND_ACTOR, OP_REMOVE_ACTOR, SYSTEM_ACTOR},
};

/// A clock that a test moves. It begins in 2001.
#[derive(Clone)]
pub(crate) struct Hand(Arc<AtomicU64>);

impl Hand {
    pub(crate) fn new() -> Self {
        Self(Arc::new(AtomicU64::new(1_000_000_000_000)))
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for Hand {
    fn now(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

pub(crate) type Keys = KeyValueClient<DirectCalls<Adapter<EmbeddedKv>>>;

/// A provider that waits for nobody.
#[derive(Clone)]
pub(crate) struct Running(pub(crate) Adapter<EmbeddedKv>);

impl Running {
    pub(crate) fn new(clock: &Hand) -> Self {
        Self(Adapter::new(
            EmbeddedKv::new(clock.clone(), Duration::ZERO),
            provider_core::contract_of!(EmbeddedKv: KeyValue),
        ))
    }

    /// Links an actor to the file at `path`.
    pub(crate) fn link(&self, actor: &str, path: &Path) -> Result<Keys, Error> {
        self.link_with(actor, &[("PATH", path.to_str().unwrap())])
    }

    pub(crate) fn link_with(&self, actor: &str, values: &[(&str, &str)]) -> Result<Keys, Error> {
        self.standard(OP_BIND_ACTOR, actor, values)?;
        Ok(KeyValueClient::new(DirectCalls(self.0.clone()), actor))
    }

    pub(crate) fn unlink(&self, actor: &str) {
        self.standard(OP_REMOVE_ACTOR, actor, &[]).unwrap();
    }

    fn standard(&self, op: &str, actor: &str, values: &[(&str, &str)]) -> Result<(), Error> {
        let values: HashMap<_, _> =
            values.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        let module = actor.into();
        let payload = codec::encode(&CapabilityConfiguration { module, values })?;
        let reply = CapabilityProvider::handle_call(&self.0, SYSTEM_ACTOR, op, &payload)
            .map_err(Error::from_boxed)?;
        assert_eq!(reply, b"");
        Ok(())
    }
}
