//! A provider's life in the types: created, running, stopped.

use std::{collections::HashMap, time::Duration};

use provider_core::{
    BoxError, Dispatcher, Error, ErrorKind, HealthResponse, ReplyBuffer, ReplyBytes, codec,
    ops::{
        CapabilityConfiguration, HealthRequest, OP_BIND_ACTOR, OP_HEALTH_REQUEST, OP_REMOVE_ACTOR,
        SYSTEM_ACTOR,
    },
};

use crate::{CallFaults, Instance, Library, LogLevel, LogSink, OpRef, PendingCall};

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

    /// Sends `msg` to operation `op` on behalf of `actor` and does not wait for the reply: what it
    /// returns is a future, and can be waited for by a thread.
    ///
    /// A provider that has the extension `cp.async/1` is called through it, on this thread; it does
    /// not block. For any other one the call is made by a thread of a few that the host keeps for this
    /// provider, at most eight, and waits for its turn if need be. Who calls sees no difference.
    ///
    /// ```no_run
    /// # async fn example(provider: &provider_host::Running) -> Result<(), provider_core::Error> {
    /// let first = provider.start("MACTOR", "Get", b"\x81\xa3key\xa1k");
    /// let second = provider.start("MACTOR", "Get", b"\x81\xa3key\xa1l");
    /// println!("{} and {} bytes", first.await?.len(), second.await?.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn start<'op>(&self, actor: &str, op: impl Into<OpRef<'op>>, msg: &[u8]) -> PendingCall {
        self.0.start(actor, op, msg)
    }

    /// Whether the provider has asynchronous calls: the extension `cp.async/1`.
    ///
    /// # Errors
    ///
    /// [`AbiMismatch`](ErrorKind::AbiMismatch): it has something of that name that breaks the ABI's
    /// rules.
    pub fn has_async_calls(&self) -> Result<bool, Error> {
        self.0.has_async_calls()
    }

    /// How many started calls were not completed yet.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.0.in_flight()
    }

    /// What the provider did wrong with started calls so far.
    #[must_use]
    pub fn call_faults(&self) -> CallFaults {
        self.0.call_faults()
    }

    /// Stops the provider. No call of it is in progress but those that were started: the others
    /// borrow it. It is waited for these, 5 s at the most; those that the provider still has then are
    /// answered with [`Stopping`](ErrorKind::Stopping).
    ///
    /// # Errors
    ///
    /// The provider's own, with its kind. It is stopped and gone then. [`Timeout`](ErrorKind::Timeout)
    /// when it still has calls: it is stopped, and never freed.
    pub fn stop(self) -> Result<Stopped, Error> {
        self.0.stop()?;
        Ok(Stopped(self.0))
    }

    /// [`stop`](Self::stop) with another time to wait for the calls that were started, after the
    /// provider's own `stop` returned.
    ///
    /// # Errors
    ///
    /// As for [`stop`](Self::stop).
    pub fn stop_within(self, patience: Duration) -> Result<Stopped, Error> {
        self.0.stop_within(patience)?;
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
