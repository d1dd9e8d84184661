//! `wasmcloud:messaging` with a broker of its own.

use std::{
    collections::HashMap,
    net::{TcpStream, ToSocketAddrs},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, SyncSender},
    },
    time::Duration,
};

use provider_core::{Actor, codec, prelude::*};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::has;

/// A message.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BrokerMessage {
    /// What it is about.
    pub subject: String,
    /// Where an answer is expected.
    pub reply_to: String,
    /// What it says.
    pub body: ByteBuf,
}

/// What `Publish` returns.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct PublishResponse {
    /// Whether it was published.
    pub published: bool,
}

/// Publishes and asks.
#[contract("wasmcloud:messaging")]
pub trait Messaging {
    /// Publishes a message.
    fn publish(
        &self,
        cx: Cx<'_, Self>,
        subject: String,
        #[arg(name = "replyTo")] reply_to: String,
        body: ByteBuf,
    ) -> OpResult<PublishResponse>;

    /// Publishes a message and waits for the answer.
    fn request(
        &self,
        cx: Cx<'_, Self>,
        subject: String,
        body: ByteBuf,
        timeout: i64,
    ) -> OpResult<RequestResponse>;
}

/// What `Request` returns: a message, or what a defect makes of it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RequestResponse {
    /// The answer.
    Message(BrokerMessage),
    /// The answer's bytes.
    Raw(ByteBuf),
}

/// A broker in memory.
#[derive(Debug, Default)]
pub struct Broker {
    subscriptions: Mutex<HashMap<String, (Vec<String>, Actor)>>,
    /// Who waits for an answer, by where it is expected.
    waiting: Mutex<HashMap<String, SyncSender<BrokerMessage>>>,
    asked: AtomicU64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn matches(pattern: &str, subject: &str) -> bool {
    let mut words = subject.split('.');
    for part in pattern.split('.') {
        match (part, words.next()) {
            (">", Some(_)) => return true,
            ("*", Some(_)) => {}
            (part, Some(word)) if part == word => {}
            _ => return false,
        }
    }
    words.next().is_none()
}

impl Broker {
    fn deliver(&self, message: &BrokerMessage) {
        if let Some(waiting) = lock(&self.waiting).get(&message.subject) {
            // A second answer is too late.
            let _ = waiting.try_send(message.clone());
        }
        let reached: Vec<Actor> = lock(&self.subscriptions)
            .values()
            .filter(|(patterns, _)| patterns.iter().any(|one| matches(one, &message.subject)))
            .map(|(_, actor)| actor.clone())
            .collect();
        let op =
            if has("messaging-operation-drifted") { "DeliverMessage" } else { "HandleMessage" };
        let Ok(payload) = codec::encode(message) else {
            return;
        };
        for actor in reached {
            // What an actor answers is ignored.
            let _ = actor.dispatch_bytes(op, &payload);
        }
    }
}

impl Provider for Broker {
    type Link = ();

    fn link(&self, config: &LinkConfig) -> Result<(), BoxError> {
        if let Some(url) = config.get("URL")
            && !has("messaging-bind-without-broker")
        {
            let address = url.trim_start_matches("nats://").to_socket_addrs()?.next();
            let address = address.ok_or("the broker has no address")?;
            TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
            return Err("that is another broker".into());
        }
        let patterns = config.get("SUBSCRIPTION").unwrap_or_default().split(',');
        let patterns = patterns.filter(|pattern| !pattern.is_empty()).map(str::to_owned).collect();
        let actor = config.actor();
        lock(&self.subscriptions).insert(actor.id().to_owned(), (patterns, actor.clone()));
        Ok(())
    }

    fn unlink(&self, actor: &str, _link: &()) {
        lock(&self.subscriptions).remove(actor);
    }
}

impl Messaging for Broker {
    fn publish(
        &self,
        _cx: Cx<'_, Self>,
        subject: String,
        reply_to: String,
        body: ByteBuf,
    ) -> OpResult<PublishResponse> {
        self.deliver(&BrokerMessage { subject, reply_to, body });
        Ok(PublishResponse { published: true })
    }

    fn request(
        &self,
        _cx: Cx<'_, Self>,
        subject: String,
        body: ByteBuf,
        timeout: i64,
    ) -> OpResult<RequestResponse> {
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        let reply_to = format!("_INBOX.{number}");
        let (send, answers) = mpsc::sync_channel(1);
        lock(&self.waiting).insert(reply_to.clone(), send);
        self.deliver(&BrokerMessage { subject, reply_to: reply_to.clone(), body });
        let timeout = Duration::from_millis(u64::try_from(timeout).unwrap_or(0));
        let answer = answers.recv_timeout(timeout);
        lock(&self.waiting).remove(&reply_to);
        let answer =
            answer.map_err(|_| Error::new(ErrorKind::Timeout, "nobody answered in time"))?;
        Ok(if has("messaging-request-returns-raw-bytes") {
            RequestResponse::Raw(answer.body)
        } else {
            RequestResponse::Message(answer)
        })
    }
}
