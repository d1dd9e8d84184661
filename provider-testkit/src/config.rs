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
//! [run]
//! jobs = 1                      # one check at a time
//! level = "should"              # recommendations too; "perf" measures as well
//! effort = 0.5                  # half the repetitions, where many make a check thorough
//!
//! [env]                         # for the process that the provider is loaded into
//! RUST_LOG = "debug"
//! ```
//!
//! A check's process has a home and a folder for temporary files of its own, so that checks neither
//! meet each other nor the user's files; `[env]` can name others.

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Level, nearest::nearest};

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
    /// How many checks run at the same time; 0 means as many as there are processors.
    pub jobs: usize,
    /// The most that is checked when nobody asks for a level.
    pub level: Level,
    /// What chance is made of: the same seed, the same random payloads and names. Nothing: a fresh
    /// one for each check.
    pub seed: Option<u64>,
    /// What the number of repetitions is multiplied with, where many make a check thorough.
    pub effort: f64,
    /// How the command that repeats a check begins; the check's id follows.
    pub again: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            link_values: BTreeMap::new(),
            samples: BTreeMap::new(),
            env: BTreeMap::new(),
            timeout_scale: 1.0,
            jobs: 0,
            level: Level::Must,
            seed: None,
            effort: 1.0,
            again: None,
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
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Run {
    jobs: Option<usize>,
    level: Option<Level>,
    effort: Option<f64>,
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
        match fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text).map_err(|problem| ConfigError { path, problem }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(ConfigError { path, problem: error.to_string() }),
        }
    }

    /// What the text of a [`CONFIG_FILE`] says.
    fn parse(text: &str) -> Result<Self, String> {
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
        Ok(Self {
            link_values: file.link.values,
            samples: file.samples,
            env: file.env,
            timeout_scale: scale,
            jobs: file.run.jobs.unwrap_or(0),
            level: file.run.level.unwrap_or_default(),
            effort,
            ..Self::default()
        })
    }
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
    if message.starts_with("unknown field")
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
            [env]
            RUST_LOG = "debug"
            "#,
        )
        .unwrap();
        assert_eq!(options.link_values["PORT"], "{port}");
        assert_eq!(options.samples["Get"].request, serde_json::json!({"key": "k", "n": 3}));
        assert_eq!(options.samples["Flush"], Sample::default());
        assert_eq!((options.timeout_scale, options.jobs), (2.5, 1));
        assert_eq!((options.level, options.effort), (Level::Should, 0.5));
        assert_eq!(options.env["RUST_LOG"], "debug");
        assert_eq!(Options::parse("").unwrap(), Options::default());
    }

    #[test]
    fn a_key_that_is_not_known_is_an_error_with_the_nearest_one() {
        for (text, expected) in [
            (
                "[timeouts]\nscal = 2",
                "line 2: unknown field `scal`, expected `scale`; did you mean `scale`?",
            ),
            ("[link.value]\nA = \"b\"", "did you mean `values`?"),
            ("[sample.Get]", "did you mean `samples`?"),
            ("[samples.Get]\nrespons = 1", "did you mean `response`?"),
            ("[timeouts]\nscale = -1", "timeouts.scale is -1"),
            ("[timeouts]\nscale = \"x\"", "line 2: invalid type"),
            ("[run]\neffort = 0", "run.effort is 0"),
            ("[run]\nlevel = \"most\"", "line 2: unknown variant `most`"),
            ("[link", "line 1"),
        ] {
            let problem = Options::parse(text).unwrap_err();
            assert!(problem.contains(expected), "{text:?}: {problem}");
            assert_eq!(problem.lines().count(), 1, "{problem}");
        }
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
