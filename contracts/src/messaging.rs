//! `wasmcloud:messaging`: messages about subjects, between actors and whoever else is at the broker.
//!
//! # A link
//!
//! | link value | meaning | default |
//! |---|---|---|
//! | `SUBSCRIPTION` | the subscriptions of the actor, with commas between them | none |
//! | `QUEUEGROUP_NAME` | the group that its subscriptions belong to | none |
//!
//! What leads to the broker (`URL`, `CREDSFILE`, `CLIENT_JWT` with `CLIENT_SEED`) is the provider's to say.
//! `BindActor` succeeds when the broker has every subscription, and fails with the reason when one cannot be
//! made. After `RemoveActor` nothing more reaches the actor.
//!
//! # Subjects
//!
//! Those of [NATS](https://docs.nats.io/nats-concepts/subjects): tokens with `.` between them, none empty,
//! without spaces and control characters, at most [`MAX_SUBJECT_BYTES`] long. Large and small letters differ.
//! In a subscription a token `*` is any one token, and `>` at the end is one token or more. A
//! message goes to a subject without wildcards.
//!
//! # Delivery
//!
//! - **At most once.** The broker keeps nothing: a message reaches those who are subscribed when it is
//!   published, and is lost for those who are not, and for a subscription that has too many waiting
//!   already.
//! - **Once for each subscription that matches**, so an actor with two such subscriptions gets it twice, and
//!   one that publishes what it subscribes to gets its own messages. Of the members of a queue group one
//!   gets it.
//! - **In order.** What one actor publishes, one call after the other, reaches each subscription in that order.
//!   A subscription's next message comes when the actor has answered the one before; a queue group has no order
//!   among its members.
//! - **An actor's answer to a message is ignored**, errors too.

mod messages;
#[cfg(feature = "scenarios")]
pub mod scenario;
mod subject;

use provider_core::prelude::*;
use serde_bytes::ByteBuf;

pub use self::{
    messages::{BrokerMessage, PublishResponse},
    subject::{
        BadSubject, MAX_SUBJECT_BYTES, QueueGroup, Subscription, check_reply_to, check_subject,
    },
};

/// What actors ask of a message broker.
#[contract("wasmcloud:messaging", calls = MessageHandler)]
pub trait Messaging {
    /// Publishes a message.
    ///
    /// `replyTo` is the subject at which an answer is expected, or empty. `published` is `true` when the broker
    /// has taken the message; whether anybody got it nobody knows. Everything else is an error.
    ///
    /// # Errors
    ///
    /// *Bad request* for a subject that is none, or a body that is larger than the broker takes: then nothing
    /// was published. *Unavailable* when the broker is not there, *timeout* when it does not answer: whether the
    /// message was published is not known then. It is never published twice.
    #[op(example(
        title = "to nobody in particular",
        request = r#"{"subject": "orders.new", "replyTo": "", "body": {"$bytes": "aGVsbG8="}}"#,
        reply = r#"{"published": true}"#
    ))]
    fn publish(
        &self,
        cx: Cx<'_, Self>,
        subject: String,
        #[arg(name = "replyTo")] reply_to: String,
        body: ByteBuf,
    ) -> OpResult<PublishResponse>;

    /// Publishes a message, waits for an answer and returns the first, at most `timeout` milliseconds.
    ///
    /// # Errors
    ///
    /// *Timeout* when no answer came in time, and at once where the broker knows that nobody is subscribed.
    /// *Bad request* for a timeout of 0 or less, and what [`publish`](Self::publish) refuses.
    /// *Unavailable* when the broker is not there.
    fn request(
        &self,
        cx: Cx<'_, Self>,
        subject: String,
        body: ByteBuf,
        timeout: i64,
    ) -> OpResult<BrokerMessage>;
}

/// What the actors of `wasmcloud:messaging` answer.
#[contract("wasmcloud:messaging")]
pub trait MessageHandler {
    /// A message came for a subscription of the actor. The payload is the message itself.
    ///
    /// # Errors
    ///
    /// The actor's own, which nobody sees.
    #[op(unary)]
    fn handle_message(&self, cx: Cx<'_, Self>, message: BrokerMessage) -> OpResult<Acknowledged>;
}

/// What an actor answers to a message: nothing, whose bytes are those of 2021, one nil.
pub type Acknowledged = Option<()>;
