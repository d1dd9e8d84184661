//! Which values a provider's links have, and what is wrong with those that came.

use std::{collections::HashMap, fmt};

use serde::{Serialize, Serializer};

use crate::{
    error::{Error, ErrorKind},
    link::LinkConfig,
};

/// How many characters of a wrong value an error repeats.
const SHOWN_VALUE: usize = 80;
/// How far a key may be from one that is missing to be taken for it: this part of its letters.
const NEAR: f64 = 0.65;

/// A type that is read from a link's values. `#[derive(LinkValues)]` implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a link's values",
    label = "has no link values",
    note = "derive them: `#[derive(LinkValues)]` on `{Self}`"
)]
pub trait LinkValues: Sized {
    /// What the values are.
    const SCHEMA: LinkSchema;

    /// Reads it from values that were checked. Use [`LinkConfig::read`], which checks them first and
    /// tells of all that are wrong.
    ///
    /// # Errors
    ///
    /// [`BadRequest`](ErrorKind::BadRequest) for the first value that is missing or wrong.
    fn from_checked(config: &LinkConfig) -> Result<Self, Error>;
}

/// The values that a provider's links have.
///
/// `Settings::SCHEMA` of a struct with `#[derive(LinkValues)]`, or [`UNTYPED`](Self::UNTYPED).
#[derive(Debug, Clone, Copy)]
pub struct LinkSchema {
    values: Option<&'static [ValueSchema]>,
}

impl LinkSchema {
    /// Nothing is known of the values; any are right.
    pub const UNTYPED: Self = Self { values: None };

    /// These values, and any others, which nobody looks at.
    #[must_use]
    pub const fn new(values: &'static [ValueSchema]) -> Self {
        Self { values: Some(values) }
    }

    /// The values in the order of the author's fields. `None` if nothing is known of them.
    #[must_use]
    pub const fn values(&self) -> Option<&'static [ValueSchema]> {
        self.values
    }

    /// Whether a link can have `values`.
    ///
    /// # Errors
    ///
    /// [`BadRequest`](ErrorKind::BadRequest) with a line for each value that is missing or wrong: its
    /// key, what it is (unless it is a secret) and what was expected. [`Failed`](ErrorKind::Failed)
    /// when a default is wrong, which is the provider's own mistake.
    pub fn check(&self, values: &HashMap<String, String>) -> Result<(), Error> {
        let all = self.values.unwrap_or_default();
        let defaults = all.iter().filter_map(ValueSchema::wrong_default);
        let wrong = all.iter().filter_map(|value| value.wrong(all, values));
        for (kind, problems) in [
            (ErrorKind::Failed, defaults.collect::<Vec<_>>()),
            (ErrorKind::BadRequest, wrong.collect()),
        ] {
            if !problems.is_empty() {
                return Err(Error::new(kind, problems.join("\n")));
            }
        }
        Ok(())
    }
}

/// One value of a provider's links.
#[derive(Clone, Copy)]
pub struct ValueSchema {
    key: &'static str,
    doc: &'static str,
    expected: &'static str,
    required: bool,
    default: Option<&'static str>,
    secret: bool,
    /// What `expected` says is all there is to say of a wrong value.
    plain: bool,
    check: fn(&str) -> Result<(), String>,
    within: Option<fn(&str) -> bool>,
}

impl ValueSchema {
    pub(crate) const fn new(
        key: &'static str,
        doc: &'static str,
        expected: &'static str,
        required: bool,
        secret: bool,
        check: fn(&str) -> Result<(), String>,
    ) -> Self {
        Self {
            key,
            doc,
            expected,
            required,
            default: None,
            secret,
            plain: false,
            check,
            within: None,
        }
    }

