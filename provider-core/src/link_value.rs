//! From the text of a link's value to a field of the author's type. Not public API: used by what
//! `#[derive(LinkValues)]` emits.
//!
//! A field may be any type that reads itself from text, a `Duration`, a list or a secret of those, and
//! an `Option` of any of them. The traits have a parameter that nobody names, one mark for each of
//! these kinds: without it the implementation for every `FromStr` type would leave no room for the
//! others.

use std::{fmt, str::FromStr, time::Duration};

use crate::{
    duration,
    error::{Error, ErrorKind},
    link::LinkConfig,
    link_schema::ValueSchema,
    secret::Secret,
};

/// A type that reads itself: `FromStr`.
#[derive(Debug)]
pub struct ReadsItself;
/// A duration.
#[derive(Debug)]
pub struct Time;
/// Values with commas between them.
#[derive(Debug)]
pub struct List<Kind>(Kind);
/// A value that never prints.
#[derive(Debug)]
pub struct Hidden<Kind>(Kind);
/// A value that must be there.
#[derive(Debug)]
pub struct Needed<Kind>(Kind);
/// A value that may be missing.
#[derive(Debug)]
pub struct Optional<Kind>(Kind);

/// What can be read from the text of one value.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a link value",
    label = "cannot be read from text",
    note = "a link value is a `Duration`, or any type that implements `std::str::FromStr` with an error that implements `Display`",
    note = "or a `Vec`, a `Secret` or an `Option` of one"
)]
pub trait LinkValue<Kind>: Sized {
    /// It never prints.
    const SECRET: bool = false;

    /// Reads it.
    ///
    /// # Errors
    ///
    /// What is wrong with the text.
    fn read(text: &str) -> Result<Self, String>;
}

#[diagnostic::do_not_recommend]
impl<T: FromStr<Err: fmt::Display>> LinkValue<ReadsItself> for T {
    fn read(text: &str) -> Result<Self, String> {
        text.parse().map_err(|error: T::Err| error.to_string())
    }
}

#[diagnostic::do_not_recommend]
impl LinkValue<Time> for Duration {
    fn read(text: &str) -> Result<Self, String> {
        duration::parse(text).ok_or_else(|| String::from("a number and `ms`, `s`, `m`, `h` or `d`"))
    }
}

#[diagnostic::do_not_recommend]
impl<T: LinkValue<Kind>, Kind> LinkValue<List<Kind>> for Vec<T> {
    const SECRET: bool = T::SECRET;

    fn read(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Ok(Self::new());
        }
        let read = |item: &str| {
            T::read(item).map_err(|error| {
                if item.is_empty() {
                    format!("one is empty: {error}")
                } else {
                    format!("`{}`: {error}", item.escape_debug())
                }
            })
        };
        text.split(',').map(str::trim).map(read).collect()
    }
}

#[diagnostic::do_not_recommend]
impl<T: LinkValue<Kind>, Kind> LinkValue<Hidden<Kind>> for Secret<T> {
    const SECRET: bool = true;

    fn read(text: &str) -> Result<Self, String> {
        T::read(text).map(Self::new)
    }
}

/// What a field can be: a value, or an `Option` of one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a link value",
    label = "cannot be read from text",
    note = "a link value is a `Duration`, or any type that implements `std::str::FromStr` with an error that implements `Display`",
    note = "or a `Vec`, a `Secret` or an `Option` of one"
)]
pub trait LinkField<Kind>: Sized {
    /// It never prints.
    const SECRET: bool;
    /// What it is when the link has no such value, if it may be missing.
    const ABSENT: Option<fn() -> Self>;

    /// Reads it.
    ///
    /// # Errors
    ///
    /// What is wrong with the text.
    fn read(text: &str) -> Result<Self, String>;
}

#[diagnostic::do_not_recommend]
impl<T: LinkValue<Kind>, Kind> LinkField<Needed<Kind>> for T {
    const SECRET: bool = T::SECRET;
    const ABSENT: Option<fn() -> Self> = None;

    fn read(text: &str) -> Result<Self, String> {
        T::read(text)
    }
}

#[diagnostic::do_not_recommend]
impl<T: LinkValue<Kind>, Kind> LinkField<Optional<Kind>> for Option<T> {
    const SECRET: bool = T::SECRET;
    const ABSENT: Option<fn() -> Self> = Some(|| None);

    fn read(text: &str) -> Result<Self, String> {
        T::read(text).map(Some)
    }
}

/// How a field of type `T` is read. Making one is the only place that asks anything of `T`: a wrong
/// type is one error, however often the field is mentioned.
pub struct Field<T> {
    secret: bool,
    absent: Option<fn() -> T>,
    read: fn(&str) -> Result<T, String>,
    check: fn(&str) -> Result<(), String>,
}

/// How a `T` is read.
#[must_use]
pub const fn field<T: LinkField<Kind>, Kind>() -> Field<T> {
    Field {
        secret: T::SECRET,
        absent: T::ABSENT,
        read: T::read,
        check: |text| T::read(text).map(drop),
    }
}

impl<T> Field<T> {
    /// The schema of such a field.
    #[must_use]
    pub const fn schema(
        self,
        key: &'static str,
        doc: &'static str,
        expected: &'static str,
    ) -> ValueSchema {
        ValueSchema::new(key, doc, expected, self.absent.is_none(), self.secret, self.check)
    }

    /// Its value in a link.
    ///
    /// # Errors
    ///
    /// [`BadRequest`](ErrorKind::BadRequest) for a value that is missing or wrong. The schema was
    /// checked before, so this is for a type that reads the same text differently the second time,
    /// and says no more than the key.
    pub fn take(
        self,
        config: &LinkConfig,
        key: &'static str,
        default: Option<&'static str>,
    ) -> Result<T, Error> {
        let wrong = |what| Error::new(ErrorKind::BadRequest, format!("link value `{key}` {what}"));
        match (config.get(key).or(default), self.absent) {
            (Some(text), _) => (self.read)(text).map_err(|_| wrong("cannot be read")),
            (None, Some(absent)) => Ok(absent()),
            (None, None) => Err(wrong("is required")),
        }
    }
}

impl<T> fmt::Debug for Field<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Field").field("secret", &self.secret).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T: LinkField<Kind>, Kind>(text: &str) -> Result<T, String> {
        T::read(text)
    }

    #[test]
    fn a_list_has_commas_and_blanks_do_not_count() {
        assert_eq!(read("1, 2 ,3"), Ok(vec![1_u8, 2, 3]));
        assert_eq!(read("  "), Ok(Vec::<u8>::new()));
        assert_eq!(read("1s,2m"), Ok(vec![Duration::from_secs(1), Duration::from_mins(2)]));
        let error = read::<Vec<u8>, _>("1,x,3").unwrap_err();
        assert!(error.starts_with("`x`: "), "{error}");
        assert!(read::<Vec<u8>, _>("1,,3").unwrap_err().starts_with("one is empty"));
    }

    #[test]
    fn what_holds_a_secret_is_one() {
        fn secret<T: LinkField<Kind>, Kind>() -> bool {
            T::SECRET
        }
        assert!(secret::<Secret, _>() && secret::<Option<Secret<u16>>, _>());
        assert!(secret::<Vec<Secret>, _>() && secret::<Secret<Vec<u8>>, _>());
        assert!(!secret::<String, _>() && !secret::<Option<Vec<u8>>, _>());
    }
}
