//! The catalogue: one row a check, and how to find it.

use std::{fmt, sync::LazyLock};

use serde::{Deserialize, Serialize};

use crate::{
    lab::{Lab, Outcome},
    nearest::nearest,
};

/// How binding a rule is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The specification or the ABI wants it.
    #[default]
    Must,
    /// A good provider does it.
    Should,
    /// A number, never a failure of the run.
    Perf,
}

impl Level {
    /// The word that reports use, for example `must`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::Perf => "perf",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One check: what it is about, and what to do when a provider fails it.
#[derive(Clone, Copy)]
pub struct Check {
    /// Its id, `group::slug`: stable, used in commands, reports and configuration.
    pub id: &'static str,
    /// How binding its rule is.
    pub level: Level,
    /// What it checks, in a few words.
    pub title: &'static str,
    /// The rule, quoted.
    pub rule: &'static str,
    /// Where the rule stands.
    pub source: &'static str,
    /// Why there is the rule: what goes wrong for a host or an actor where it is broken.
    pub why: &'static str,
    /// What is done.
    pub what: &'static str,
    /// Typical causes of a failure, the most frequent one first.
    pub causes: &'static [&'static str],
    /// How to mend it.
    pub fix: &'static str,
    /// Code that fails, and the same code mended: Markdown with a fenced block for each.
    pub example: &'static str,
    /// The checks whose rules this one builds on.
    pub needs: &'static [&'static str],
    /// What there is one of it for.
    pub scope: Scope,
    /// Whether what is done is made by chance, the same again for the same seed.
    pub random: bool,
    pub(crate) environment: Environment,
    pub(crate) run: fn(&mut Lab) -> Outcome,
}

/// What there is one check for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scope {
    /// Every provider.
    Provider,
    /// Every operation that a provider declares, with the operation's name behind the id.
    Operation,
    /// Every provider of one of the `wasmcloud:*` contracts.
    KnownContract,
    /// Every provider of this contract.
    Contract(&'static str),
}

/// The environment that a check's process begins with. What the provider's author names is always in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Environment {
    /// Our own, with a home and folders for files that are the check's.
    Usual,
    /// The same, and these variables.
    With(&'static [(&'static str, &'static str)]),
    /// None at all.
    Bare,
}

impl Check {
    /// What most rows have in common.
    pub(crate) const BLANK: Self = Self {
        id: "",
        level: Level::Must,
        title: "",
        rule: "",
        source: "",
        why: "",
        what: "",
        causes: &[],
        fix: "",
        example: "",
        needs: &[],
        scope: Scope::Provider,
        random: false,
        environment: Environment::Usual,
        run: |_| Ok(()),
    };

    /// Whether there is one of it for each operation.
    #[must_use]
    pub fn is_family(&self) -> bool {
        self.scope == Scope::Operation
    }

    /// The part of the id before `::`.
    #[must_use]
    pub fn group(&self) -> &'static str {
        self.id.split_once("::").map_or(self.id, |(group, _)| group)
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Check")
            .field("id", &self.id)
            .field("level", &self.level)
            .finish_non_exhaustive()
    }
}

/// Every check, in the order in which reports list them.
#[must_use]
pub fn checks() -> &'static [Check] {
    static CHECKS: LazyLock<Vec<Check>> = LazyLock::new(crate::checks::all);
    &CHECKS
}

/// The check `id`. One of a family is found with and without the operation's name.
///
/// # Errors
///
/// [`UnknownCheck`], with the nearest id.
pub fn find(id: &str) -> Result<&'static Check, UnknownCheck> {
    split(id)
        .map(|(check, _)| check)
        .ok_or_else(|| UnknownCheck::new(id, checks().iter().map(|check| check.id)))
}

/// The check `id` and, for one of a family, the operation that it names.
pub(crate) fn split(id: &str) -> Option<(&'static Check, Option<&str>)> {
    checks().iter().find_map(|check| {
        let rest = id.strip_prefix(check.id)?;
        match rest.strip_prefix("::") {
            _ if rest.is_empty() => Some((check, None)),
            Some(op) if check.is_family() => Some((check, Some(op))),
            _ => None,
        }
    })
}

/// There is no check of that name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownCheck {
    /// What was asked for.
    pub pattern: String,
    /// What may have been meant.
    pub nearest: Option<String>,
}

impl UnknownCheck {
    pub(crate) fn new<'a>(pattern: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        Self { pattern: pattern.to_owned(), nearest: nearest(pattern, known).map(str::to_owned) }
    }
}

impl fmt::Display for UnknownCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no check `{}`", self.pattern.escape_debug())?;
        match &self.nearest {
            Some(nearest) => write!(f, "; did you mean `{nearest}`?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for UnknownCheck {}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_are_unique_and_grouped() {
        let mut seen = HashSet::new();
        for check in checks() {
            assert!(check.id.split("::").count() >= 2, "{}", check.id);
            assert!(seen.insert(check.id), "{} is there twice", check.id);
        }
    }

    #[test]
    fn needs_name_checks_and_lead_nowhere_in_a_circle() {
        fn depth(check: &Check) -> usize {
            let needs = check.needs.iter();
            let deepest = needs.map(|need| depth(find(need).unwrap())).max();
            assert!(!check.needs.contains(&check.id));
            deepest.unwrap_or(0) + 1
        }
        for check in checks() {
            // A circle would never end.
            assert!(depth(check) < 40, "{}", check.id);
        }
    }

    #[test]
    fn every_row_has_its_texts() {
        for check in checks() {
            let (why, example) = (check.why, check.example);
            for text in [check.title, check.rule, check.source, why, check.what, check.fix] {
                assert!(!text.is_empty(), "{}", check.id);
            }
            assert!(example.matches("\n```").count() >= 4, "{}: two blocks", check.id);
            assert!(!check.causes.is_empty(), "{}", check.id);
        }
    }

    #[test]
    fn a_check_is_found_by_its_id_and_a_typing_error_names_the_nearest() {
        assert_eq!(find("links::bind").unwrap().id, "links::bind");
        assert_eq!(find("ops::declared::Get").unwrap().id, "ops::declared");
        let unknown = find("links::bnd").unwrap_err();
        assert_eq!(
            unknown.to_string(),
            "there is no check `links::bnd`; did you mean `links::bind`?"
        );
        assert_eq!(find("zzzzzzzzzzzz").unwrap_err().nearest, None);
        assert!(find("links::bind::x").is_err());
    }
}
