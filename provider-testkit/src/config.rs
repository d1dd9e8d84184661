//! What the author of a provider says about it: `provider-testkit.toml`, or [`Options`] in code.
//!
//! ```toml
//! [link.values]                 # what actors are linked with; `{dir}` and `{port}` are fresh ones
//! DATABASE = "{dir}/data"
//!
//! [samples.Get]                 # a request that is safe to send, and perhaps what must come back
//! request = { key = "k" }
//! response = { value = "", exists = false }
//!
//! [timeouts]
//! scale = 2.0                   # a slow machine gets twice the time
//!
//! [timeouts.checks]             # checks, groups or globs that need their own
//! "links::many" = "120s"
//!
//! [run]
//! jobs = 1                      # one check at a time
//! level = "should"              # recommendations too; "perf" measures as well
//! effort = 0.5                  # half the repetitions, where many make a check thorough
//! deny = ["skip"]               # what is not verified is red; also "blocked" and "expected"
//!
//! [env]                         # for the process that the provider is loaded into
//! RUST_LOG = "debug"
//!
//! [[expect]]                    # what is known to fail, or not to be run
//! id = "links::bind-*"          # a check, a group or a glob
//! outcome = "fail"              # or "skip"
//! reason = "the port of the first bind is kept"
//! issue = "https://example.org/7"
//! until = 2027-01-31            # the last day on which it counts
//! verdict = "hang"              # to be exact
//! ```
//!
//! A check's process has a home and a folder for temporary files of its own, so that checks neither
//! meet each other nor the user's files; `[env]` can name others.

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::SignedDuration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Deny, Expectation, Identity, Level, Problem, Reproduction, UnknownCheck, expect,
    nearest::nearest, select, steps,
};

/// The name of the file, beside the provider's `Cargo.toml`.
pub const CONFIG_FILE: &str = "provider-testkit.toml";

/// What is known about a provider besides its file, and how to go about checking it.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// The values that actors are linked with. `{dir}` in a value is an empty directory, `{port}` a
    /// free port: fresh ones for each check.
    pub link_values: BTreeMap<String, String>,
    /// Requests that are safe to send, by operation.
    pub samples: BTreeMap<String, Sample>,
    /// Environment variables of the process that the provider is loaded into, added to our own.
    pub env: BTreeMap<String, String>,
    /// What every time limit is multiplied with.
    pub timeout_scale: f64,
    /// How long checks may take instead, by id, group or glob: without a sign of life, and
    /// altogether.
    pub timeouts: BTreeMap<String, Duration>,
    /// How many checks run at the same time; 0 means as many as there are processors.
    pub jobs: usize,
    /// The most that is checked when nobody asks for a level.
    pub level: Level,
    /// What chance is made of: the same seed, the same random payloads and names. Nothing: a fresh
    /// one for each check.
    pub seed: Option<u64>,
    /// What the number of repetitions is multiplied with, where many make a check thorough.
    pub effort: f64,
    /// How many calls of each check a report keeps: the last ones, and when more than 8 are wanted as
    /// many of the first ones.
    pub steps: usize,
    /// What is played instead of what chance makes, without the checks that it builds on.
    pub reproduce: Option<Reproduction>,
    /// How the command that repeats a check begins; the check's id follows.
    pub again: Option<String>,
    /// A command that each check's process is started under, as words: `valgrind -q` for example. It
    /// runs the program that its last arguments are. Time limits are twenty times as long.
    pub wrap: Vec<String>,
    /// What is known of checks before they are made.
    pub expect: Vec<Expectation>,
    /// What is red besides broken rules.
    pub deny: Vec<Deny>,
    /// Whether checks are started in random order: that of the seed.
    pub shuffle: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            link_values: BTreeMap::new(),
            samples: BTreeMap::new(),
            env: BTreeMap::new(),
            timeout_scale: 1.0,
            timeouts: BTreeMap::new(),
            jobs: 0,
            level: Level::Must,
            seed: None,
            effort: 1.0,
            steps: steps::LAST,
            reproduce: None,
            again: None,
            wrap: Vec::new(),
            expect: Vec::new(),
            deny: Vec::new(),
            shuffle: false,
        }
    }
}

/// A request that is safe to send.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// The request. `{"$bytes": "base64"}` stands for bytes; null, or nothing, is an empty payload.
    #[serde(default)]
    pub request: Value,
    /// What must come back; nothing when that is not always the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<Value>,
}

