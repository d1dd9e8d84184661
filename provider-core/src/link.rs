//! A link: an actor, and the values it was linked with.

use std::{collections::HashMap, fmt, sync::Arc};

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    codec,
    dispatcher::Dispatcher,
    error::{Error, ErrorKind},
    link_schema::LinkValues,
};

/// An actor that a provider can call, from any thread, for as long as it likes.
#[derive(Clone)]
pub struct Actor {
    id: Arc<str>,
    dispatcher: Arc<dyn Dispatcher>,
    /// How many actors its provider calls at once without blocking, if there is a bound.
    #[cfg(feature = "tokio")]
    places: Option<Arc<tokio::sync::Semaphore>>,
}

impl Actor {
    /// The actor `id`, called through `dispatcher`.
    #[must_use]
    pub fn new(id: &str, dispatcher: Arc<dyn Dispatcher>) -> Self {
        Self {
            id: id.into(),
            dispatcher,
            #[cfg(feature = "tokio")]
            places: None,
        }
    }

    /// The same actor, called without blocking only when there is a place.
    #[cfg(feature = "tokio")]
    pub(crate) fn at_places(self, places: Arc<tokio::sync::Semaphore>) -> Self {
        Self { places: Some(places), ..self }
    }

    #[cfg(feature = "tokio")]
    pub(crate) fn places(&self) -> Option<&Arc<tokio::sync::Semaphore>> {
        self.places.as_ref()
    }

    /// Its public key.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Sends `message` to operation `op` of the actor and returns its reply.
    ///
    /// Hold no lock across it: the actor may call this provider before it answers.
    ///
    /// # Errors
    ///
    /// The host's or the actor's error with its kind; [`BadRequest`](ErrorKind::BadRequest) when the
    /// message cannot be encoded or the reply is not an `R`.
    pub fn dispatch<R: DeserializeOwned>(
        &self,
        op: &str,
        message: &(impl Serialize + ?Sized),
    ) -> Result<R, Error> {
        let reply = self.dispatch_bytes(op, &codec::encode(message)?)?;
        codec::decode_reply(&reply).map_err(|error| error.context(format_args!("reply of `{op}`")))
    }

    /// Sends bytes to operation `op` of the actor and returns its reply's bytes.
    ///
    /// # Errors
    ///
    /// The host's or the actor's error with its kind.
    pub fn dispatch_bytes(&self, op: &str, msg: &[u8]) -> Result<Vec<u8>, Error> {
        self.dispatcher.dispatch(&self.id, op, msg).map_err(Error::from_boxed)
    }
}

impl fmt::Debug for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Actor").field(&self.id).finish()
    }
}

/// What an actor was linked with.
///
/// It does not print its values: links carry passwords.
#[derive(Clone)]
pub struct LinkConfig {
    actor: Actor,
    values: HashMap<String, String>,
}

impl LinkConfig {
    /// The link of `actor` with `values`.
    #[must_use]
    pub fn new(actor: Actor, values: HashMap<String, String>) -> Self {
        Self { actor, values }
    }

    /// The linked actor. A clone of it can be kept, to call the actor from a thread of the
    /// provider's own.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The value of `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }

    /// The value of `key`.
    ///
    /// # Errors
    ///
    /// [`BadRequest`](ErrorKind::BadRequest) with the name of the key when the link has none.
    pub fn require(&self, key: &str) -> Result<&str, Error> {
        self.get(key).ok_or_else(|| {
            Error::new(ErrorKind::BadRequest, format!("link value `{key}` is required"))
        })
    }

    /// The values as a `T`, which derives [`LinkValues`].
    ///
    /// # Errors
    ///
    /// [`BadRequest`](ErrorKind::BadRequest) that tells of everything that is wrong, a line for each
    /// value: its key, what it is (unless it is a secret) and what was expected.
    pub fn read<T: LinkValues>(&self) -> Result<T, Error> {
        T::SCHEMA.check(&self.values)?;
        T::from_checked(self)
    }

    /// All values, those that the host adds (`__wasmcloud_issuer`, `_name`, ...) included.
    #[must_use]
    pub fn values(&self) -> &HashMap<String, String> {
        &self.values
    }
}

impl fmt::Debug for LinkConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut keys: Vec<_> = self.values.keys().collect();
        keys.sort();
        f.debug_struct("LinkConfig").field("actor", &self.actor).field("keys", &keys).finish()
    }
}

/// A linked actor with what the provider keeps for it.
#[derive(Debug)]
pub struct Linked<L> {
    /// What it was linked with.
    pub config: LinkConfig,
    /// What the provider keeps.
    pub link: L,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dispatcher::NullDispatcher;

    #[test]
    fn values_are_not_printed() {
        let actor = Actor::new("MACTOR", Arc::new(NullDispatcher));
        let values = [(String::from("PASSWORD"), String::from("hunter2"))].into();
        let config = LinkConfig::new(actor, values);
        let text = format!("{config:?}");
        assert!(text.contains("PASSWORD") && !text.contains("hunter2"), "{text}");
        assert_eq!(config.require("PASSWORD").unwrap(), "hunter2");
        assert!(config.require("URL").unwrap_err().message().contains("`URL`"));
    }
}
