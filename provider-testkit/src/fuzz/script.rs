//! What is done to a provider, call by call, and the token that says so.

use std::{fmt, str::FromStr};

use provider_core::ops::{OP_BIND_ACTOR, OP_HEALTH_REQUEST, OP_REMOVE_ACTOR};

use super::bytes;

/// How many actors there are.
pub(crate) const ACTORS: u8 = 4;

/// What a script is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Payloads that nobody would send.
    Payload,
    /// Well-formed calls in an order that nobody thought of.
    Life,
}

impl Kind {
    pub(crate) const ALL: [Self; 2] = [Self::Payload, Self::Life];

    /// The check that plays such scripts.
    pub(crate) fn check(self) -> &'static str {
        match self {
            Self::Payload => "fuzz::payload",
            Self::Life => "fuzz::lifecycle",
        }
    }

    pub(crate) fn of_check(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.check() == id)
    }

    fn word(self) -> &'static str {
        match self {
            Self::Payload => "payload",
            Self::Life => "life",
        }
    }
}

/// One thing that is done to a provider. Actors have numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Act {
    /// The provider is destroyed and another one made.
    New,
    /// `BindActor` with the configured values.
    Bind(u8),
    /// `BindActor` with one value more; the same as [`Bind`](Self::Bind) for an actor that is not
    /// linked.
    Change(u8),
    /// `RemoveActor`.
    Remove(u8),
    /// `HealthRequest`.
    Health,
    /// An operation that nobody declares.
    Unknown(u8),
    /// An operation with its sample.
    Call(u8, String),
    /// An operation with a payload: a standard one from the host, any other from a linked actor.
    Send(String, Vec<u8>),
}

impl Act {
    /// The operation that is called.
    pub(crate) fn op(&self) -> Option<&str> {
        match self {
            Self::New => None,
            Self::Bind(_) | Self::Change(_) => Some(OP_BIND_ACTOR),
            Self::Remove(_) => Some(OP_REMOVE_ACTOR),
            Self::Health => Some(OP_HEALTH_REQUEST),
            Self::Unknown(_) => Some("(unknown)"),
            Self::Call(_, op) | Self::Send(op, _) => Some(op),
        }
    }

    /// The actor's place.
    pub(crate) fn actor_mut(&mut self) -> Option<&mut u8> {
        match self {
            Self::Bind(actor)
            | Self::Change(actor)
            | Self::Remove(actor)
            | Self::Unknown(actor)
            | Self::Call(actor, _) => Some(actor),
            Self::New | Self::Health | Self::Send(..) => None,
        }
    }

    /// For people, one line.
    pub(crate) fn shown(&self) -> String {
        let name = |actor: &u8| char::from(b'A' + actor % 26);
        match self {
            Self::New => String::from("destroy the provider, make another one"),
            Self::Bind(actor) => format!("BindActor for actor {}", name(actor)),
            Self::Change(actor) => format!("BindActor for actor {} with other values", name(actor)),
            Self::Remove(actor) => format!("RemoveActor for actor {}", name(actor)),
            Self::Health => String::from("HealthRequest"),
            Self::Unknown(actor) => format!("an unknown operation from actor {}", name(actor)),
            Self::Call(actor, op) => format!("{op} from actor {}", name(actor)),
            Self::Send(op, payload) => {
                format!("{op} with {}", crate::payload::render(payload, 120))
            }
        }
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::New => f.write_str("new"),
            Self::Bind(actor) => write!(f, "bind{actor}"),
            Self::Change(actor) => write!(f, "change{actor}"),
            Self::Remove(actor) => write!(f, "remove{actor}"),
            Self::Health => f.write_str("health"),
            Self::Unknown(actor) => write!(f, "unknown{actor}"),
            Self::Call(actor, op) => write!(f, "call{actor}={}", escaped(op)),
            Self::Send(op, payload) => write!(f, "{}={}", escaped(op), bytes::encode(payload)),
        }
    }
}

/// A name with everything but letters, digits, `-` and `_` as `%` and two digits.
fn escaped(name: &str) -> String {
    name.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-_".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push('%');
            text.push_str(&crate::protocol::hex::encode(&[byte]));
        }
        text
    })
}

