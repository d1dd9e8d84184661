//! A door, whose links have values, and whose contract has an example.

use std::str::FromStr;

use provider_core::prelude::*;

use crate::has;

/// What the key of the door is.
const FITS: &str = "the right one";

/// A door that actors open.
#[contract("example:door")]
pub trait Door {
    /// Opens it and says which port it leads to.
    #[op(idempotent)]
    fn open(&self, cx: Cx<'_, Self>) -> OpResult<u16>;

    /// Knocks at it and says how many knocks were heard.
    #[op(idempotent, example(title = "three times", request = r#"{"times": 3}"#, reply = "3"))]
    fn knock(&self, cx: Cx<'_, Self>, times: u32) -> OpResult<u32>;
}

/// What an actor is linked with.
#[derive(Debug, LinkValues)]
pub struct Settings {
    /// Where the door leads to.
    pub port: u16,
    /// How often it may be opened in a day.
    #[value(default = 10, expected = "a whole number from 1 to 100")]
    pub openings: Openings,
    /// Without it, the door that is never locked is opened.
    pub key: Option<Secret>,
}

/// A number of openings; of a provider with this defect, any text.
#[derive(Debug)]
pub struct Openings;

impl FromStr for Openings {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        if has("link-value-of-any-text") {
            return Ok(Self);
        }
        match text.parse() {
            Ok(1..=100_u8) => Ok(Self),
            Ok(_) => Err("there are 100 at most"),
            Err(_) => Err("that is no number"),
        }
    }
}

/// Opens doors.
#[derive(Debug)]
pub struct Doors;

impl Provider for Doors {
    type Link = Settings;

    const LINK: LinkSchema = Settings::SCHEMA;

    fn link(&self, config: &LinkConfig) -> Result<Settings, BoxError> {
        let settings: Settings = config.read()?;
        match settings.key.as_ref().map(Secret::expose) {
            Some(key) if key != FITS && has("link-error-tells-a-secret") => {
                Err(format!("`{key}` does not open {}", settings.port).into())
            }
            Some(key) if key != FITS => Err(format!("that does not open {}", settings.port).into()),
            _ => Ok(settings),
        }
    }
}

impl Door for Doors {
    fn open(&self, cx: Cx<'_, Self>) -> OpResult<u16> {
        Ok(cx.link().port)
    }

    fn knock(&self, _cx: Cx<'_, Self>, times: u32) -> OpResult<u32> {
        Ok(if has("reply-unlike-the-example") { times.saturating_sub(1) } else { times })
    }
}