impl Sample {
    /// What is sent.
    ///
    /// # Errors
    ///
    /// What [`payload::encode`](crate::payload::encode) refuses.
    pub fn payload(&self) -> Result<Vec<u8>, provider_core::Error> {
        if self.request.is_null() { Ok(Vec::new()) } else { crate::payload::encode(&self.request) }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    link: Link,
    #[serde(default)]
    samples: BTreeMap<String, Sample>,
    #[serde(default)]
    timeouts: Timeouts,
    #[serde(default)]
    run: Run,
    #[serde(default)]
    env: BTreeMap<String, String>,
    #[serde(default)]
    expect: Vec<expect::Entry>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Link {
    #[serde(default)]
    values: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Timeouts {
    scale: Option<f64>,
    #[serde(default)]
    checks: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Run {
    jobs: Option<usize>,
    level: Option<Level>,
    effort: Option<f64>,
    #[serde(default)]
    deny: Vec<Deny>,
}

/// What is wrong with a `provider-testkit.toml`: one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.path.display(), self.problem)
    }
}

impl std::error::Error for ConfigError {}

impl Options {
    /// What the [`CONFIG_FILE`] in `folder` says; the defaults when there is none.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] when it cannot be read, or says something that is not understood.
    pub fn in_folder(folder: impl AsRef<Path>) -> Result<Self, ConfigError> {
        let path = folder.as_ref().join(CONFIG_FILE);
        match path.symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            _ => Self::in_file(path),
        }
    }

    /// What the file says, which has the form of a [`CONFIG_FILE`] and may have another name.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] when it cannot be read, or says something that is not understood.
    pub fn in_file(path: impl AsRef<Path>) -> Result<Self, ConfigError> {
        let path = path.as_ref();
        fs::read_to_string(path)
            .map_err(|error| error.to_string())
            .and_then(|text| Self::parse(&text))
            .map_err(|problem| ConfigError { path: path.to_owned(), problem })
    }

    /// What the text of a [`CONFIG_FILE`] says.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| problem(text, &error))?;
        let scale = file.timeouts.scale.unwrap_or(1.0);
        if !(scale.is_finite() && scale > 0.0 && scale <= 1000.0) {
            return Err(format!(
                "timeouts.scale is {scale}: a number above 0 and up to 1000 is expected"
            ));
        }
        let effort = file.run.effort.unwrap_or(1.0);
        if !(effort.is_finite() && effort > 0.0 && effort <= 1000.0) {
            return Err(format!(
                "run.effort is {effort}: a number above 0 and up to 1000 is expected"
            ));
        }
        let timeouts = file.timeouts.checks.into_iter().map(|(id, text)| {
            let time =
                timeout(&text).map_err(|wrong| format!("timeouts.checks of `{id}`: {wrong}"));
            Ok((id, time?))
        });
        let timeouts = timeouts.collect::<Result<_, String>>()?;
        let expect = file.expect.into_iter().map(expect::Entry::checked);
        Ok(Self {
            link_values: file.link.values,
            samples: file.samples,
            env: file.env,
            timeout_scale: scale,
            timeouts,
            expect: expect.collect::<Result<_, _>>()?,
            deny: file.run.deny,
            jobs: file.run.jobs.unwrap_or(0),
            level: file.run.level.unwrap_or_default(),
            effort,
            ..Self::default()
        })
    }
}

impl Options {
    /// Whether what they name is there.
    pub(crate) fn fit(&self, identity: &Identity) -> Result<(), Problem> {
        let ops = || identity.called_ops().map(|op| op.name.as_str());
        for op in self.samples.keys() {
            if ops().all(|known| known != op) {
                let hint = nearest(op, ops())
                    .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                let problem = format!("`[samples.{op}]` is for no operation of it{hint}");
                return Err(Problem::Options(problem));
            }
        }
        for id in self.timeouts.keys() {
            let unknown =
                |unknown: UnknownCheck| Problem::Options(format!("`[timeouts.checks]`: {unknown}"));
            select::select(identity, &[id], Level::Perf).map_err(unknown)?;
        }
        Ok(())
    }
}

/// How long `text` is, for example `90s` or `2m 30s`.
fn timeout(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is no time limit: `90s` or `2m 30s` would be one");
    let length: SignedDuration = text.parse().map_err(|_| wrong())?;
    let most = Duration::from_hours(24);
    Duration::try_from(length)
        .ok()
        .filter(|length| !length.is_zero() && *length <= most)
        .ok_or_else(wrong)
}

