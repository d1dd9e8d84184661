//! A contract's client calls a provider, an actor, or an actor without blocking: with the same methods.

#![deny(warnings, missing_docs)]

use std::sync::Arc;

use provider_core::{Actor, Dispatcher, codec, prelude::*};

/// Hears what is published.
#[contract("example:broker")]
pub trait Subscriber {
    /// A message has come; says how long it is.
    fn heard(&self, cx: Cx<'_, Self>, text: String) -> OpResult<u32>;
}

struct Actors;

impl Dispatcher for Actors {
    fn dispatch(&self, actor: &str, op: &str, msg: &[u8]) -> Result<Vec<u8>, BoxError> {
        assert_eq!((actor, op), ("MACTOR", "Heard"));
        Ok(codec::encode(&msg.len())?)
    }
}

fn through(subscriber: &SubscriberClient<impl Dispatcher>) -> Result<u32, Error> {
    Ok(subscriber.heard("news".to_owned())? + 1)
}

/// A task of the provider's own can keep the client, and its calls.
fn can_be_spawned<T: Send + 'static>(value: T) -> T {
    value
}

fn main() -> Result<(), Error> {
    let request = u32::try_from(b"\x81\xa4text\xa4news".len()).unwrap_or_default();
    let actor = Actor::new("MACTOR", Arc::new(Actors));
    assert_eq!(SubscriberClient::to(&actor).heard("news".to_owned())?, request);
    assert_eq!(through(&SubscriberClient::new(Actors, "MACTOR"))?, request + 1);
    let later: SubscriberAsyncClient = SubscriberClient::to_async(&actor);
    let call = can_be_spawned(later.clone()).heard("news".to_owned());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(can_be_spawned(call))?, request);
    Ok(())
}
