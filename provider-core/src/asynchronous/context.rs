//! What an asynchronous operation knows of the call it serves.

use serde::{Serialize, de::DeserializeOwned};

use super::lifecycle::AsyncProvider;
use crate::{
    context::Cx,
    error::Error,
    link::{LinkConfig, Linked},
};

/// What [`Cx`] has in an asynchronous provider, under the names that it has in a synchronous one. The
/// prelude brings it along.
pub trait AsyncContext<'a>: Copy {
    /// What the provider keeps for each linked actor.
    type Link;

    /// What [`AsyncProvider::link`] returned for the calling actor.
    fn link(&self) -> &'a Self::Link;

    /// Sends `message` to operation `op` of the calling actor and returns its reply. No worker of the
    /// runtime waits for it.
    ///
    /// Hold no lock across it: the actor may call this provider before it answers. When the future is
    /// dropped the actor works on, and nobody hears of its reply.
    ///
    /// # Errors
    ///
    /// Those of [`Actor::dispatch`](crate::Actor::dispatch).
    fn dispatch<R: DeserializeOwned>(
        &self,
        op: &str,
        message: &(impl Serialize + ?Sized),
    ) -> impl Future<Output = Result<R, Error>> + Send;
}

impl<'a, P: AsyncProvider> AsyncContext<'a> for Cx<'a, P> {
    type Link = P::Link;

    fn link(&self) -> &'a P::Link {
        self.any_link().downcast_ref().expect("a context is made with its provider's link")
    }

    fn dispatch<R: DeserializeOwned>(
        &self,
        op: &str,
        message: &(impl Serialize + ?Sized),
    ) -> impl Future<Output = Result<R, Error>> + Send {
        self.caller().dispatch_async(op, message)
    }
}

impl<'a, P: AsyncProvider> Cx<'a, P> {
    /// The context of a call of an asynchronous provider by the actor that `linked` belongs to.
    #[must_use]
    pub fn asynchronous(linked: &'a Linked<P::Link>) -> Self {
        let config: &LinkConfig = &linked.config;
        Self::of(config, &linked.link)
    }
}
