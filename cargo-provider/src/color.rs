//! Whether there are colours.

use std::{env, ffi::OsString};

use clap::ValueEnum;

/// When to use colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// On a terminal, unless the environment says otherwise
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl When {
    /// Whether a report on standard output has colours.
    pub(crate) fn wanted(self, terminal: bool) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => automatic(terminal, |name| env::var_os(name)),
        }
    }
}

/// What the usual variables say: `NO_COLOR` forbids, `CLICOLOR_FORCE` demands, and without them it
/// takes a terminal that can show colours.
fn automatic(terminal: bool, variable: impl Fn(&str) -> Option<OsString>) -> bool {
    let is = |name: &str, value: &str| variable(name).is_some_and(|found| found == value);
    let set = |name: &str| variable(name).is_some_and(|found| !found.is_empty());
    if set("NO_COLOR") {
        return false;
    }
    if set("CLICOLOR_FORCE") && !is("CLICOLOR_FORCE", "0") {
        return true;
    }
    terminal && !is("CLICOLOR", "0") && !is("TERM", "dumb")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(terminal: bool, variables: &[(&str, &str)]) -> bool {
        automatic(terminal, |name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn colours_are_for_terminals_unless_the_environment_says_otherwise() {
        assert!(with(true, &[]) && !with(false, &[]));
        assert!(with(true, &[("NO_COLOR", "")]) && !with(true, &[("NO_COLOR", "1")]));
        assert!(with(false, &[("CLICOLOR_FORCE", "1")]));
        assert!(
            !with(false, &[("CLICOLOR_FORCE", "0")]) && !with(false, &[("CLICOLOR_FORCE", "")])
        );
        assert!(!with(false, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
        assert!(!with(true, &[("CLICOLOR", "0")]) && !with(true, &[("TERM", "dumb")]));
        assert!(When::Always.wanted(false) && !When::Never.wanted(true));
    }
}
