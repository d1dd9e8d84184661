//! What an operation knows of the call it serves.

use std::{any::Any, fmt, marker::PhantomData};

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    error::Error,
    lifecycle::Provider,
    link::{Actor, LinkConfig, Linked},
};

/// The context of a call: who calls, and what its link holds.
///
/// An operation takes it by value, right after `&self`.
// No bound on `P`: a provider without its lifecycle then costs one error, not one an operation.
pub struct Cx<'a, P: ?Sized> {
    config: &'a LinkConfig,
    // `P::Link`, which cannot be named without the bound. Set by `Cx::new`, which has it.
    link: &'a (dyn Any + Send + Sync),
    provider: PhantomData<fn(&P)>,
}

impl<'a, P: Provider> Cx<'a, P> {
    /// The context of a call by the actor that `linked` belongs to.
    #[must_use]
    pub fn new(linked: &'a Linked<P::Link>) -> Self {
        Self { config: &linked.config, link: &linked.link, provider: PhantomData }
    }

    /// What [`Provider::link`] returned for the calling actor.
    ///
    /// # Panics
    ///
    /// Never: [`Cx::new`] takes a link of this type and no other.
    #[must_use]
    pub fn link(&self) -> &'a P::Link {
        self.link.downcast_ref().expect("a context is made with its provider's link")
    }

    /// Sends `message` to operation `op` of the calling actor and returns its reply.
    ///
    /// Hold no lock across it: the actor may call this provider before it answers.
    ///
    /// # Errors
    ///
    /// Those of [`Actor::dispatch`].
    pub fn dispatch<R: DeserializeOwned>(
        &self,
        op: &str,
        message: &(impl Serialize + ?Sized),
    ) -> Result<R, Error> {
        self.caller().dispatch(op, message)
    }
}

impl<'a, P: ?Sized> Cx<'a, P> {
    /// Public key of the calling actor.
    #[must_use]
    pub fn actor(&self) -> &'a str {
        self.config.actor().id()
    }

    /// What the calling actor was linked with.
    #[must_use]
    pub fn config(&self) -> &'a LinkConfig {
        self.config
    }

    /// The calling actor. A clone of it can be kept.
    #[must_use]
    pub fn caller(&self) -> &'a Actor {
        self.config.actor()
    }

    /// The context of a call by the actor that was linked with `config`.
    #[cfg(feature = "tokio")]
    pub(crate) fn of(config: &'a LinkConfig, link: &'a (dyn Any + Send + Sync)) -> Self {
        Self { config, link, provider: PhantomData }
    }

    /// What the provider keeps for the calling actor.
    #[cfg(feature = "tokio")]
    pub(crate) fn any_link(&self) -> &'a (dyn Any + Send + Sync) {
        self.link
    }
}

impl<P: ?Sized> Clone for Cx<'_, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P: ?Sized> Copy for Cx<'_, P> {}

impl<P: ?Sized> fmt::Debug for Cx<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cx").field("config", self.config).finish_non_exhaustive()
    }
}
