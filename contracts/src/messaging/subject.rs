//! Subjects and subscriptions: which there are, and what matches.

use std::{error::Error as StdError, fmt, str::FromStr};

use provider_core::ErrorKind;

/// How long a subject and a subscription may be, in bytes. NATS ends the connection of a client whose
/// line is longer than 4096, and two subjects may be in one.
pub const MAX_SUBJECT_BYTES: usize = 1024;

/// How much of a subject an error repeats.
const SHOWN: usize = 128;

/// A text that is no subject, with what is wrong. Of kind *bad request*.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadSubject {
    text: String,
    reason: &'static str,
}

impl BadSubject {
    fn new(text: &str, reason: &'static str) -> Self {
        Self { text: text.chars().take(SHOWN).collect(), reason }
    }
}

impl fmt::Display for BadSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}", self.text, self.reason)
    }
}

impl StdError for BadSubject {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&ErrorKind::BadRequest)
    }
}

/// Checks that a message can be published to `subject`.
///
/// # Errors
///
/// When it is no subject or has a wildcard.
pub fn check_subject(subject: &str) -> Result<(), BadSubject> {
    check_tokens(subject)?;
    if subject.split('.').any(|token| matches!(token, "*" | ">")) {
        return Err(BadSubject::new(subject, "has a wildcard, which only a subscription may"));
    }
    Ok(())
}

/// Checks that an answer can be expected at `reply_to`: empty, or a subject.
///
/// # Errors
///
/// As for [`check_subject`].
pub fn check_reply_to(reply_to: &str) -> Result<(), BadSubject> {
    if reply_to.is_empty() { Ok(()) } else { check_subject(reply_to) }
}

fn check_tokens(subject: &str) -> Result<(), BadSubject> {
    let reason = if subject.is_empty() {
        "is empty"
    } else if subject.len() > MAX_SUBJECT_BYTES {
        "is longer than 1024 bytes"
    } else if subject.chars().any(|c| c.is_whitespace() || c.is_control()) {
        "has a space or a control character"
    } else if subject.split('.').any(str::is_empty) {
        "has an empty token"
    } else {
        return Ok(());
    };
    Err(BadSubject::new(subject, reason))
}

/// A subscription: a subject, or a pattern of subjects.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Subscription(String);

impl Subscription {
    /// The text that it was made of.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a message about `subject` is for it.
    #[must_use]
    pub fn matches(&self, subject: &str) -> bool {
        let mut tokens = subject.split('.');
        for wanted in self.0.split('.') {
            match (wanted, tokens.next()) {
                (">", Some(_)) => return true,
                ("*", Some(_)) => {}
                (wanted, Some(token)) if wanted == token => {}
                _ => return false,
            }
        }
        tokens.next().is_none()
    }
}

impl fmt::Display for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Subscription {
    type Err = BadSubject;

    fn from_str(text: &str) -> Result<Self, BadSubject> {
        let text = text.trim();
        check_tokens(text)?;
        if text.split('.').rev().skip(1).any(|token| token == ">") {
            return Err(BadSubject::new(text, "has tokens after `>`"));
        }
        Ok(Self(text.to_owned()))
    }
}

/// The queue group of a link, or none: the empty name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct QueueGroup(String);

impl QueueGroup {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        (!self.0.is_empty()).then_some(self.0.as_str())
    }
}

impl FromStr for QueueGroup {
    type Err = BadSubject;

    /// A name is what a subject may be, and has no wildcard.
    fn from_str(text: &str) -> Result<Self, BadSubject> {
        let text = text.trim();
        check_reply_to(text)?;
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(subscription: &str, subject: &str) -> bool {
        subscription.parse::<Subscription>().expect(subscription).matches(subject)
    }

    #[test]
    fn wildcards_are_whole_tokens() {
        assert!(matches("a.b", "a.b") && !matches("a.b", "a.B") && !matches("a.b", "a"));
        assert!(matches("a.*", "a.b") && !matches("a.*", "a") && !matches("a.*", "a.b.c"));
        assert!(matches("*.b", "a.b") && matches("*", "a") && !matches("*", "a.b"));
        assert!(matches("a.>", "a.b.c") && !matches("a.>", "a") && matches(">", "a.b"));
        assert!(matches("a.*.>", "a.b.c.d") && !matches("a.*.>", "a.b"));
        // A part of a token is a letter like any other.
        assert!(matches("a.b*", "a.b*") && !matches("a.b*", "a.bc"));
        assert!(matches(" a.b ", "a.b"));
    }

    #[test]
    fn what_nats_refuses_is_refused_with_the_reason() {
        let cases = [
            ("", "is empty"),
            ("a..b", "empty token"),
            (".a", "empty token"),
            ("a.", "empty token"),
            ("a b", "a space"),
            ("a\r\nPUB b", "control character"),
            ("a\u{0}", "control character"),
        ];
        for (text, reason) in cases {
            let error = check_subject(text).expect_err(text).to_string();
            assert!(error.contains(reason), "{text:?}: {error}");
            assert!(text.parse::<Subscription>().is_err(), "{text:?}");
        }
        let long = "a".repeat(MAX_SUBJECT_BYTES + 1);
        assert!(check_subject(&long[1..]).is_ok());
        assert!(check_subject(&long).is_err() && long.parse::<Subscription>().is_err());
    }

    #[test]
    fn a_group_without_a_name_is_none() {
        let group = |text: &str| text.parse::<QueueGroup>();
        assert_eq!(group(" workers ").expect("a name").name(), Some("workers"));
        assert_eq!(group("").expect("no name").name(), None);
        assert!(group("two words").is_err() && group("a.*").is_err());
    }

    #[test]
    fn only_subscriptions_have_wildcards() {
        for text in ["a.*", "a.>", "*", ">"] {
            assert!(check_subject(text).is_err(), "{text}");
            assert!(text.parse::<Subscription>().is_ok(), "{text}");
        }
        assert!("a.>.b".parse::<Subscription>().is_err());
        assert!(check_reply_to("").is_ok() && check_reply_to("a.*").is_err());
    }
}
