//! Which checks to run.

use crate::{
    Check, Level, Scope, UnknownCheck,
    check::{checks, split},
    identity::Identity,
    wasmcloud,
};

/// Checks to run, in the order of the catalogue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    ids: Vec<String>,
}

impl Selection {
    /// The ids, those of families with the operation's name.
    #[must_use]
    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// How many checks there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }
}

/// Every check there is for a provider, families with the operations' names.
pub(crate) fn all(identity: &Identity) -> Vec<(&'static Check, String)> {
    let mut all = Vec::new();
    for check in checks() {
        match check.scope {
            Scope::Operation => {
                let ops = identity.called_ops();
                all.extend(ops.map(|op| (check, format!("{}::{}", check.id, op.name))));
            }
            Scope::Contract(contract) if contract != identity.contract => {}
            Scope::KnownContract if wasmcloud::contract(&identity.contract).is_none() => {}
            Scope::Contract(_) | Scope::KnownContract | Scope::Provider => {
                all.push((check, check.id.to_owned()));
            }
        }
    }
    all
}

pub(crate) fn select<P: AsRef<str>>(
    identity: &Identity,
    patterns: &[P],
    level: Level,
) -> Result<Selection, UnknownCheck> {
    let all = all(identity);
    let mut chosen = vec![false; all.len()];
    for pattern in patterns {
        let pattern = pattern.as_ref();
        let mut found = false;
        for ((check, id), chosen) in all.iter().zip(&mut chosen) {
            if pattern == id || pattern == check.id {
                (found, *chosen) = (true, true);
            } else if pattern == check.group() || pattern.contains('*') && glob(pattern, id) {
                found = true;
                *chosen |= check.level <= level;
            }
        }
        // A family is known also to a provider without operations.
        found |= split(pattern).is_some_and(|(check, op)| check.is_family() && op.is_none());
        if !found {
            let groups = checks().iter().map(|check| -> &str { check.group() });
            let families = checks().iter().map(|check| -> &str { check.id });
            let known = all.iter().map(|(_, id)| id.as_str());
            return Err(UnknownCheck::new(pattern, known.chain(families).chain(groups)));
        }
    }
    let ids = all
        .into_iter()
        .zip(chosen)
        .filter(|((check, _), chosen)| *chosen || patterns.is_empty() && check.level <= level)
        .map(|((_, id), _)| id)
        .collect();
    Ok(Selection { ids })
}

/// Whether `pattern` names the check `id`.
pub(crate) fn names(pattern: &str, check: &Check, id: &str) -> bool {
    pattern == id || pattern == check.id || pattern == check.group() || glob(pattern, id)
}

/// Whether `pattern`, in which `*` stands for anything, is all of `text`.
fn glob(pattern: &str, text: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(rest) = text.strip_prefix(before) else {
        return false;
    };
    let mut starts = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
    starts.any(|at| glob(after, &rest[at..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::OpIdentity;

    fn identity() -> Identity {
        let op = |name: &str, actor_to_provider| OpIdentity {
            name: name.into(),
            doc: String::new(),
            flags: 0,
            actor_to_provider,
            idempotent: false,
            deprecated: false,
        };
        crate::kit::tests::identity(vec![op("Get", true), op("Set", true), op("Handle", false)])
    }

    fn ids(patterns: &[&str]) -> Vec<String> {
        select(&identity(), patterns, Level::Must).unwrap().ids
    }

    #[test]
    fn no_patterns_are_every_check_and_families_have_one_for_each_operation() {
        let all = ids(&[]);
        let binding = || checks().iter().filter(|check| check.level == Level::Must);
        let of_provider = binding().filter(|check| check.scope != Scope::Operation).filter(
            |check| !matches!(check.scope, Scope::Contract(id) if id != "wasmcloud:keyvalue"),
        );
        let families = binding().filter(|check| check.is_family());
        assert_eq!(all.len(), of_provider.count() + 2 * families.count());
        assert!(all.contains(&"ops::declared::Set".into()));
        assert!(!all.contains(&"ops::declared::Handle".into()));
    }

    #[test]
    fn ids_groups_globs_and_families_name_checks() {
        assert_eq!(ids(&["links::bind"]), ["links::bind"]);
        assert_eq!(ids(&["links::*"]), ids(&["links"]));
        assert_eq!(ids(&["*bind-*"]), ["links::bind-idempotent", "links::bind-changed"]);
        assert_eq!(ids(&["ops::declared"]), ["ops::declared::Get", "ops::declared::Set"]);
        assert_eq!(
            ids(&["ops::*::Get", "ops::declared::Get"]),
            ["ops::declared::Get", "ops::malformed::Get", "ops::sample::Get"]
        );
    }

    #[test]
    fn what_names_nothing_is_an_error_with_the_nearest() {
        let nearest = |pattern| select(&identity(), &[pattern], Level::Must).unwrap_err().nearest;
        assert_eq!(nearest("link").as_deref(), Some("links"));
        assert_eq!(nearest("ops::declared::Gte").as_deref(), Some("ops::declared::Get"));
        assert_eq!(nearest("nothing::*"), None);
    }
}
