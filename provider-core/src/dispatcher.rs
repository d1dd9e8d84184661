//! How a provider calls an actor.

use crate::error::{BoxError, Error, ErrorKind};

/// Calls actors on behalf of a provider. The host implements it and gives it to the provider once,
/// with [`configure_dispatch`](crate::CapabilityProvider::configure_dispatch).
pub trait Dispatcher: Send + Sync {
    /// Sends `msg` to operation `op` of `actor` and returns the reply.
    ///
    /// It may be called from any thread, many at a time. It may lead to another call of the provider
    /// on the same thread: hold no lock across it.
    ///
    /// # Errors
    ///
    /// Whatever the host or the actor answers; an [`Error`] inside tells its kind.
    fn dispatch(&self, actor: &str, op: &str, msg: &[u8]) -> Result<Vec<u8>, BoxError>;
}

impl<D: Dispatcher + ?Sized> Dispatcher for &D {
    fn dispatch(&self, actor: &str, op: &str, msg: &[u8]) -> Result<Vec<u8>, BoxError> {
        (**self).dispatch(actor, op, msg)
    }
}

impl<D: Dispatcher + ?Sized> Dispatcher for Box<D> {
    fn dispatch(&self, actor: &str, op: &str, msg: &[u8]) -> Result<Vec<u8>, BoxError> {
        (**self).dispatch(actor, op, msg)
    }
}

impl<D: Dispatcher + ?Sized> Dispatcher for std::sync::Arc<D> {
    fn dispatch(&self, actor: &str, op: &str, msg: &[u8]) -> Result<Vec<u8>, BoxError> {
        (**self).dispatch(actor, op, msg)
    }
}

/// A dispatcher for before there is one: every call is an error.
#[derive(Debug, Clone, Copy, Default)]
pub struct NullDispatcher;

impl NullDispatcher {
    /// A dispatcher whose every call is an error.
    #[must_use]
    pub fn new() -> Self {
        Self
    }
}

impl Dispatcher for NullDispatcher {
    /// # Errors
    ///
    /// Always, of kind [`Unavailable`](ErrorKind::Unavailable).
    fn dispatch(&self, actor: &str, op: &str, _msg: &[u8]) -> Result<Vec<u8>, BoxError> {
        Err(Error::new(
            ErrorKind::Unavailable,
            format!(
                "cannot call `{op}` of actor `{actor}`: the host has not configured a dispatcher"
            ),
        )
        .into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_null_dispatcher_answers_with_an_error_that_names_the_call() {
        let error = NullDispatcher::new().dispatch("MACTOR", "HandleRequest", &[]).unwrap_err();
        let error = Error::from_boxed(error);
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(error.message().contains("`HandleRequest` of actor `MACTOR`"), "{error}");
    }
}
