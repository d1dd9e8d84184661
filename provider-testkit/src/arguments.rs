//! What a test's command line asks for, in the words that libtest knows and libtest-mimic does not.

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The arguments for libtest-mimic: with at most one filter.
    pub(crate) arguments: Vec<String>,
    /// All filters.
    pub(crate) filters: Vec<String>,
    /// What is played again: the value of `--reproduce`.
    pub(crate) reproduce: Option<String>,
    /// What chance is made of: the value of `--seed`.
    pub(crate) seed: Option<String>,
}

/// Options with a value behind them.
const WITH_VALUE: [&str; 6] =
    ["--test-threads", "--logfile", "--skip", "--color", "--format", "-Z"];
/// Options of libtest that change nothing here.
const DROPPED: [&str; 5] =
    ["--shuffle", "--report-time", "--ensure-time", "--exclude-should-panic", "--fail-fast"];
/// The same, with a value behind them.
const DROPPED_WITH_VALUE: [&str; 1] = ["--shuffle-seed"];

impl Asked {
    pub(crate) fn read(arguments: impl IntoIterator<Item = String>) -> Self {
        let mut asked =
            Self { arguments: Vec::new(), filters: Vec::new(), reproduce: None, seed: None };
        let mut arguments = arguments.into_iter();
        asked.arguments.extend(arguments.next());
        while let Some(argument) = arguments.next() {
            let (name, value) = match argument.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (argument.as_str(), None),
            };
            if argument == "--no-capture" {
                asked.arguments.push(String::from("--nocapture"));
            } else if name == "--reproduce" {
                asked.reproduce = value.or_else(|| arguments.next());
            } else if name == "--seed" {
                asked.seed = value.or_else(|| arguments.next());
            } else if DROPPED.contains(&name) {
            } else if DROPPED_WITH_VALUE.contains(&name) {
                if name == argument {
                    arguments.next();
                }
            } else if WITH_VALUE.contains(&argument.as_str()) {
                asked.arguments.push(argument);
                asked.arguments.extend(arguments.next());
            } else if argument.starts_with('-') {
                asked.arguments.push(argument);
            } else {
                asked.filters.push(argument);
            }
        }
        if let [filter] = &asked.filters[..] {
            asked.arguments.push(filter.clone());
        }
        asked
    }

    /// Whether one of the filters lets `name` through.
    pub(crate) fn wants(&self, name: &str, exact: bool) -> bool {
        self.filters.iter().any(
            |filter| {
                if exact { filter == name } else { name.contains(filter.as_str()) }
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> (String, String) {
        let asked = Asked::read(line.split_whitespace().map(str::to_owned));
        (asked.arguments.join(" "), asked.filters.join(" "))
    }

    #[test]
    fn one_filter_goes_through_and_several_are_kept_back() {
        assert_eq!(read("t a --exact"), ("t --exact a".into(), "a".into()));
        assert_eq!(read("t a b"), ("t".into(), "a b".into()));
    }

    #[test]
    fn what_libtest_knows_is_understood() {
        assert_eq!(read("t --no-capture").0, "t --nocapture");
        assert_eq!(read("t --shuffle --shuffle-seed 3 --report-time=plain x").0, "t x");
        assert_eq!(
            read("t --skip a --test-threads 1 --list --format terse"),
            ("t --skip a --test-threads 1 --list --format terse".into(), String::new())
        );
    }

    #[test]
    fn what_makes_a_failure_the_same_again_is_ours() {
        for line in
            ["t x --seed 0x10 --reproduce life:bind0", "t --seed=0x10 --reproduce=life:bind0 x"]
        {
            let asked = Asked::read(line.split_whitespace().map(str::to_owned));
            assert_eq!(asked.arguments, ["t", "x"]);
            assert_eq!(asked.seed.as_deref(), Some("0x10"));
            assert_eq!(asked.reproduce.as_deref(), Some("life:bind0"));
        }
    }

    #[test]
    fn several_filters_are_alternatives() {
        let asked = Asked::read(["t", "stop", "links::bind"].map(str::to_owned));
        assert!(asked.wants("stop::clean", false) && asked.wants("links::bind-idempotent", false));
        assert!(!asked.wants("stop::clean", true) && asked.wants("links::bind", true));
    }
}