    /// Its key.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        self.key
    }

    /// Its documentation, Markdown.
    #[must_use]
    pub const fn doc(&self) -> &'static str {
        self.doc
    }

    /// What it is, for people: `a whole number from 0 to 65535`.
    #[must_use]
    pub const fn expected(&self) -> &'static str {
        self.expected
    }

    /// Whether a link must have it.
    #[must_use]
    pub const fn is_required(&self) -> bool {
        self.required
    }

    /// What it is in a link without it.
    #[must_use]
    pub const fn default(&self) -> Option<&'static str> {
        self.default
    }

    /// Whether it is never shown.
    #[must_use]
    pub const fn is_secret(&self) -> bool {
        self.secret
    }

    /// What a wrong default is called. Whoever wrote it may know it, so it is shown.
    fn wrong_default(&self) -> Option<String> {
        let default = self.default?;
        let reason = self.refused(default)?;
        let shown = if self.secret { Shown::Hidden } else { Shown::Text(default) };
        Some(format!("the default of link value `{}` {shown}, {reason}", self.key))
    }

    /// What is wrong with this value among those of a link.
    fn wrong(&self, all: &[Self], values: &HashMap<String, String>) -> Option<String> {
        let Some(text) = values.get(self.key) else {
            return (self.required && self.default.is_none()).then(|| self.missing(all, values));
        };
        let reason = self.refused(text)?;
        let shown = if self.secret { Shown::Hidden } else { Shown::Text(text) };
        Some(format!("link value `{}` {shown}, {reason}", self.key))
    }

    fn refused(&self, text: &str) -> Option<String> {
        let reason = match (self.check)(text) {
            Ok(()) if self.within.is_none_or(|within| within(text)) => return None,
            Ok(()) => String::new(),
            // It may repeat the text.
            Err(_) if self.plain || self.secret => String::new(),
            Err(reason) => format!(": {reason}"),
        };
        Some(format!("expected {}{reason}", self.expected))
    }

    fn missing(&self, all: &[Self], values: &HashMap<String, String>) -> String {
        let text = format!("link value `{}` is required, expected {}", self.key, self.expected);
        let unknown = |key: &&String| all.iter().all(|value| value.key != **key);
        match nearest(self.key, values.keys().filter(unknown)) {
            Some(key) => format!("{text}; the link has `{}`", key.escape_debug()),
            None => text,
        }
    }
}

/// What `#[derive(LinkValues)]` adds.
#[doc(hidden)]
impl ValueSchema {
    #[must_use]
    pub const fn or(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self.required = false;
        self
    }

    #[must_use]
    pub const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    #[must_use]
    pub const fn plain(mut self) -> Self {
        self.plain = true;
        self
    }

    #[must_use]
    pub const fn within(mut self, within: fn(&str) -> bool) -> Self {
        self.within = Some(within);
        self
    }
}

impl fmt::Debug for ValueSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ValueSchema")
            .field("key", &self.key)
            .field("expected", &self.expected)
            .field("required", &self.required)
            .field("secret", &self.secret)
            .finish_non_exhaustive()
    }
}

/// A list of the values; nothing (`null`) if nothing is known of them.
impl Serialize for LinkSchema {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.values.serialize(serializer)
    }
}

/// A map of `key`, `doc`, `type` (what is expected), `required`, `default` and `secret`. A secret's default
/// is left out.
impl Serialize for ValueSchema {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Document {
            key: &'static str,
            doc: &'static str,
            r#type: &'static str,
            required: bool,
            #[serde(skip_serializing_if = "Option::is_none")]
            default: Option<&'static str>,
            secret: bool,
        }

        let Self { key, doc, expected, required, default, secret, .. } = *self;
        let default = default.filter(|_| !secret);
        Document { key, doc, r#type: expected, required, default, secret }.serialize(serializer)
    }
}

/// What a wrong value is, as an error tells it.
enum Shown<'a> {
    Hidden,
    Text(&'a str),
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hidden => f.write_str("cannot be read"),
            Self::Text("") => f.write_str("is empty"),
            Self::Text(text) => match text.char_indices().nth(SHOWN_VALUE) {
                // What came is one line, whatever was in it.
                None => write!(f, "is `{}`", text.escape_debug()),
                Some((end, _)) => write!(f, "is `{}..`", text[..end].escape_debug()),
            },
        }
    }
}

/// The key that somebody who mistyped `key` wrote.
fn nearest<'a>(key: &str, given: impl Iterator<Item = &'a String>) -> Option<&'a str> {
    let likeness = |other: &str| {
        strsim::normalized_damerau_levenshtein(&key.to_lowercase(), &other.to_lowercase())
    };
    given
        .filter(|other| other.len() <= 2 * key.len())
        .map(|other| (likeness(other), &**other))
        .filter(|(likeness, _)| *likeness >= NEAR)
        // The order of a map is none: of two that are as near, the first by name.
        .max_by(|(a, one), (b, other)| a.total_cmp(b).then_with(|| other.cmp(one)))
        .map(|(_, other)| other)
}
