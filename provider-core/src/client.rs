//! Calls a provider with types: what a contract's generated client is made of.

use serde::de::DeserializeOwned;

use crate::{
    codec::{self, ArgsWriter},
    dispatcher::Dispatcher,
    error::{BoxError, Error},
    ops::{CapabilityConfiguration, OP_BIND_ACTOR, SYSTEM_ACTOR},
    provider::CapabilityProvider,
};

/// Calls operations of a provider on behalf of one actor.
#[derive(Debug, Clone)]
pub struct Client<D> {
    dispatcher: D,
    actor: String,
}

impl<D: Dispatcher> Client<D> {
    /// A client that speaks for `actor` through `dispatcher`, for example a running provider of the
    /// host or a [`DirectCalls`].
    #[must_use]
    pub fn new(dispatcher: D, actor: impl Into<String>) -> Self {
        Self { dispatcher, actor: actor.into() }
    }

    /// Sends a request and reads the reply.
    ///
    /// # Errors
    ///
    /// The provider's error with its kind; [`BadRequest`](crate::ErrorKind::BadRequest) when an
    /// argument cannot be encoded or the reply is not an `R`.
    pub fn call<R: DeserializeOwned>(&self, op: &str, request: ArgsWriter) -> Result<R, Error> {
        let payload = request.finish().map_err(|error| error.context(format_args!("`{op}`")))?;
        let reply =
            self.dispatcher.dispatch(&self.actor, op, &payload).map_err(Error::from_boxed)?;
        codec::decode_reply(&reply).map_err(|error| error.context(format_args!("reply of `{op}`")))
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