/// One line that names the place and, for a key that is not known, the one that may be meant.
fn problem(text: &str, error: &toml::de::Error) -> String {
    let message = error.message().lines().next().unwrap_or_default();
    let mut line = match error.span() {
        Some(span) => {
            let before = text.get(..span.start).unwrap_or_default();
            format!("line {}: {message}", before.matches('\n').count() + 1)
        }
        None => message.to_owned(),
    };
    // "unknown field `scal`, expected `scale`"
    let mut quoted = message.split('`').skip(1).step_by(2);
    if (message.starts_with("unknown field") || message.starts_with("unknown variant"))
        && let Some(wrong) = quoted.next()
        && let Some(meant) = nearest(wrong, quoted)
    {
        // Writing to a string does not fail.
        let _ = write!(line, "; did you mean `{meant}`?");
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_may_be_said_is_read() {
        let options = Options::parse(
            r#"
            [link.values]
            PORT = "{port}"
            [samples.Get]
            request = { key = "k", n = 3 }
            response = { value = "", exists = false }
            [samples.Flush]
            [timeouts]
            scale = 2.5
            [run]
            jobs = 1
            level = "should"
            effort = 0.5
            deny = ["skip", "blocked"]
            [env]
            RUST_LOG = "debug"
            [timeouts.checks]
            "links::many" = "2m 30s"
            [[expect]]
            id = "links::bind"
            outcome = "fail"
            reason = "r"
            until = 2027-01-31
            [[expect]]
            id = "stop"
            outcome = "skip"
            reason = "r"
            until = "2027-02-01"
            "#,
        )
        .unwrap();
        assert_eq!(options.link_values["PORT"], "{port}");
        assert_eq!(options.samples["Get"].request, serde_json::json!({"key": "k", "n": 3}));
        assert_eq!(options.samples["Flush"], Sample::default());
        assert_eq!((options.timeout_scale, options.jobs), (2.5, 1));
        assert_eq!((options.level, options.effort), (Level::Should, 0.5));
        assert_eq!(options.env["RUST_LOG"], "debug");
        assert_eq!(options.timeouts["links::many"], Duration::from_secs(150));
        assert_eq!(options.deny, [Deny::Skip, Deny::Blocked]);
        let until = options.expect.iter().map(|known| known.until.unwrap().to_string());
        assert_eq!(until.collect::<Vec<_>>(), ["2027-01-31", "2027-02-01"]);
        assert_eq!(Options::parse("").unwrap(), Options::default());
    }

    #[test]
    fn a_key_that_is_not_known_is_an_error_with_the_nearest_one() {
        for (text, expected) in [
            (
                "[timeouts]\nscal = 2",
                "line 2: unknown field `scal`, expected `scale` or `checks`; did you mean `scale`?",
            ),
            ("[link.value]\nA = \"b\"", "did you mean `values`?"),
            ("[sample.Get]", "did you mean `samples`?"),
            ("[samples.Get]\nrespons = 1", "did you mean `response`?"),
            ("[timeouts]\nscale = -1", "timeouts.scale is -1"),
            ("[timeouts]\nscale = \"x\"", "line 2: invalid type"),
            ("[run]\neffort = 0", "run.effort is 0"),
            ("[run]\nlevel = \"mus\"", "did you mean `must`?"),
            ("[run]\ndeny = [\"skips\"]", "did you mean `skip`?"),
            ("[run]\nlevl = \"must\"", "did you mean `level`?"),
            ("[timeouts.check]\na = \"1s\"", "did you mean `checks`?"),
            ("[timeouts.checks]\na = \"fast\"", "timeouts.checks of `a`: `fast` is no time limit"),
            ("[timeouts.checks]\na = \"-2s\"", "`-2s` is no time limit"),
            ("[links]", "did you mean `link`?"),
            ("[envs]", "did you mean `env`?"),
            ("[[expects]]", "did you mean `expect`?"),
            ("[[expect]]\nid = \"a\"\noutcome = \"fail\"", "missing field `reason`"),
            ("[[expect]]\noutcom = \"fail\"", "line 2: unknown field `outcom`"),
            ("[link", "line 1"),
        ] {
            let problem = Options::parse(text).unwrap_err();
            assert!(problem.contains(expected), "{text:?}: {problem}");
            assert_eq!(problem.lines().count(), 1, "{problem}");
        }
    }

    #[test]
    fn an_expectation_says_why_and_until_which_day() {
        for (text, expected) in [
            ("reason = ' '", "the `[[expect]]` of `a`: the reason is empty"),
            ("reason = 'r'\nuntil = 'soon'", "until `soon` is no day"),
            ("reason = 'r'\nuntil = 2027", "until is no integer"),
            ("reason = 'r'\nverdict = 'hnag'", "did you mean `hang`?"),
            ("reason = 'r'\nverdict = 'sad'", "one of fail, panic, crash"),
        ] {
            let text = format!("[[expect]]\nid = 'a'\noutcome = 'fail'\n{text}");
            let problem = Options::parse(&text).unwrap_err();
            assert!(problem.contains(expected), "{text:?}: {problem}");
        }
        let skip = "[[expect]]\nid = 'a'\noutcome = 'skip'\nreason = 'r'\nverdict = 'hang'";
        assert!(Options::parse(skip).unwrap_err().contains("has no verdict"));
    }

    #[test]
    fn a_sample_is_for_an_operation_that_there_is() {
        let op = |name: &str, actor_to_provider| crate::OpIdentity {
            name: name.into(),
            doc: String::new(),
            flags: 0,
            actor_to_provider,
            idempotent: false,
            deprecated: false,
        };
        let identity = crate::kit::tests::identity(vec![op("Get", true), op("Handle", false)]);
        let fit = |text| Options::parse(text).unwrap().fit(&identity);
        assert!(fit("[samples.Get]").is_ok());
        let problem = fit("[samples.Gett]").unwrap_err().to_string();
        assert!(problem.ends_with("did you mean `Get`?"), "{problem}");
        // The provider calls it.
        assert!(fit("[samples.Handle]").is_err());
    }

    #[test]
    fn a_folder_without_the_file_means_the_defaults() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Options::in_folder(folder.path()).unwrap(), Options::default());
        fs::write(folder.path().join(CONFIG_FILE), "[run]\njob = 1").unwrap();
        let error = Options::in_folder(folder.path()).unwrap_err().to_string();
        assert!(error.contains(CONFIG_FILE) && error.contains("`jobs`"), "{error}");
    }
}
