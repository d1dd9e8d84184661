//! `wasmcloud:messaging` through NATS.
//!
//! Each link has a connection of its own, with its own credentials. A message is acknowledged when the server
//! has it: the server is asked, once for all calls that wait at the time. A connection that is lost is replaced;
//! what was under way on it ends with an error, and nothing is published twice.

mod answers;
mod connection;
mod link;
mod login;
mod pump;
mod settings;

use std::{sync::Arc, time::Duration};

use provider_contracts::messaging::{
    BrokerMessage, MessagingAsync, PublishResponse, check_reply_to, check_subject,
};
use provider_core::{Error, ErrorKind, ProviderEntry, prelude::*};
use serde_bytes::ByteBuf;

pub use self::{
    link::Link,
    settings::{Servers, Settings},
};
use crate::link::Troubles;

/// Connections to NATS.
#[derive(Debug, Default)]
pub struct NatsMessaging {
    troubles: Arc<Troubles>,
}

impl AsyncProvider for NatsMessaging {
    type Link = Link;

    const LINK: LinkSchema = Settings::SCHEMA;

    async fn link(&self, config: &LinkConfig) -> Result<Link, BoxError> {
        Ok(Link::begin(config, config.read()?, &self.troubles).await?)
    }

    async fn unlink(&self, _actor: &str, link: &Link) {
        link.end().await;
    }

    async fn health(&self) -> HealthResponse {
        self.troubles.health()
    }
}

#[cfg_attr(feature = "export", capability_provider)]
impl MessagingAsync for NatsMessaging {
    async fn publish(
        &self,
        cx: Cx<'_, Self>,
        subject: String,
        reply_to: String,
        body: ByteBuf,
    ) -> OpResult<PublishResponse> {
        check_subject(&subject)?;
        check_reply_to(&reply_to)?;
        cx.link().publish(subject, reply_to, body.into_vec()).await?;
        Ok(PublishResponse { published: true })
    }

    async fn request(
        &self,
        cx: Cx<'_, Self>,
        subject: String,
        body: ByteBuf,
        timeout: i64,
    ) -> OpResult<BrokerMessage> {
        check_subject(&subject)?;
        let Some(milliseconds) = u64::try_from(timeout).ok().filter(|timeout| *timeout > 0) else {
            let message = format!("timeout {timeout} ms leaves no time for an answer");
            return Err(Error::new(ErrorKind::BadRequest, message).into());
        };
        let limit = Duration::from_millis(milliseconds);
        Ok(cx.link().request(subject, body.into_vec(), limit).await?)
    }
}

/// For hosts that link this provider in.
pub const ENTRY: ProviderEntry = provider_core::provider_entry!(NatsMessaging: MessagingAsync);
