//! What stands behind the doorway: a provider of either kind, ready to be called.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::{
    dispatcher::Dispatcher,
    error::{Error, ErrorKind},
    provider::CapabilityProvider,
    reply::Reply,
};

/// A call, as the doorway passes it on.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// Position of the operation in the contract's table, if the caller knew it.
    pub op_id: Option<u32>,
    /// Public key of the calling actor, or `system`.
    pub actor: &'a str,
    /// Name of the operation.
    pub op: &'a str,
    /// The payload.
    pub msg: &'a [u8],
}

/// A provider behind the doorway: the `export` module turns it into the C ABI's object. Both kinds
/// of provider end here: [`Adapter`](crate::Adapter) for a [`Provider`](crate::Provider) with its
/// contract, [`HandWritten`] for the specification's trait.
///
/// A panic in any of its functions is caught by the doorway.
pub trait Service: Send + Sync + 'static {
    /// Gives the provider its dispatcher.
    ///
    /// # Errors
    ///
    /// [`Already`](ErrorKind::Already) the second time, else the provider's own.
    fn configure_dispatch(&self, dispatcher: Box<dyn Dispatcher>) -> Result<(), Error>;

    /// Serves a call.
    ///
    /// # Errors
    ///
    /// The provider's.
    fn handle_call(&self, call: &Call<'_>, reply: &mut Reply<'_>) -> Result<(), Error>;

    /// Ends the provider's work.
    ///
    /// # Errors
    ///
    /// [`Already`](ErrorKind::Already) the second time.
    fn stop(&self) -> Result<(), Error>;
}

/// The phases of a provider's life, as far as the SDK keeps them.
#[derive(Debug, Default)]
pub(crate) struct Phases {
    configured: AtomicBool,
    stopped: AtomicBool,
}

impl Phases {
    /// # Errors
    ///
    /// `Already`, `Stopping`.
    pub(crate) fn configure(&self) -> Result<(), Error> {
        self.running()?;
        if self.configured.swap(true, Ordering::AcqRel) {
            return Err(Error::new(ErrorKind::Already, "a dispatcher was configured before"));
        }
        Ok(())
    }

    /// # Errors
    ///
    /// `Stopping`.
    #[inline]
    pub(crate) fn running(&self) -> Result<(), Error> {
        if self.stopped.load(Ordering::Acquire) { Err(stopping()) } else { Ok(()) }
    }

    /// # Errors
    ///
    /// `Already`.
    pub(crate) fn stop(&self) -> Result<(), Error> {
        if self.stopped.swap(true, Ordering::AcqRel) {
            return Err(Error::new(ErrorKind::Already, "the provider was stopped before"));
        }
        Ok(())
    }
}

#[cold]
fn stopping() -> Error {
    Error::new(ErrorKind::Stopping, "the provider was stopped")
}

/// A provider that implements the specification's trait by hand.
#[derive(Debug)]
pub struct HandWritten<T> {
    provider: T,
    phases: Phases,
}

impl<T: CapabilityProvider + 'static> HandWritten<T> {
    /// Puts `provider` behind the doorway.
    pub fn new(provider: T) -> Self {
        Self { provider, phases: Phases::default() }
    }
}

impl<T: CapabilityProvider + 'static> Service for HandWritten<T> {
    fn configure_dispatch(&self, dispatcher: Box<dyn Dispatcher>) -> Result<(), Error> {
        self.phases.configure()?;
        self.provider.configure_dispatch(dispatcher).map_err(Error::from_boxed)
    }

    fn handle_call(&self, call: &Call<'_>, reply: &mut Reply<'_>) -> Result<(), Error> {
        self.phases.running()?;
        match self.provider.handle_call(call.actor, call.op, call.msg) {
            Ok(payload) => reply.give(payload),
            Err(error) => Err(Error::from_boxed(error)),
        }
    }

    fn stop(&self) -> Result<(), Error> {
        self.phases.stop()?;
        self.provider.stop();
        Ok(())
    }
}