fn unescaped(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut name = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (byte, rest) = part.split_at_checked(2)?;
        name.extend(crate::protocol::hex::decode(byte)?);
        name.extend(rest.as_bytes());
    }
    String::from_utf8(name).ok()
}

/// What is done to a provider. Its text is the token: `life:bind0,remove0`, `payload:Get=81a0`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Script {
    pub(crate) kind: Kind,
    pub(crate) acts: Vec<Act>,
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.kind.word())?;
        for (index, act) in self.acts.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{act}")?;
        }
        Ok(())
    }
}

impl FromStr for Script {
    type Err = BadToken;

    fn from_str(token: &str) -> Result<Self, BadToken> {
        let (word, rest) = token.split_once(':').unwrap_or((token, ""));
        let kind = Kind::ALL.into_iter().find(|kind| kind.word() == word);
        let kind = kind.ok_or_else(|| BadToken(word.to_owned()))?;
        let act = |text: &str| {
            let act = match kind {
                Kind::Payload => send(text),
                Kind::Life => live(text),
            };
            act.ok_or_else(|| BadToken(text.to_owned()))
        };
        Ok(Self { kind, acts: rest.split(',').map(act).collect::<Result<_, _>>()? })
    }
}

fn send(text: &str) -> Option<Act> {
    let (op, payload) = text.split_once('=')?;
    Some(Act::Send(unescaped(op)?, bytes::decode(payload)?))
}

fn live(text: &str) -> Option<Act> {
    let (name, op) = match text.split_once('=') {
        Some((name, op)) => (name, Some(unescaped(op)?)),
        None => (text, None),
    };
    let word = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = &name[word.len()..];
    let actor = || number.parse().ok().filter(|actor| *actor < ACTORS);
    Some(match (word, op) {
        ("new", None) if number.is_empty() => Act::New,
        ("health", None) if number.is_empty() => Act::Health,
        ("bind", None) => Act::Bind(actor()?),
        ("change", None) => Act::Change(actor()?),
        ("remove", None) => Act::Remove(actor()?),
        ("unknown", None) => Act::Unknown(actor()?),
        ("call", Some(op)) => Act::Call(actor()?, op),
        _ => return None,
    })
}

/// A failing sequence of calls, as `--reproduce` takes it: `life:bind0,change0,remove0,bind0`, or
/// `payload:Get=81a36b6579c0`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reproduction(pub(crate) Script);

impl Reproduction {
    /// The id of the check that plays it.
    #[must_use]
    pub fn check(&self) -> &'static str {
        self.0.kind.check()
    }
}

impl fmt::Display for Reproduction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Reproduction {
    type Err = BadToken;

    fn from_str(token: &str) -> Result<Self, BadToken> {
        token.parse().map(Self)
    }
}

/// A token that no report has ever shown: the part that is not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadToken(String);

impl fmt::Display for BadToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = crate::payload::shortened(&self.0, 40);
        write!(f, "`{}` is not understood: take what a report shows", part.escape_debug())
    }
}

impl std::error::Error for BadToken {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_its_token() {
        for token in [
            "life:bind0,change1,remove3,health,unknown0,call2=Get,new",
            "payload:Get=81a0.61x300,Odd%20%c3%a4=-,BindActor=c1",
        ] {
            assert_eq!(token.parse::<Script>().unwrap().to_string(), token);
        }
        let token: Reproduction = "life:health".parse().unwrap();
        assert_eq!(token.check(), "fuzz::lifecycle");
    }

    #[test]
    fn a_token_that_is_none_names_the_part_that_is_not_understood() {
        for (token, part) in [
            ("", "``"),
            ("lif:bind0", "`lif`"),
            ("life:", "``"),
            ("life:bind0,bind4", "`bind4`"),
            ("life:bind", "`bind`"),
            ("life:health1", "`health1`"),
            ("life:call0", "`call0`"),
            ("payload:Get", "`Get`"),
            ("payload:Get=8", "`Get=8`"),
            ("payload:%zz=80", "`%zz=80`"),
        ] {
            let error = token.parse::<Reproduction>().unwrap_err().to_string();
            assert!(error.starts_with(part), "{token}: {error}");
        }
    }
}
