//! The five levels.

use std::{error::Error, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// How important a record is. The more important is the smaller one.
///
/// It is text where it travels: written in small letters and read in any case.
///
/// ```
/// use provider_contracts::logging::Level;
///
/// assert_eq!("Warn".parse(), Ok(Level::Warn));
/// assert_eq!(Level::Warn.to_string(), "warn");
/// assert!(Level::Error < Level::Warn);
/// let error = "loud".parse::<Level>().unwrap_err();
/// assert_eq!(error.to_string(), "`loud` is none of the levels error, warn, info, debug and trace");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Something failed.
    Error,
    /// Something is not as it should be.
    Warn,
    /// Something happened that is worth knowing.
    Info,
    /// For who looks for a fault.
    Debug,
    /// Everything.
    Trace,
}

impl Level {
    /// All of them, the most important one first.
    pub const ALL: [Self; 5] = [Self::Error, Self::Warn, Self::Info, Self::Debug, Self::Trace];

    /// Its word, in small letters.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A word that is none of the levels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownLevel(String);

impl UnknownLevel {
    /// How many characters of the word are repeated.
    const SHOWN: usize = 32;
}

impl fmt::Display for UnknownLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is none of the levels error, warn, info, debug and trace", self.0)
    }
}

impl Error for UnknownLevel {}

impl FromStr for Level {
    type Err = UnknownLevel;

    fn from_str(text: &str) -> Result<Self, UnknownLevel> {
        let level = Self::ALL.into_iter().find(|level| level.name().eq_ignore_ascii_case(text));
        level.ok_or_else(|| {
            let shown = text.chars().take(UnknownLevel::SHOWN).collect::<String>();
            UnknownLevel(shown.escape_debug().to_string())
        })
    }
}

impl Serialize for Level {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Level {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
