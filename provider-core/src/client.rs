//! Calls a provider with types: what a contract's generated client is made of.

use serde::de::DeserializeOwned;

use crate::{
    codec::{self, ArgsWriter},
    dispatcher::Dispatcher,
    error::{BoxError, Error},
    link::Actor,
    ops::{CapabilityConfiguration, OP_BIND_ACTOR, SYSTEM_ACTOR},
    provider::CapabilityProvider,
};

/// What a [`Client`] calls, and what its calls return: any [`Dispatcher`] leads to a provider, an
/// [`Actor`] is called itself; both return the reply. `AsyncActor` (feature `tokio`) returns futures.
pub trait Callee {
    /// What a call returns whose reply is an `R`.
    type Called<R>;

    /// Sends a request to operation `op`, on behalf of `actor` where that is another one, and reads
    /// the reply. The error of the other side has its kind.
    fn call<R: DeserializeOwned + 'static>(
        &self,
        actor: &str,
        op: &str,
        request: ArgsWriter,
    ) -> Self::Called<R>;
}

/// What a call of `C` returns whose reply is an `R`: a [`Result`], or a future that ends with it.
pub type Called<C, R> = <C as Callee>::Called<R>;

impl<D: Dispatcher> Callee for D {
    type Called<R> = Result<R, Error>;

    fn call<R: DeserializeOwned + 'static>(
        &self,
        actor: &str,
        op: &str,
        request: ArgsWriter,
    ) -> Result<R, Error> {
        let reply = self.dispatch(actor, op, &payload(op, request)?).map_err(Error::from_boxed)?;
        read(op, &reply)
    }
}

impl Callee for Actor {
    type Called<R> = Result<R, Error>;

    fn call<R: DeserializeOwned + 'static>(
        &self,
        _: &str,
        op: &str,
        request: ArgsWriter,
    ) -> Result<R, Error> {
        read(op, &self.dispatch_bytes(op, &payload(op, request)?)?)
    }
}

/// The bytes of a request to `op`.
pub(crate) fn payload(op: &str, request: ArgsWriter) -> Result<Vec<u8>, Error> {
    request.finish().map_err(|error| error.context(format_args!("`{op}`")))
}

/// The reply of `op`.
pub(crate) fn read<R: DeserializeOwned>(op: &str, reply: &[u8]) -> Result<R, Error> {
    codec::decode_reply(reply).map_err(|error| error.context(format_args!("reply of `{op}`")))
}

/// Calls operations of a provider on behalf of one actor, or those of an actor.
#[derive(Debug, Clone)]
pub struct Client<C> {
    callee: C,
    actor: String,
}

impl<D: Dispatcher> Client<D> {
    /// A client that speaks for `actor` through `dispatcher`, for example a running provider of the
    /// host or a [`DirectCalls`].
    #[must_use]
    pub fn new(dispatcher: D, actor: impl Into<String>) -> Self {
        Self { callee: dispatcher, actor: actor.into() }
    }
}

impl Client<Actor> {
    /// A client that calls `actor`: for a provider, which calls its actors back.
    #[must_use]
    pub fn to(actor: &Actor) -> Self {
        Self { callee: actor.clone(), actor: String::new() }
    }
}

#[cfg(feature = "tokio")]
impl Client<crate::AsyncActor> {
    /// A client that calls `actor` without blocking.
    #[must_use]
    pub fn to_async(actor: &Actor) -> Self {
        Self { callee: crate::AsyncActor(actor.clone()), actor: String::new() }
    }
}

impl<C: Callee> Client<C> {
    /// Sends a request and reads the reply: the error of the other side with its kind;
    /// [`BadRequest`](crate::ErrorKind::BadRequest) when an argument cannot be encoded or the reply is
    /// not an `R`.
    pub fn call<R: DeserializeOwned + 'static>(
        &self,
        op: &str,
        request: ArgsWriter,
    ) -> Called<C, R> {
        self.callee.call(&self.actor, op, request)
    }
}

/// Calls a provider that lives in this process: for tests without a library.
#[derive(Debug, Clone)]
pub struct DirectCalls<T>(pub T);

impl<T: CapabilityProvider> DirectCalls<T> {
    /// Links `actor` with `values`, as a host does. Linking it again changes nothing.
    ///
    /// # Errors
    ///
    /// The provider's own, with its kind.
    pub fn bind<K: Into<String>, V: Into<String>>(
        &self,
        actor: &str,
        values: impl IntoIterator<Item = (K, V)>,
    ) -> Result<(), Error> {
        let values = values.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
        let configuration = CapabilityConfiguration { module: actor.to_owned(), values };
        let payload = codec::encode(&configuration)?;
        let reply = self.0.handle_call(SYSTEM_ACTOR, OP_BIND_ACTOR, &payload);
        reply.map(drop).map_err(Error::from_boxed)
    }
}

impl<T: CapabilityProvider> Dispatcher for DirectCalls<T> {
    fn dispatch(&self, actor: &str, op: &str, msg: &[u8]) -> Result<Vec<u8>, BoxError> {
        self.0.handle_call(actor, op, msg)
    }
}
