//! The safe lifecycle: what authors implement.

use crate::{error::BoxError, link::LinkConfig, link_schema::LinkSchema, ops::HealthResponse};

/// What a provider does when actors come and go. The operations are a contract's, in a trait of their
/// own.
///
/// The SDK answers `BindActor`, `RemoveActor` and `HealthRequest` with it, and keeps the
/// specification's promises: linking twice and removing twice are harmless, an actor that is not
/// linked gets an error, a link that cannot be made leaves nothing behind.
///
/// ```
/// use provider_core::prelude::*;
///
/// /// What an actor is linked with.
/// #[derive(LinkValues)]
/// struct Settings {
///     #[value(default = 0)]
///     start: u64,
/// }
///
/// #[derive(Default)]
/// struct Counter;
///
/// impl Provider for Counter {
///     type Link = u64;
///     const LINK: LinkSchema = Settings::SCHEMA;
///
///     fn link(&self, config: &LinkConfig) -> Result<u64, BoxError> {
///         let Settings { start } = config.read()?;
///         Ok(start)
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no provider lifecycle",
    label = "needs `impl Provider`",
    note = "implement it: `impl Provider for {Self} {{ type Link = (); .. }}`"
)]
pub trait Provider: Send + Sync + Sized + 'static {
    /// What this provider keeps for each linked actor: a connection, a name space, a listener. It is
    /// dropped when the actor was removed and its calls in progress have returned.
    type Link: Send + Sync + 'static;

    /// The values that links have: `Settings::SCHEMA` of a struct with
    /// [`#[derive(LinkValues)]`](macro@crate::LinkValues).
    ///
    /// They are part of what the library says of itself, and an actor with wrong ones is refused before
    /// [`link`](Self::link) is called.
    const LINK: LinkSchema = LinkSchema::UNTYPED;

    /// Links an actor (`BindActor`): called at most once for a link that lives.
    ///
    /// # Errors
    ///
    /// Whatever keeps the link from being made. The actor stays unlinked and the host may try again.
    fn link(&self, config: &LinkConfig) -> Result<Self::Link, BoxError>;

    /// Ends an actor's link (`RemoveActor`), once, before the link is dropped. Calls of this actor
    /// may still be in progress; none begins any more.
    fn unlink(&self, actor: &str, link: &Self::Link) {
        let _ = (actor, link);
    }

    /// How the provider is (`HealthRequest`).
    fn health(&self) -> HealthResponse {
        HealthResponse::healthy()
    }

    /// The provider is being removed; every link was ended before. Do nothing here that might
    /// panic.
    fn stop(&self) {}
}
