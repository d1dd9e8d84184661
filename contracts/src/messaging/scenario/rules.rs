//! What the scenarios pin, in words.

/// A pinned rule.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    /// A short name of lower-case words and hyphens, which stays what it is.
    pub(super) slug: &'static str,
    /// A sentence.
    pub(super) name: &'static str,
    /// The contract's words.
    pub(super) text: &'static str,
    /// What goes wrong for an actor where it is broken.
    pub(super) why: &'static str,
}

pub(super) const DELIVERS: Rule = Rule {
    slug: "delivers",
    name: "what is published reaches who subscribed",
    text: "`HandleMessage BrokerMessage` → `()`; `BrokerMessage {subject, replyTo, body}`.",
    why: "A message that is sent to another operation than the contract's is refused by the actor, and \
          lost: nobody waits for the answer. So is one that comes with another subject or body.",
};
pub(super) const WILDCARDS: Rule = Rule {
    slug: "wildcards",
    name: "a wildcard is a whole token",
    text: "In a subscription a token `*` is any one token, and `>` at the end is one token or more.",
    why: "An actor that gets more than it subscribed to does what it should not, and one that gets \
          less misses it without a word.",
};
pub(super) const BAD_SUBJECT: Rule = Rule {
    slug: "bad-subject",
    name: "a subject that is none is refused",
    text: "Tokens with `.` between them, none empty, without spaces and control characters; a message \
           goes to a subject without wildcards. Bad request for a subject that is none, and for a timeout of \
           0 or less.",
    why: "A line break in a subject is a command of its own to a broker that reads lines, and one actor \
          could speak for others. A message to a wrong subject is published to nobody.",
};
pub(super) const BAD_SUBSCRIPTION: Rule = Rule {
    slug: "bad-subscription",
    name: "a subscription that cannot be made fails the bind",
    text: "`BindActor` succeeds when the broker has every subscription, and fails with the reason when \
           one cannot be made.",
    why: "An actor whose subscription was never made waits for ever, and its operator was told that the \
          link is fine.",
};
pub(super) const EVERY_SUBSCRIPTION: Rule = Rule {
    slug: "every-subscription",
    name: "each subscription gets the message once",
    text: "Once for each subscription that matches, so an actor with two such subscriptions gets it \
           twice.",
    why: "An actor with several subscriptions that hears of only one misses the others' messages, and \
          one that hears of each as often as here in one place and once in another counts wrongly.",
};
pub(super) const QUEUE_GROUP: Rule = Rule {
    slug: "queue-group",
    name: "one member of a queue group gets a message",
    text: "Of the members of a queue group one gets it.",
    why: "A group shares work: when each member gets every message, every job is done as often as there \
          are members.",
};
pub(super) const REQUEST: Rule = Rule {
    slug: "request",
    name: "a request is answered with a message",
    text: "`Request` returns a `BrokerMessage` whose `body` is the reply.",
    why: "Actors decode the reply as a message; raw bytes are no message, so no answer ever arrived.",
};
pub(super) const NO_ANSWER: Rule = Rule {
    slug: "no-answer",
    name: "a request that nobody answers times out",
    text: "No answer in time is `Timeout`, and so is a request where nobody is subscribed.",
    why: "An actor that gets an empty answer takes it for one, and acts on what nobody said.",
};
pub(super) const ORDER: Rule = Rule {
    slug: "order",
    name: "messages of one publisher come in order",
    text: "What one actor publishes, one call after the other, reaches each subscription in that order.",
    why: "A later state that is overtaken by an earlier one stays wrong until the next message.",
};
pub(super) const AFTER_REMOVE: Rule = Rule {
    slug: "after-remove",
    name: "nothing reaches an actor that was removed",
    text: "After `RemoveActor` nothing more reaches the actor.",
    why: "An actor that is linked again with other subscriptions must not get the messages of those it \
          had, and one that moved to another host would do its work twice.",
};
pub(super) const FAILING_ACTOR: Rule = Rule {
    slug: "failing-actor",
    name: "an actor's error ends nothing",
    text: "An actor's answer to a message is ignored, errors too.",
    why: "One message that an actor cannot read would cut it off from all that follow.",
};
pub(super) const WITHOUT_LINK: Rule = Rule {
    slug: "without-link",
    name: "an actor without a link is refused",
    text: "Operations of an actor that is not linked are refused, and nothing is published.",
    why: "Who is not linked to the broker has no business there.",
};
