//! A provider's life in the types: created, running, stopped.

use std::collections::HashMap;

use provider_core::{
    BoxError, Dispatcher, Error, ErrorKind, HealthResponse, ReplyBuffer, ReplyBytes, codec,
    ops::{
        CapabilityConfiguration, HealthRequest, OP_BIND_ACTOR, OP_HEALTH_REQUEST, OP_REMOVE_ACTOR,
        SYSTEM_ACTOR,
    },
};

use crate::{Instance, Library, LogLevel, LogSink, OpRef};

/// A provider that was made and has no way to its actors yet. It can only be configured.
#[derive(Debug)]
pub struct Created(Instance);

impl Created {
    pub(crate) fn new(instance: Instance) -> Self {
        Self(instance)
    }

    /// The library that made it.
    #[must_use]
    pub fn library(&self) -> &Library {
        self.0.library()
    }

    /// The provider's records up to `level` go to `sink`, as [`Instance::log_to`] says.
    #[must_use]
    pub fn log_to(self, level: LogLevel, sink: impl LogSink) -> Self {
        self.0.log_to(level, sink);
        self
    }

    /// Gives the provider its way to the actors, once.
    ///
    /// # Errors
    ///
    /// The provider's own, with its kind. The provider is gone then.
    pub fn configure(self, dispatcher: impl Dispatcher + 'static) -> Result<Running, Error> {
        self.0.configure_dispatch(dispatcher)?;
        Ok(Running(self.0))
    }
}

/// A provider that can be called, from any thread, many at a time.
///
/// Dropping it stops it.
#[derive(Debug)]
pub struct Running(Instance);

impl Running {
    /// The library that made it.
    #[must_use]
    pub fn library(&self) -> &Library {
        self.0.library()
    }

    /// From now on the provider's records up to `level` are wanted. It can be changed as often as you
    /// like, while the provider is called.
    pub fn set_log_level(&self, level: LogLevel) {
        self.0.set_log_level(level);
    }

    /// Links `actor` with `values`. Linking it again changes nothing.
    ///
    /// # Errors
    ///
    /// The provider's own, with its kind; [`AbiMismatch`](ErrorKind::AbiMismatch) when the reply is
    /// not empty.
    pub fn bind<K: Into<String>, V: Into<String>>(
        &self,
        actor: &str,
        values: impl IntoIterator<Item = (K, V)>,
    ) -> Result<(), Error> {
        let values = values.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
        self.configure_link(OP_BIND_ACTOR, actor, values)
    }

    /// Takes the link of `actor` away. An actor that is not linked is no error.
    ///
    /// # Errors
    ///
    /// As for [`bind`](Self::bind).
    pub fn remove(&self, actor: &str) -> Result<(), Error> {
        self.configure_link(OP_REMOVE_ACTOR, actor, HashMap::new())
    }

    fn configure_link(
        &self,
        op: &str,
        actor: &str,
        values: HashMap<String, String>,
    ) -> Result<(), Error> {
        let configuration = CapabilityConfiguration { module: actor.to_owned(), values };
        let reply = self.call(SYSTEM_ACTOR, op, &codec::encode(&configuration)?)?;
        if reply.is_empty() {
            return Ok(());
        }
        let message = format!("`{op}` answered {} bytes, none are expected", reply.len());
        Err(Error::new(ErrorKind::AbiMismatch, message))
    }

    /// Asks the provider how it is.
    ///
    /// # Errors
    ///
    /// The provider's own, with its kind; [`BadRequest`](ErrorKind::BadRequest) when the reply is no
    /// health.
    pub fn health(&self) -> Result<HealthResponse, Error> {
        let request = codec::encode(&HealthRequest::default())?;
        let reply = self.call(SYSTEM_ACTOR, OP_HEALTH_REQUEST, &request)?;
        codec::decode(&reply).map_err(|error| error.context("reply of `HealthRequest`"))
    }

    /// Sends `msg` to operation `op` on behalf of `actor` and returns the reply.
    ///
    /// # Errors
    ///
    /// The provider's own, with its kind; [`AbiMismatch`](ErrorKind::AbiMismatch) when it broke the
    /// ABI's rules with its reply.
    pub fn call<'op>(
        &self,
        actor: &str,
        op: impl Into<OpRef<'op>>,
        msg: &[u8],
    ) -> Result<ReplyBytes, Error> {
        self.0.call(actor, op, msg)
    }

    /// Like [`call`](Self::call), into a buffer whose memory is used again from call to call.
    ///
    /// # Errors
    ///
    /// As for [`call`](Self::call).
    #[inline]
    pub fn call_into<'op>(
        &self,
        actor: &str,
        op: impl Into<OpRef<'op>>,
        msg: &[u8],
        reply: &mut ReplyBuffer,
    ) -> Result<(), Error> {
        self.0.call_into(actor, op, msg, reply)
    }

    /// Stops the provider. No call of it is in progress: they all borrow it.
    ///
    /// # Errors
    ///
    /// The provider's own, with its kind. It is stopped and gone then.
    pub fn stop(self) -> Result<Stopped, Error> {
        self.0.stop()?;
        Ok(Stopped(self.0))
    }
}

/// Calls the provider on behalf of actors: a contract's typed client works on it.
impl Dispatcher for Running {
    fn dispatch(&self, actor: &str, op: &str, msg: &[u8]) -> Result<Vec<u8>, BoxError> {
        Ok(self.call(actor, op, msg)?.into())
    }
}

/// A provider that was stopped. Dropping it frees it.
#[derive(Debug)]
pub struct Stopped(Instance);

impl Stopped {
    /// Frees the provider.
    ///
    /// # Errors
    ///
    /// The provider's own: it panicked. It is gone all the same.
    pub fn destroy(self) -> Result<(), Error> {
        self.0.destroy()
    }
}
