//! Words of bounded length, whatever the code does that makes them.

use std::{
    fmt::{self, Write as _},
    panic::{AssertUnwindSafe, catch_unwind},
};

use crate::panics;

/// What a text that was cut ends with.
const CUT: &str = "…";

/// As much of `text` as fits.
pub(super) fn shortened(text: &str, limit: usize) -> &str {
    &text[..text.floor_char_boundary(limit)]
}

/// What `value` says, up to `limit` bytes. A value that panics says so.
pub(super) fn shown(value: fmt::Arguments<'_>, limit: usize) -> String {
    if let Some(text) = value.as_str()
        && text.len() <= limit
    {
        return text.to_owned();
    }
    let mut bounded = Bounded { text: String::new(), limit, full: false };
    // What a panic leaves behind is a text that is not used, and the author's value.
    match catch_unwind(AssertUnwindSafe(|| bounded.write_fmt(value))) {
        // An implementation that fails has said what it could.
        Ok(_) => bounded.text,
        Err(panic) => {
            let reason = format!("(a value {} while it was logged)", panics::message(panic));
            shortened(&reason, limit).to_owned()
        }
    }
}

struct Bounded {
    text: String,
    limit: usize,
    full: bool,
}

impl fmt::Write for Bounded {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        if self.full {
            // The rest need not be made.
            return Err(fmt::Error);
        }
        if self.text.len() + piece.len() <= self.limit {
            self.text.push_str(piece);
            return Ok(());
        }
        self.full = true;
        let room = self.limit - CUT.len();
        if self.text.len() > room {
            let end = self.text.floor_char_boundary(room);
            self.text.truncate(end);
        } else {
            self.text.push_str(shortened(piece, room - self.text.len()));
        }
        self.text.push_str(CUT);
        Err(fmt::Error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Panics;

    impl fmt::Display for Panics {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            panic!("no words")
        }
    }

    struct Endless;

    impl fmt::Display for Endless {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            loop {
                f.write_str("é")?;
            }
        }
    }

    #[test]
    fn a_long_text_is_cut_between_characters_and_says_so() {
        assert_eq!(shown(format_args!("{}", "abc"), 8), "abc");
        assert_eq!(shown(format_args!("{}", "abcdefgh"), 8), "abcdefgh");
        assert_eq!(shown(format_args!("{}{}", "abcdefgh", "i"), 8), "abcde…");
        assert_eq!(shown(format_args!("{}", "abcdefghi"), 8), "abcde…");
        assert_eq!(shown(format_args!("{Endless}"), 8), "éé…");
        assert_eq!(shown(format_args!("abcdefghi"), 8), "abcde…");
    }

    #[test]
    fn a_value_that_panics_says_so() {
        let text = shown(format_args!("before {Panics}"), 100);
        assert_eq!(text, "(a value panicked: no words while it was logged)");
    }
}
