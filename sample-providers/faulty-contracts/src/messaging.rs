//! `wasmcloud:messaging` with a broker of its own.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    net::{TcpStream, ToSocketAddrs},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, SyncSender},
    },
    time::Duration,
};

use provider_contracts::messaging::{BadSubject, Subscription, check_reply_to, check_subject};
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
    members: Mutex<BTreeMap<String, Member>>,
    /// Who waits for an answer, by where it is expected.
    waiting: Mutex<HashMap<String, SyncSender<BrokerMessage>>>,
    asked: AtomicU64,
    /// A message that another one is to overtake.
    overtaken: Mutex<Option<BrokerMessage>>,
}

/// What an actor subscribes to.
#[derive(Debug, Clone)]
struct Member {
    actor: Actor,
    subscriptions: Vec<String>,
    group: Option<String>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn matches(subscription: &str, subject: &str) -> bool {
    if has("messaging-wildcard-compares-letters") {
        return match subscription.strip_suffix(['*', '>']) {
            Some(start) => subject.starts_with(start),
            None => subject == subscription,
        };
    }
    subscription.parse::<Subscription>().is_ok_and(|subscription| subscription.matches(subject))
}

fn check(subject: &str, reply_to: &str) -> Result<(), BadSubject> {
    if has("messaging-any-subject") {
        return Ok(());
    }
    check_subject(subject)?;
    check_reply_to(reply_to)
}

impl Broker {
    fn deliver(&self, message: &BrokerMessage) -> bool {
        let mut reached = false;
        if let Some(waiting) = lock(&self.waiting).get(&message.subject) {
            reached = true;
            // A second answer is too late.
            let _ = waiting.try_send(message.clone());
        }
        for actor in self.whom(&message.subject) {
            reached = true;
            self.call(&actor, message);
        }
        reached
    }

    /// The actors that get a message about `subject`, as often as they do.
    fn whom(&self, subject: &str) -> Vec<Actor> {
        let mut groups = BTreeSet::new();
        let mut actors = Vec::new();
        for member in lock(&self.members).values() {
            let matching = member.subscriptions.iter().filter(|one| matches(one, subject));
            let most = if has("messaging-one-subscription") { 1 } else { usize::MAX };
            for _ in matching.take(most) {
                let first = member.group.as_ref().is_none_or(|group| groups.insert(group.clone()));
                if first || has("messaging-group-ignored") {
                    actors.push(member.actor.clone());
                }
            }
        }
        actors
    }

    fn call(&self, actor: &Actor, message: &BrokerMessage) {
        let op =
            if has("messaging-operation-drifted") { "DeliverMessage" } else { "HandleMessage" };
        let Ok(payload) = codec::encode(message) else {
            return;
        };
        // What an actor answers is ignored.
        let answer = actor.dispatch_bytes(op, &payload);
        if answer.is_err() && has("messaging-ends-with-an-error") {
            lock(&self.members).remove(actor.id());
        }
    }
}

fn listed(config: &LinkConfig) -> Result<Vec<String>, BoxError> {
    let list = config.get("SUBSCRIPTION").unwrap_or_default();
    let names = list.split(',').map(str::trim).map(str::to_owned);
    if list.is_empty() {
        return Ok(Vec::new());
    }
    if has("messaging-any-subscription") {
        return Ok(names.collect());
    }
    names.map(|name| Ok(name.parse::<Subscription>()?.as_str().to_owned())).collect()
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
        let group = config.get("QUEUEGROUP_NAME").filter(|name| !name.is_empty());
        let (subscriptions, group) = (listed(config)?, group.map(str::to_owned));
        let member = Member { actor: config.actor().clone(), subscriptions, group };
        let mut members = lock(&self.members);
        let mut before = members.insert(config.actor().id().to_owned(), member);
        if has("messaging-remove-keeps-subscriptions")
            && let Some(member) = members.get_mut(config.actor().id())
            && let Some(before) = &mut before
        {
            member.subscriptions.append(&mut before.subscriptions);
        }
        Ok(())
    }

    fn unlink(&self, actor: &str, _link: &()) {
        if !has("messaging-remove-keeps-subscriptions") {
            lock(&self.members).remove(actor);
        }
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
        check(&subject, &reply_to)?;
        let message = BrokerMessage { subject, reply_to, body };
        if message.subject.ends_with(".a.2") && has("messaging-messages-overtake") {
            let mut overtaken = lock(&self.overtaken);
            let Some(first) = overtaken.take() else {
                *overtaken = Some(message);
                return Ok(PublishResponse { published: true });
            };
            drop(overtaken);
            self.deliver(&message);
            self.deliver(&first);
        } else {
            self.deliver(&message);
        }
        Ok(PublishResponse { published: true })
    }

    fn request(
        &self,
        _cx: Cx<'_, Self>,
        subject: String,
        body: ByteBuf,
        timeout: i64,
    ) -> OpResult<RequestResponse> {
        check(&subject, "")?;
        if timeout <= 0 {
            return Err(Error::new(ErrorKind::BadRequest, "the timeout is no time").into());
        }
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        let reply_to = format!("_INBOX.{number}");
        let (send, answers) = mpsc::sync_channel(1);
        lock(&self.waiting).insert(reply_to.clone(), send);
        let message = BrokerMessage { subject, reply_to: reply_to.clone(), body };
        let reached = self.deliver(&message);
        let timeout = if reached { timeout } else { 0 };
        let timeout = Duration::from_millis(u64::try_from(timeout).unwrap_or(0));
        let answer = answers.recv_timeout(timeout);
        lock(&self.waiting).remove(&reply_to);
        let answer = match answer {
            Err(_) if has("messaging-no-answer-is-empty") => BrokerMessage::default(),
            answer => {
                answer.map_err(|_| Error::new(ErrorKind::Timeout, "nobody answered in time"))?
            }
        };
        Ok(if has("messaging-request-returns-raw-bytes") {
            RequestResponse::Raw(answer.body)
        } else {
            RequestResponse::Message(answer)
        })
    }
}
