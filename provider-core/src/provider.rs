//! The specification's own trait.

use crate::{dispatcher::Dispatcher, error::BoxError};

/// A capability provider, with the specification's signatures.
///
/// Implement it by hand when [`Provider`](crate::Provider) and the macros are in the way, and export
/// it with [`export_provider!`](crate::export_provider). A hand-written provider answers
/// `BindActor`, `RemoveActor` and `HealthRequest` (see [`crate::ops`]) in `handle_call` itself.
pub trait CapabilityProvider: CloneProvider + Send + Sync {
    /// This function will be called on the provider when the host runtime is ready and has
    /// configured a dispatcher. It is only ever called _once_ for a capability provider, regardless
    /// of the number of actors being managed in the host.
    ///
    /// # Errors
    ///
    /// Whatever keeps the provider from working; the host stops it then.
    fn configure_dispatch(&self, dispatcher: Box<dyn Dispatcher>) -> Result<(), BoxError>;

    /// Invoked when an actor has requested that a provider perform a given operation.
    ///
    /// # Errors
    ///
    /// Whatever keeps the operation from being done; an [`Error`](crate::Error) inside tells its
    /// kind to the host.
    fn handle_call(&self, actor: &str, op: &str, msg: &[u8]) -> Result<Vec<u8>, BoxError>;

    /// This function is called to let the capability provider know that it is being removed from
    /// the host runtime. This gives the provider an opportunity to clean up any resources and stop
    /// any running threads.
    ///
    /// It must do nothing that might panic, which includes writing to standard output when that
    /// might be unavailable.
    fn stop(&self);
}

/// Makes another handle to the same provider. Every provider that is [`Clone`] has it.
pub trait CloneProvider {
    /// Another handle to the same provider, behind the trait.
    fn clone_box(&self) -> Box<dyn CapabilityProvider>;
}

impl<T> CloneProvider for T
where
    T: CapabilityProvider + Clone + 'static,
{
    fn clone_box(&self) -> Box<dyn CapabilityProvider> {
        Box::new(self.clone())
    }
}

impl Clone for Box<dyn CapabilityProvider> {
    fn clone(&self) -> Self {
        // Through the reference: `self.clone_box()` would find the box's own implementation first.
        (**self).clone_box()
    }
}
