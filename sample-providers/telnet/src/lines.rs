//! Lines, out of bytes that come in pieces.

/// A line that is longer than a session's lines may be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

/// What has come of the line that is being typed.
#[derive(Debug)]
pub(crate) struct Lines {
    line: Vec<u8>,
    max: usize,
    /// The last byte was a carriage return, which has ended a line.
    returned: bool,
}

impl Lines {
    /// Lines of at most `max` bytes.
    pub(crate) fn new(max: usize) -> Self {
        Self { line: Vec::new(), max, returned: false }
    }

    /// Gives `each` line that `bytes` ends, without its end: CR LF, CR NUL, LF or CR, whatever the client
    /// has. What is no UTF-8 becomes replacement characters.
    pub(crate) fn receive(
        &mut self,
        bytes: &[u8],
        mut each: impl FnMut(String),
    ) -> Result<(), TooLong> {
        for &byte in bytes {
            let returned = std::mem::replace(&mut self.returned, byte == b'\r');
            match byte {
                b'\n' | 0 if returned => {}
                b'\r' | b'\n' => {
                    each(String::from_utf8_lossy(&self.line).into_owned());
                    self.line.clear();
                }
                _ if self.line.len() == self.max => return Err(TooLong),
                _ => self.line.push(byte),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(pieces: &[&[u8]]) -> Vec<String> {
        let (mut lines, mut all) = (Lines::new(100), Vec::new());
        for piece in pieces {
            lines.receive(piece, |line| all.push(line)).unwrap_or_else(|_| panic!("{pieces:?}"));
        }
        all
    }

    #[test]
    fn every_end_of_a_line_is_one() {
        for end in ["\r\n", "\r\0", "\n", "\r"] {
            let text = format!("look{end}{end}go north{end}und");
            assert_eq!(lines(&[text.as_bytes()]), ["look", "", "go north"], "{end:?}");
        }
    }

    #[test]
    fn however_it_is_cut_the_lines_are_the_same() {
        let text = "bring \u{e4}pfel\r\n\r\0x\ny\rz\r\n".as_bytes();
        let whole = lines(&[text]);
        assert_eq!(whole, ["bring \u{e4}pfel", "", "x", "y", "z"]);
        for at in 0..=text.len() {
            let (first, second) = text.split_at(at);
            assert_eq!(lines(&[first, second]), whole, "cut at {at}");
        }
        let each: Vec<&[u8]> = text.chunks(1).collect();
        assert_eq!(lines(&each), whole);
    }

    #[test]
    fn random_bytes_in_random_pieces_are_the_lines_that_the_whole_has() {
        let mut random = fastrand::Rng::with_seed(11);
        for round in 0..2000 {
            // Ends of lines are frequent.
            let bytes: Vec<u8> = (0..random.usize(0..80))
                .map(|_| *random.choice(b"\r\n\0ab\xc3\xa4\xff").unwrap_or(&b'x'))
                .collect();
            // What the contract says, as a search for the ends in the whole.
            let mut expected = Vec::new();
            let (mut rest, mut line) = (&bytes[..], Vec::new());
            while let Some((&byte, after)) = rest.split_first() {
                rest = after;
                match byte {
                    b'\r' | b'\n' => {
                        let second = matches!(rest.first(), Some(b'\n' | 0)) && byte == b'\r';
                        rest = &rest[usize::from(second)..];
                        expected.push(String::from_utf8_lossy(&line).into_owned());
                        line.clear();
                    }
                    _ => line.push(byte),
                }
            }
            let mut pieces = Vec::new();
            let mut rest = &bytes[..];
            while !rest.is_empty() {
                let (piece, left) = rest.split_at(random.usize(1..=rest.len()));
                pieces.push(piece);
                rest = left;
            }
            assert_eq!(lines(&pieces), expected, "round {round}: {bytes:?}");
        }
    }

    #[test]
    fn what_is_no_text_is_replaced() {
        assert_eq!(lines(&[b"a\xfeb\n"]), ["a\u{fffd}b"]);
        // A NUL that ends no line is part of it.
        assert_eq!(lines(&[b"a\0b\n"]), ["a\0b"]);
    }

    #[test]
    fn a_line_that_is_too_long_is_refused_and_not_kept() {
        let mut lines = Lines::new(3);
        assert_eq!(lines.receive(b"abc\n", |line| assert_eq!(line, "abc")), Ok(()));
        assert_eq!(lines.receive(b"abcd", |_| panic!("no line has ended")), Err(TooLong));
        assert_eq!(lines.line.len(), 3);
    }
}
