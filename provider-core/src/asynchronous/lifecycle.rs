//! The lifecycle of an asynchronous provider.

use crate::{error::BoxError, link::LinkConfig, link_schema::LinkSchema, ops::HealthResponse};

/// What an asynchronous provider does when actors come and go: [`Provider`](crate::Provider) with
/// `async fn`.
///
/// All of it runs on a `tokio` runtime of the provider's own, with all drivers that the program's
/// `tokio` has. The constructor runs before there is one; the first place where
/// `tokio::runtime::Handle::current()` answers is [`link`](Self::link).
///
/// ```
/// use provider_core::prelude::*;
///
/// #[derive(Default)]
/// struct Counter;
///
/// impl AsyncProvider for Counter {
///     type Link = u64;
///
///     async fn link(&self, config: &LinkConfig) -> Result<u64, BoxError> {
///         tokio::task::yield_now().await;
///         Ok(config.get("START").unwrap_or("0").parse()?)
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no asynchronous provider lifecycle",
    label = "needs `impl AsyncProvider`",
    note = "implement it: `impl AsyncProvider for {Self} {{ type Link = (); .. }}`"
)]
pub trait AsyncProvider: Send + Sync + Sized + 'static {
    /// What this provider keeps for each linked actor. It is dropped when the actor was removed and its
    /// calls in progress have ended.
    type Link: Send + Sync + 'static;

    /// The values that links have: `Settings::SCHEMA` of a struct with
    /// [`#[derive(LinkValues)]`](macro@crate::LinkValues).
    const LINK: LinkSchema = LinkSchema::UNTYPED;

    /// Links an actor (`BindActor`): called at most once for a link that lives, and never while the link
    /// of the same actor is being made or ended. A caller who gives up drops the future, and the
    /// actor is not linked.
    ///
    /// # Errors
    ///
    /// Whatever keeps the link from being made. The actor stays unlinked and the host may try again.
    fn link(
        &self,
        config: &LinkConfig,
    ) -> impl Future<Output = Result<Self::Link, BoxError>> + Send;

    /// Ends an actor's link (`RemoveActor`), once, before the link is dropped. Calls of this actor
    /// may still be in progress; none begins any more. Nobody interrupts it.
    fn unlink(&self, actor: &str, link: &Self::Link) -> impl Future<Output = ()> + Send {
        let _ = (actor, link);
        async {}
    }

    /// How the provider is (`HealthRequest`).
    fn health(&self) -> impl Future<Output = HealthResponse> + Send {
        async { HealthResponse::healthy() }
    }

    /// The provider is being removed: no call is in flight, every link was ended before. The runtime
    /// ends afterwards, with all tasks that are still on it.
    fn stop(&self) -> impl Future<Output = ()> + Send {
        async {}
    }
}
