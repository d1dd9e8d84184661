//! Where an actor's keys are among the server's.

use std::fmt::Write;

/// What all keys of this provider begin with, so that they are told from those of other programs.
const MARK: &str = "kv:";

/// The beginning of all keys of a namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Namespace(String);

impl Namespace {
    /// The namespace that actors share under this name.
    pub(crate) fn shared(name: &str) -> Self {
        Self::of('=', name)
    }

    /// The namespace that an actor has for itself.
    pub(crate) fn own(actor: &str) -> Self {
        Self::of('@', actor)
    }

    /// The letter keeps the actors' own namespaces apart from those with a name. The name ends at the
    /// first colon: its own are written in another way, so that no two pairs of a name and a key meet.
    fn of(letter: char, name: &str) -> Self {
        let mut prefix = format!("{MARK}{letter}");
        for c in name.chars() {
            match c {
                ':' | '%' => write!(prefix, "%{:02X}", u32::from(c))
                    .unwrap_or_else(|_| unreachable!("a string takes all that is written")),
                c => prefix.push(c),
            }
        }
        prefix.push(':');
        Self(prefix)
    }

    /// The server's name for `key`.
    pub(crate) fn key(&self, key: &str) -> String {
        [&self.0, key].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_key_can_be_read() {
        assert_eq!(Namespace::own("MALICE").key("a:b"), "kv:@MALICE:a:b");
        assert_eq!(Namespace::shared("orders").key(""), "kv:=orders:");
    }

    #[test]
    fn no_two_pairs_of_a_namespace_and_a_key_meet() {
        let names = ["", "a", "a:", "a:b", "a%3A", ":", "%", "@a", "=a"];
        let keys = ["", ":", "b", "b:c", ":b", "a", "3A:"];
        let mut seen = std::collections::HashSet::new();
        for name in names {
            for namespace in [Namespace::own(name), Namespace::shared(name)] {
                for key in keys {
                    assert!(seen.insert(namespace.key(key)), "{namespace:?} {key}");
                }
            }
        }
    }
}
