//! How a scenario is played.

use std::{collections::BTreeSet, fmt::Write, panic, thread};

use provider_core::{
    Error, ErrorKind, codec,
    ops::{CapabilityConfiguration, OP_BIND_ACTOR, OP_REMOVE_ACTOR, SYSTEM_ACTOR},
};
use serde_bytes::ByteBuf;

use super::{Failure, Link, Message, Scenario, Step, Subject};
use crate::messaging::{BrokerMessage, MessagingClient};

/// What was expected, and what came.
struct Difference {
    expected: String,
    got: String,
}

fn difference(expected: impl Into<String>, got: impl Into<String>) -> Difference {
    Difference { expected: expected.into(), got: got.into() }
}

/// For people.
fn shown(body: &[u8]) -> String {
    match str::from_utf8(body) {
        Ok(text) => format!("{text:?}"),
        Err(_) => format!("{body:02x?}"),
    }
}

fn outcome<T>(outcome: &Result<T, Error>) -> String {
    match outcome {
        Ok(_) => "a reply".to_owned(),
        Err(error) => format!("{}: {error}", error.kind()),
    }
}

impl Message {
    fn shown(&self) -> String {
        let Self { subject, reply_to, body } = self;
        let body = shown(body);
        if reply_to.is_empty() {
            format!("{subject:?} {body}")
        } else {
            format!("{subject:?} {body} for {reply_to:?}")
        }
    }
}

impl Step {
    /// The step, in the words of the transcript.
    fn shown(&self) -> String {
        let refusal = |kind: &ErrorKind| format!(": {kind}");
        match self {
            Self::Link { actor, link, refused } => {
                let list = link.subscriptions.join(", ");
                let group = link.group.map_or(String::new(), |group| format!(" as {group}"));
                let refusal =
                    if *refused { refusal(&ErrorKind::BadRequest) } else { String::new() };
                format!("link {actor} to {list:?}{group}{refusal}")
            }
            Self::Unlink(actor) => format!("unlink {actor}"),
            Self::Fails(actor) => format!("{actor} fails from now on"),
            Self::Publish { actor, message, refused } => {
                let refusal = refused.as_ref().map_or(String::new(), refusal);
                format!("{actor} publishes {}{refusal}", message.shown())
            }
            Self::Request { actor, message, timeout, answers, expected } => {
                let within = timeout.map_or(String::new(), |limit| format!(" within {limit} ms"));
                let mut text = format!("{actor} requests {}{within}", message.shown());
                for (actor, body) in answers {
                    let _ = write!(text, ", {actor} answers {}", shown(body));
                }
                match expected {
                    Ok(body) => text + &format!(": {}", shown(body)),
                    Err(kind) => text + &refusal(kind),
                }
            }
            Self::Gets(actor, messages) => {
                let messages: Vec<String> = messages.iter().map(Message::shown).collect();
                format!("{actor} gets {}", messages.join(", "))
            }
            Self::Share(actors, count) => format!("{} share {count}", actors.join(" and ")),
        }
    }
}

impl Scenario {
    /// Plays it, and returns what happened: a line for each step.
    ///
    /// # Errors
    ///
    /// The first step that does not go as pinned, or a message that no step expects.
    pub fn run(&self, subject: &Subject<'_>) -> Result<String, Failure> {
        let failure = |number, step: &str, difference: Difference| Failure {
            scenario: self.name(),
            number,
            step: step.to_owned(),
            expected: difference.expected,
            got: difference.got,
        };
        let mut transcript = format!("# {}\n", self.name());
        for (index, step) in self.steps.iter().enumerate() {
            let shown = step.shown();
            subject.take(step).map_err(|difference| failure(index + 1, &shown, difference))?;
            transcript += &shown;
            transcript.push('\n');
        }
        match subject.actors.rest() {
            None => Ok(transcript),
            Some((actor, came)) => {
                let got = subject.came(came).map_or_else(|instead| instead, |came| came.shown());
                let got = format!("{actor} gets {got}");
                Err(failure(self.steps.len(), "at the end", difference("no other message", got)))
            }
        }
    }
}

