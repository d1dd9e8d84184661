//! How an asynchronous provider calls an actor: the host's dispatcher blocks, so it gets a thread.

use std::{pin::Pin, sync::Arc};

use serde::{Serialize, de::DeserializeOwned};
use tokio::{runtime::Handle, sync::Semaphore};

use super::chain::Chain;
use crate::{
    client::{Callee, payload, read},
    codec::{self, ArgsWriter},
    error::{Error, ErrorKind},
    link::Actor,
    logs::LogScope,
    panics,
};

/// How often a provider calls an actor at once, those calls not counted that are made on behalf of an
/// actor which is being called: these must not wait for each other.
pub(super) const AT_ONCE: usize = 16;

/// The places for calls of one actor: an actor that takes its time holds up no other.
pub(super) fn places() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(AT_ONCE))
}

impl Actor {
    /// Sends `message` to operation `op` of the actor and returns its reply, without blocking a worker of
    /// the runtime. To be awaited on a `tokio` runtime; elsewhere it blocks.
    ///
    /// Hold no lock across it: the actor may call this provider before it answers. When the future is
    /// dropped the actor works on, and nobody hears of its reply.
    ///
    /// # Errors
    ///
    /// Those of [`dispatch`](Self::dispatch).
    pub fn dispatch_async<R: DeserializeOwned>(
        &self,
        op: &str,
        message: &(impl Serialize + ?Sized),
    ) -> impl Future<Output = Result<R, Error>> + Send {
        let (actor, op, message) = (self.clone(), op.to_owned(), codec::encode(message));
        async move { read(&op, &blocking(actor, op.clone(), message?).await?) }
    }

    /// Sends bytes to operation `op` of the actor and returns its reply's bytes, as
    /// [`dispatch_async`](Self::dispatch_async) does.
    ///
    /// # Errors
    ///
    /// Those of [`dispatch_bytes`](Self::dispatch_bytes).
    pub fn dispatch_bytes_async(
        &self,
        op: &str,
        msg: &[u8],
    ) -> impl Future<Output = Result<Vec<u8>, Error>> + Send {
        blocking(self.clone(), op.to_owned(), msg.to_owned())
    }
}

/// An actor that a contract's client calls without blocking: its calls are futures, to be awaited as
/// those of [`Actor::dispatch_async`].
#[derive(Debug, Clone)]
pub struct AsyncActor(pub Actor);

impl Callee for AsyncActor {
    type Called<R> = Pin<Box<dyn Future<Output = Result<R, Error>> + Send>>;

    fn call<R: DeserializeOwned + 'static>(
        &self,
        _: &str,
        op: &str,
        request: ArgsWriter,
    ) -> Self::Called<R> {
        let (actor, op, payload) = (self.0.clone(), op.to_owned(), payload(op, request));
        Box::pin(async move { read(&op, &blocking(actor, op.clone(), payload?).await?) })
    }
}

async fn blocking(actor: Actor, op: String, msg: Vec<u8>) -> Result<Vec<u8>, Error> {
    let Ok(runtime) = Handle::try_current() else { return actor.dispatch_bytes(&op, &msg) };
    let (chain, scope) = (Chain::current(), LogScope::current());
    let place = match actor.places() {
        Some(places) if !chain.nested => Arc::clone(places).acquire_owned().await.ok(),
        _ => None,
    };
    let call = runtime.spawn_blocking(move || {
        let _place = place;
        chain.within_dispatch(|| scope.enter(|| actor.dispatch_bytes(&op, &msg)))
    });
    match call.await.map_err(tokio::task::JoinError::try_into_panic) {
        Ok(reply) => reply,
        Err(Ok(panic)) => Err(Error::new(ErrorKind::Panic, panics::message(panic))),
        Err(Err(_)) => Err(Error::new(ErrorKind::Stopping, "the provider was stopped")),
    }
}
