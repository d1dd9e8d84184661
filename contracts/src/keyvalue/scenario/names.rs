//! What scenarios call keys, actors and namespaces.

use std::borrow::Cow;

/// The actor that most steps call as; every scenario begins with its link.
pub(super) const ALICE: &str = "MALICE";
pub(super) const BOB: &str = "MBOB";
pub(super) const CAROL: &str = "MCAROL";

/// How long the key of an actor is.
const ACTOR_LENGTH: usize = 56;

/// Names as they are written in the scenarios, or ones that belong to one run.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    tag: Option<String>,
}

impl Names {
    pub(super) fn tagged(tag: impl Into<String>) -> Self {
        Self { tag: Some(tag.into()) }
    }

    /// An actor.
    pub(super) fn actor<'a>(&self, name: &'a str) -> Cow<'a, str> {
        match &self.tag {
            None => Cow::Borrowed(name),
            Some(tag) => Cow::Owned(format!("{:A<ACTOR_LENGTH$}", format!("{name}{tag}"))),
        }
    }

    /// A key. The empty one is the same always: nothing else is empty.
    pub(super) fn key<'a>(&self, name: &'a str) -> Cow<'a, str> {
        match &self.tag {
            Some(tag) if !name.is_empty() => Cow::Owned(format!("{tag}-{name}")),
            _ => Cow::Borrowed(name),
        }
    }

    /// A namespace, which may be called like an actor.
    pub(super) fn namespace<'a>(&self, name: &'a str) -> Cow<'a, str> {
        if [ALICE, BOB, CAROL].contains(&name) { self.actor(name) } else { self.key(name) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_one_run_are_not_those_of_another() {
        let (plain, first, second) = (Names::default(), Names::tagged("ONE"), Names::tagged("TWO"));
        assert_eq!((&*plain.actor(ALICE), &*plain.key("k")), (ALICE, "k"));
        assert_ne!(first.actor(BOB), second.actor(BOB));
        assert_ne!(first.actor(BOB), first.actor(ALICE));
        assert_eq!(first.actor(BOB).len(), ACTOR_LENGTH);
        assert_eq!((first.key("k"), first.key("")), ("ONE-k".into(), "".into()));
        assert_eq!(first.namespace("shared"), "ONE-shared");
        assert_eq!(first.namespace(BOB), first.actor(BOB));
        assert_eq!(first.namespace(""), "");
    }
}