impl Subject<'_> {
    fn take(&self, step: &Step) -> Result<(), Difference> {
        match step {
            Step::Link { actor, link, refused } => self.link(actor, link, *refused),
            Step::Unlink(actor) => empty(self.standard(OP_REMOVE_ACTOR, actor, &Link::default())),
            Step::Fails(actor) => {
                self.actors.fail(&self.actor(actor));
                Ok(())
            }
            Step::Publish { actor, message, refused } => {
                let published = self.publish(actor, message);
                match (published, refused) {
                    (Ok(true), None) => Ok(()),
                    (Err(error), Some(kind)) if error.kind() == *kind => Ok(()),
                    (got, Some(kind)) => Err(difference(kind.to_string(), outcome(&got))),
                    (Ok(_), None) => Err(difference("published", "a reply that says it was not")),
                    (got, None) => Err(difference("published", outcome(&got))),
                }
            }
            Step::Request { actor, message, timeout, answers, expected } => {
                let got = self.request(actor, message, self.timeout(*timeout), answers)?;
                match (got, expected) {
                    (Ok(got), Ok(body)) if got.body == *body => Ok(()),
                    (Ok(got), Ok(body)) => Err(difference(shown(body), shown(&got.body))),
                    (Err(error), Err(kind)) if error.kind() == *kind => Ok(()),
                    (got, Ok(body)) => Err(difference(shown(body), outcome(&got))),
                    (got, Err(kind)) => Err(difference(kind.to_string(), outcome(&got))),
                }
            }
            Step::Gets(actor, messages) => {
                messages.iter().try_for_each(|message| self.gets(actor, message).map(drop))
            }
            Step::Share(actors, count) => self.share(actors, *count),
        }
    }

    fn link(&self, actor: &str, link: &Link, refused: bool) -> Result<(), Difference> {
        let reply = self.standard(OP_BIND_ACTOR, actor, link);
        match reply {
            Err(error) if refused && error.kind() == ErrorKind::BadRequest => Ok(()),
            got if refused => Err(difference(ErrorKind::BadRequest.to_string(), outcome(&got))),
            got => empty(got),
        }
    }

    fn standard(&self, op: &str, actor: &str, link: &Link) -> Result<Vec<u8>, Error> {
        let mut values = self.link_values.clone();
        if !link.subscriptions.is_empty() {
            let list: Vec<_> = link.subscriptions.iter().map(|name| self.subject(name)).collect();
            values.insert("SUBSCRIPTION".into(), list.join(","));
        }
        if let Some(group) = link.group {
            values.insert("QUEUEGROUP_NAME".into(), self.subject(group));
        }
        let payload =
            codec::encode(&CapabilityConfiguration { module: self.actor(actor), values })?;
        self.provider.dispatch(SYSTEM_ACTOR, op, &payload).map_err(Error::from_boxed)
    }

    fn client(&self, actor: &str) -> MessagingClient<&dyn provider_core::Dispatcher> {
        MessagingClient::new(self.provider, self.actor(actor))
    }

    fn publish(&self, actor: &str, message: &Message) -> Result<bool, Error> {
        let (subject, reply_to) = (self.subject(&message.subject), self.subject(&message.reply_to));
        let body = ByteBuf::from(message.body.clone());
        Ok(self.client(actor).publish(subject, reply_to, body)?.published)
    }

    fn timeout(&self, timeout: Option<i64>) -> i64 {
        timeout.unwrap_or_else(|| i64::try_from(self.patience.as_millis()).unwrap_or(i64::MAX))
    }

    /// Asks, while the answers are given in their order.
    fn request(
        &self,
        actor: &str,
        message: &Message,
        timeout: i64,
        answers: &[(&str, Vec<u8>)],
    ) -> Result<Result<BrokerMessage, Error>, Difference> {
        let (subject, body) = (self.subject(&message.subject), ByteBuf::from(message.body.clone()));
        thread::scope(|scope| {
            let asking = scope.spawn(|| self.client(actor).request(subject, body, timeout));
            let answered = answers.iter().try_for_each(|(actor, body)| {
                let asked = self.gets(actor, message)?;
                let client = self.client(actor);
                let sent = client.publish(asked.reply_to, String::new(), body.clone().into());
                sent.map(drop).map_err(|error| difference("published", outcome::<()>(&Err(error))))
            });
            let got = asking.join().unwrap_or_else(|panic| panic::resume_unwind(panic));
            answered.map(|()| got)
        })
    }

    /// The actor's next message as it came, which must be this one.
    fn gets(&self, actor: &str, expected: &Message) -> Result<BrokerMessage, Difference> {
        let Some((_, came)) = self.actors.next(&[self.actor(actor)], self.patience) else {
            return Err(difference(expected.shown(), "nothing"));
        };
        let got = self.came(came.clone()).map_err(|got| difference(expected.shown(), got))?;
        match came {
            Ok(message) if got == *expected => Ok(message),
            _ => Err(difference(expected.shown(), got.shown())),
        }
    }

    fn share(&self, actors: &[&str], count: usize) -> Result<(), Difference> {
        let actors: Vec<String> = actors.iter().map(|actor| self.actor(actor)).collect();
        let mut bodies = BTreeSet::new();
        for number in 0..count {
            let Some((_, came)) = self.actors.next(&actors, self.patience) else {
                return Err(difference(format!("{count} messages"), number.to_string()));
            };
            let came = self.came(came).map_err(|got| difference("a message", got))?;
            if !bodies.insert(came.body.clone()) {
                return Err(difference("each message once", format!("{} twice", came.shown())));
            }
        }
        Ok(())
    }

    /// A message in the scenario's names.
    fn came(&self, came: Result<BrokerMessage, String>) -> Result<Message, String> {
        let BrokerMessage { subject, reply_to, body } = came?;
        let (subject, reply_to) = (self.untagged(&subject), self.untagged(&reply_to));
        Ok(Message { subject, reply_to, body })
    }
}

fn empty(got: Result<Vec<u8>, Error>) -> Result<(), Difference> {
    match got {
        Ok(reply) if reply.is_empty() => Ok(()),
        Ok(reply) => Err(difference("no bytes", format!("{reply:02x?}"))),
        got => Err(difference("no bytes", outcome(&got))),
    }
}
