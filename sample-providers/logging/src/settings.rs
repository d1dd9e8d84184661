//! The values of a link.

use std::{path::PathBuf, str::FromStr, time::Duration};

use provider_contracts::logging::Level;
use provider_core::prelude::*;

use crate::file::Rotating;

/// What an actor is linked with.
#[derive(Debug, LinkValues)]
pub struct Settings {
    /// The least important level that is written: `error`, `warn`, `info`, `debug` or `trace`, in any
    /// case; `off` writes nothing.
    #[value(default = "trace", expected = "`error`, `warn`, `info`, `debug`, `trace` or `off`")]
    pub level: Threshold,
    /// A file that records are written to as well, as lines of JSON. Its folder must be there.
    pub file: Option<PathBuf>,
    /// How long the file may become before the next one is begun, in bytes.
    #[value(default = 10_485_760, range = 1..=1_099_511_627_776)]
    pub max_file_bytes: u64,
    /// How many files are kept besides the one that is written: `FILE.1` is the latest of them.
    #[value(default = 5, range = 0..=1000)]
    pub max_files: u32,
    /// How long a record may take to be written to the file.
    #[value(default = "5s")]
    pub file_timeout: Duration,
    /// Whether a record is on the disk, and not only with the system, before it is acknowledged.
    #[value(default = false)]
    pub sync: bool,
}

impl Settings {
    /// The file, if one is named.
    pub(crate) fn rotating_file(self) -> Option<Result<Rotating, Error>> {
        let absolute = std::path::absolute(self.file?);
        let rotating = absolute.map(|path| Rotating {
            path,
            max_bytes: self.max_file_bytes,
            max_files: self.max_files,
            timeout: self.file_timeout,
            sync: self.sync,
        });
        Some(rotating.map_err(|error| {
            Error::with_source(ErrorKind::BadRequest, error).context("link value `FILE`")
        }))
    }
}

/// What `LEVEL` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threshold(Option<Level>);

impl Threshold {
    /// Whether a record of this level is written.
    #[must_use]
    pub fn passes(self, level: Level) -> bool {
        self.0.is_some_and(|least| level <= least)
    }
}

impl FromStr for Threshold {
    type Err = <Level as FromStr>::Err;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.eq_ignore_ascii_case("off") {
            return Ok(Self(None));
        }
        text.parse().map(|level| Self(Some(level)))
    }
}
