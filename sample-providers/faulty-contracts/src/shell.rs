//! What all of the providers have in common: the SDK's adapter, and faults that any contract can
//! have.

use provider_core::{
    Adapter, BoxError, CapabilityProvider, Contract, Dispatcher, Error, ErrorKind, Provider, codec,
    ops::{CapabilityConfiguration, OP_HEALTH_REQUEST, OP_REMOVE_ACTOR, SYSTEM_ACTOR},
};
use serde::de::IgnoredAny;

use crate::{
    has,
    messaging::{BrokerMessage, PublishResponse},
};

/// A provider behind the SDK's adapter, which it may get in the way of.
#[derive(Debug)]
pub struct Shell<P: Provider>(Adapter<P>);

impl<P: Provider> Shell<P> {
    /// Serves `contract` with `provider`.
    pub fn new(provider: P, contract: &'static Contract<P>) -> Self {
        Self(Adapter::new(provider, contract))
    }
}

impl<P: Provider> Clone for Shell<P> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<P: Provider> CapabilityProvider for Shell<P> {
    fn configure_dispatch(&self, dispatcher: Box<dyn Dispatcher>) -> Result<(), BoxError> {
        CapabilityProvider::configure_dispatch(&self.0, dispatcher)
    }

    fn handle_call(&self, actor: &str, op: &str, msg: &[u8]) -> Result<Vec<u8>, BoxError> {
        match op {
            OP_HEALTH_REQUEST if has("httpclient-no-health-request") => {
                let message = format!("unknown operation `{op}`");
                return Err(Error::new(ErrorKind::UnknownOperation, message).into());
            }
            OP_REMOVE_ACTOR
                if has("keyvalue-remove-does-nothing")
                    && actor == SYSTEM_ACTOR
                    && codec::decode::<CapabilityConfiguration>(msg).is_ok() =>
            {
                return Ok(Vec::new());
            }
            "Publish"
                if has("messaging-publishes-for-anybody")
                    && self.0.links().get(actor).is_none()
                    && codec::decode::<BrokerMessage>(msg).is_ok() =>
            {
                return Ok(codec::encode(&PublishResponse { published: true })?);
            }
            "PublishMessage" if has("messaging-declares-another-name") => {
                return CapabilityProvider::handle_call(&self.0, actor, "Publish", msg);
            }
            "Get" if has("keyvalue-panics-on-malformed") => {
                codec::decode::<IgnoredAny>(msg).expect("the payload of `Get` is MessagePack");
            }
            "DeleteGraph" if !has("graphdb-answers-undeclared") => {
                let message = format!("unknown operation `{op}`");
                return Err(Error::new(ErrorKind::UnknownOperation, message).into());
            }
            _ => {}
        }
        CapabilityProvider::handle_call(&self.0, actor, op, msg)
    }

    fn stop(&self) {
        CapabilityProvider::stop(&self.0);
    }
}
