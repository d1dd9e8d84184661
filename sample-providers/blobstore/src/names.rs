//! How ids are written where they are stored.
//!
//! An id may hold anything; what is stored holds letters, digits and a few marks, and everything else as
//! `%` with two hexadecimal digits for each byte. No two ids are written alike, and none is a path.

use provider_core::{Error, ErrorKind};

/// How long the written id of a container may be, in bytes.
const CONTAINER: usize = 200;
/// How long the written id of an object may be, in bytes. With a container and a root it has to fit the
/// 1024 bytes of a key of S3.
const OBJECT: usize = 600;

/// What becomes of `/` in the id of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slash {
    /// It is written as it is where it separates two names, so that other programs find the objects as if
    /// in folders.
    Kept,
    /// It is escaped: an object `a` and an object `a/b` are beside each other.
    Escaped,
}

/// An id as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Name(String);

impl Name {
    /// The name of a container.
    ///
    /// # Errors
    ///
    /// *Bad request* for an id that is empty or too long.
    pub(crate) fn container(id: &str) -> Result<Self, Error> {
        checked(id, Slash::Escaped, "container", CONTAINER)
    }

    /// The name of an object.
    ///
    /// # Errors
    ///
    /// *Bad request* for an id that is empty or too long.
    pub(crate) fn object(id: &str, slash: Slash) -> Result<Self, Error> {
        checked(id, slash, "object", OBJECT)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

fn checked(id: &str, slash: Slash, what: &str, most: usize) -> Result<Name, Error> {
    let refused = |text: String| Err(Error::new(ErrorKind::BadRequest, text));
    if id.is_empty() {
        return refused(format!("the id of the {what} is empty"));
    }
    // Without looking at all of what is far too long.
    let written = if id.len() > most { None } else { Some(write(id, slash)) };
    match written.filter(|name| name.len() <= most) {
        Some(name) => Ok(Name(name)),
        None => refused(format!(
            "the id of the {what} has {} bytes; as it is stored it may have {most}",
            id.len()
        )),
    }
}

/// The id that is stored as `name`, if there is one.
pub(crate) fn id(name: &str, slash: Slash) -> Option<String> {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        if first == b'%' {
            let digits = str::from_utf8(rest.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &rest[2..];
        } else {
            bytes.push(first);
        }
    }
    let id = String::from_utf8(bytes).ok()?;
    // What is written otherwise was not written here, and could not be found again.
    (!id.is_empty() && write(&id, slash) == name).then_some(id)
}

fn write(id: &str, slash: Slash) -> String {
    let mut name = String::with_capacity(id.len());
    let mut before = None;
    let mut characters = id.chars().peekable();
    while let Some(character) = characters.next() {
        let begins = matches!(before, None | Some('/'));
        let plain = match character {
            '/' => {
                slash == Slash::Kept
                    && !begins
                    && characters.peek().is_some_and(|next| *next != '/')
            }
            // No `.` and no `..`, and nothing that is hidden.
            '.' => !begins,
            '-' | '_' | '+' | '=' | '@' | ',' | '!' | '(' | ')' => true,
            // Written in several ways, others are one letter to some file systems.
            other => other.is_alphanumeric(),
        };
        if plain {
            name.push(character);
        } else {
            let mut buffer = [0; 4];
            for byte in character.encode_utf8(&mut buffer).bytes() {
                name.push('%');
                for digit in [byte >> 4, byte & 15] {
                    name.push(char::from(b"0123456789ABCDEF"[usize::from(digit)]));
                }
            }
        }
        before = Some(character);
    }
    name
}

#[cfg(test)]
#[path = "names/tests.rs"]
mod tests;
