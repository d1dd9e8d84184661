//! `wasmcloud:messaging` between the actors of one host, with no server to run.
//!
//! A broker is a name: the links that name the same one share it, and it is gone with the last of them. Each
//! subscription has a queue of its own, so an actor that takes its time holds up nobody else. What waits keeps
//! no thread; an actor that is being called keeps one, since the host's dispatcher blocks.

mod broker;
mod inbox;
mod queue;
mod routes;

use std::{
    collections::HashMap,
    sync::{Arc, Weak},
    time::Duration,
};

use parking_lot::Mutex;
use provider_contracts::messaging::{
    BrokerMessage, MessagingAsync, PublishResponse, QueueGroup, Subscription, check_reply_to,
    check_subject,
};
use provider_core::{Error, ErrorKind, ProviderEntry, prelude::*};
use serde_bytes::ByteBuf;

pub use self::{
    broker::{Broker, MAX_BODY_BYTES, Membership},
    queue::{MAX_WAITING, MAX_WAITING_BYTES},
};

/// What an actor is linked with.
#[derive(Debug, LinkValues)]
pub struct Settings {
    /// The broker. Links that name the same one share it; those that name none share one, too.
    #[value(default = "")]
    pub broker: String,
    /// What the actor subscribes to: subjects, in which `*` is any token and `>` at the end any tokens.
    #[value(default = "", expected = "subjects with commas between them")]
    pub subscription: Vec<Subscription>,
    /// The queue group that its subscriptions belong to: of the members of a group one gets a message.
    #[value(default = "", expected = "a name without spaces")]
    pub queuegroup_name: QueueGroup,
}

/// Brokers in this process.
#[derive(Debug, Default)]
pub struct LocalMessaging {
    brokers: Mutex<HashMap<String, Weak<Broker>>>,
}

impl LocalMessaging {
    fn broker(&self, name: String) -> Arc<Broker> {
        let mut brokers = self.brokers.lock();
        brokers.retain(|_, broker| broker.strong_count() > 0);
        if let Some(broker) = brokers.get(&name).and_then(Weak::upgrade) {
            return broker;
        }
        let broker = Arc::new(Broker::default());
        brokers.insert(name, Arc::downgrade(&broker));
        broker
    }
}

impl AsyncProvider for LocalMessaging {
    type Link = Membership;

    const LINK: LinkSchema = Settings::SCHEMA;

    async fn link(&self, config: &LinkConfig) -> Result<Membership, BoxError> {
        let Settings { broker, subscription, queuegroup_name } = config.read()?;
        let broker = self.broker(broker);
        Ok(Membership::begin(broker, config.actor(), subscription, queuegroup_name.name()))
    }

    async fn unlink(&self, _actor: &str, link: &Membership) {
        link.end().await;
    }
}

/// The message, once it was checked.
///
/// # Errors
///
/// *Bad request* for a subject that is none and a body that is too large.
fn checked(subject: String, reply_to: String, body: ByteBuf) -> Result<BrokerMessage, BoxError> {
    check_subject(&subject)?;
    check_reply_to(&reply_to)?;
    if body.len() > MAX_BODY_BYTES {
        let (len, max) = (body.len(), MAX_BODY_BYTES);
        let message = format!("the body has {len} bytes, and a message may have {max}");
        return Err(Error::new(ErrorKind::BadRequest, message).into());
    }
    Ok(BrokerMessage { subject, reply_to, body: body.into_vec() })
}

#[cfg_attr(feature = "export", capability_provider)]
impl MessagingAsync for LocalMessaging {
    async fn publish(
        &self,
        cx: Cx<'_, Self>,
        subject: String,
        reply_to: String,
        body: ByteBuf,
    ) -> OpResult<PublishResponse> {
        cx.link().broker().publish(&checked(subject, reply_to, body)?)?;
        Ok(PublishResponse { published: true })
    }

    async fn request(
        &self,
        cx: Cx<'_, Self>,
        subject: String,
        body: ByteBuf,
        timeout: i64,
    ) -> OpResult<BrokerMessage> {
        let Some(milliseconds) = u64::try_from(timeout).ok().filter(|timeout| *timeout > 0) else {
            let message = format!("timeout {timeout} ms leaves no time for an answer");
            return Err(Error::new(ErrorKind::BadRequest, message).into());
        };
        let timeout = Duration::from_millis(milliseconds);
        let broker = cx.link().broker();
        Ok(broker.request(checked(subject, String::new(), body)?, timeout).await?)
    }
}

/// For hosts that link this provider in.
pub const ENTRY: ProviderEntry = provider_core::provider_entry!(LocalMessaging: MessagingAsync);
