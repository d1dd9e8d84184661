//! The parts of the meaning that every implementation computes alike.

use std::{fmt, ops::Range};

use provider_core::{BoxError, Error, ErrorKind};

/// How much of a key an error repeats.
const SHOWN_KEY: usize = 128;

/// What a key can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Holds {
    /// A string.
    String,
    /// A list of strings.
    List,
    /// A set of strings.
    Set,
}

impl fmt::Display for Holds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::String => "a string",
            Self::List => "a list",
            Self::Set => "a set",
        })
    }
}

/// Why an operation on a key is refused. Nothing has changed then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The key holds something else.
    OtherType {
        /// What it holds.
        held: Holds,
        /// What the operation works on.
        wanted: Holds,
    },
    /// The key holds a string that is no number.
    NotANumber,
    /// The total does not fit 32 bits.
    Overflow,
    /// The list's length would not fit the reply's 32 bits.
    Full,
}

impl Refusal {
    /// The error that says so of `key`, of kind [`Failed`](ErrorKind::Failed).
    #[must_use]
    pub fn of(self, key: &str) -> Error {
        let key = &key[..key.floor_char_boundary(SHOWN_KEY)];
        let message = match self {
            Self::OtherType { held, wanted } => format!("key `{key}` holds {held}, not {wanted}"),
            Self::NotANumber => {
                format!("key `{key}` holds a string that is not an integer of 32 bits")
            }
            Self::Overflow => format!("key `{key}`: the total does not fit 32 bits"),
            Self::Full => format!("key `{key}`: the list is full"),
        };
        Error::new(ErrorKind::Failed, message)
    }

    /// [`of`](Self::of) as operations return it.
    #[must_use]
    pub fn boxed(self, key: &str) -> BoxError {
        self.of(key).into()
    }
}

/// The total that `Add` stores and returns, for a key that holds the string `held`.
///
/// # Errors
///
/// [`NotANumber`](Refusal::NotANumber), [`Overflow`](Refusal::Overflow).
pub fn add(held: Option<&str>, more: i32) -> Result<i32, Refusal> {
    let number = match held {
        None => 0,
        Some(text) => text.parse::<i32>().map_err(|_| Refusal::NotANumber)?,
    };
    number.checked_add(more).ok_or(Refusal::Overflow)
}

/// Which items of a list of `length` items `Range` returns for these two positions.
#[must_use]
pub fn range(length: usize, start: i32, stop: i32) -> Range<usize> {
    // A position before the head, or one that no list is long enough for, is outside all the same.
    let position = |place: i32| {
        let distance = usize::try_from(place.unsigned_abs()).unwrap_or(usize::MAX);
        if place < 0 { length.checked_sub(distance) } else { Some(distance) }
    };
    let first = position(start).unwrap_or(0).min(length);
    let end = position(stop).map_or(0, |last| last.saturating_add(1).min(length));
    first..end.max(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_digits_with_or_without_a_sign_that_fit_32_bits() {
        assert_eq!(add(None, 5), Ok(5));
        assert_eq!(add(Some("+0041"), 1), Ok(42));
        assert_eq!(add(Some("-2147483648"), i32::MAX), Ok(-1));
        for text in ["", "x", "1x", "-", "+", " 1", "1 ", "--1", "1.0", "0x1", "2147483648"] {
            assert_eq!(add(Some(text), 0), Err(Refusal::NotANumber), "{text:?}");
        }
        assert_eq!(add(Some("2147483647"), 1), Err(Refusal::Overflow));
        assert_eq!(add(Some("-2147483648"), -1), Err(Refusal::Overflow));
    }

    #[test]
    fn positions_are_inclusive_count_from_both_ends_and_are_clamped() {
        for (start, stop, items) in [
            (0, 0, 0..1),
            (0, -1, 0..3),
            (-1, -1, 2..3),
            (-3, -3, 0..1),
            (-100, 1, 0..2),
            (1, 100, 1..3),
            (i32::MIN, i32::MAX, 0..3),
            (2, 1, 2..2),
            (3, 100, 3..3),
            (i32::MAX, i32::MAX, 3..3),
            (0, -4, 0..0),
            (1, -4, 1..1),
            (0, i32::MIN, 0..0),
        ] {
            assert_eq!(range(3, start, stop), items, "{start} to {stop}");
        }
        assert_eq!(range(0, 0, -1), 0..0);
    }

    #[test]
    fn a_refusal_names_the_key_but_not_all_of_a_long_one() {
        let refusal = Refusal::OtherType { held: Holds::List, wanted: Holds::String };
        let error = refusal.of("k");
        assert_eq!(
            (error.kind(), error.message()),
            (ErrorKind::Failed, "key `k` holds a list, not a string")
        );
        assert!(Refusal::Full.of(&"é".repeat(10_000)).message().len() < 200);
    }
}
