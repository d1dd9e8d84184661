//! What a worker writes to its standard output or error: bounded, and read for what it tells.

use std::{collections::VecDeque, io::Write};

use crate::{Location, Panic};

/// How much of the beginning, and as much of the end, is kept.
const KEPT: usize = 64 << 10;
/// How much is read for what it tells, besides the end.
const EXAMINED: usize = 2 << 20;
/// How much of a line is looked at.
const LINE: usize = 4096;
/// How many panics are kept.
const PANICS: usize = 16;

/// Words with which a dying process says what it died of, and what they mean.
const LAST_WORDS: [(&str, &str); 10] = [
    ("cannot catch foreign exceptions", "a panic crossed the C boundary: nothing caught it"),
    ("panic in a function that cannot unwind", "a panic crossed the C boundary: nothing caught it"),
    ("has overflowed its stack", "the stack overflowed"),
    ("memory allocation of", "out of memory"),
    (
        "free(): ",
        "the heap is corrupt: what one allocator made, another one freed, or it was freed twice",
    ),
    ("double free", "the heap is corrupt: something was freed twice"),
    ("munmap_chunk", "the heap is corrupt: what one allocator made, another one freed"),
    ("corrupted", "the heap is corrupt: something was written behind its end"),
    ("malloc(): ", "the heap is corrupt: something was written behind its end"),
    ("stack smashing detected", "the stack is corrupt: something was written behind its end"),
];

/// What was written.
#[derive(Debug, Default)]
pub(crate) struct Captured {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    total: u64,
    examined: usize,
    line: Vec<u8>,
    panics: Vec<Panic>,
    /// Whether the next line is what the last panic said.
    message_follows: bool,
    /// The last words, and what they mean.
    last_words: Option<(String, &'static str)>,
}

impl Captured {
    /// How many bytes were written.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// The panics that it tells of.
    pub(crate) fn panics(&self) -> &[Panic] {
        &self.panics
    }

    /// What the process said when it died: the line, and what it means.
    pub(crate) fn last_words(&self) -> Option<(&str, &'static str)> {
        self.last_words.as_ref().map(|(line, meaning)| (line.as_str(), *meaning))
    }

    /// What was kept.
    pub(crate) fn text(&self) -> String {
        let (front, back) = self.tail.as_slices();
        let mut bytes = self.head.clone();
        let kept = (bytes.len() + front.len() + back.len()) as u64;
        if self.total > kept {
            let gap = format!("\n.. {} bytes left out ..\n", self.total - kept);
            bytes.extend(gap.as_bytes());
        }
        bytes.extend(front);
        bytes.extend(back);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The last lines of it, of backtraces only what is the provider's own.
    pub(crate) fn last_lines(&self, count: usize) -> String {
        let text = self.text();
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        let lines = own_frames(&lines);
        lines[lines.len().saturating_sub(count)..].join("\n")
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end();
        if std::mem::take(&mut self.message_follows)
            && let Some(panic) = self.panics.last_mut()
        {
            line.clone_into(&mut panic.message);
        }
        if let Some(panic) = read_panic(line) {
            self.message_follows = panic.message.is_empty();
            if self.panics.len() < PANICS {
                self.panics.push(panic);
            }
        } else if self.last_words.is_none()
            && let Some((_, meaning)) = LAST_WORDS.iter().find(|(words, _)| line.contains(words))
        {
            self.last_words = Some((line.to_owned(), meaning));
        }
    }

    fn examine(&mut self, bytes: &[u8]) {
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (text, ends) = match line {
                [text @ .., b'\n'] => (text, true),
                text => (text, false),
            };
            let room = LINE.saturating_sub(self.line.len());
            self.line.extend(&text[..text.len().min(room)]);
            if ends {
                self.end_line();
            }
        }
    }

    /// Nothing more comes.
    pub(crate) fn end(&mut self) {
        // The end is looked at even of what was too much.
        if self.total > self.examined as u64 {
            self.line.clear();
            self.message_follows = false;
            let tail = std::mem::take(&mut self.tail);
            let (front, back) = tail.as_slices();
            self.examine(front);
            self.examine(back);
            self.tail = tail;
        }
        if !self.line.is_empty() {
            self.end_line();
        }
    }
}

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.total += bytes.len() as u64;
        let (first, rest) = bytes.split_at(bytes.len().min(KEPT - self.head.len()));
        self.head.extend(first);
        let rest = &rest[rest.len().saturating_sub(KEPT)..];
        self.tail.extend(rest);
        let surplus = self.tail.len().saturating_sub(KEPT);
        self.tail.drain(..surplus);
        let examined = &bytes[..bytes.len().min(EXAMINED - self.examined)];
        self.examined += examined.len();
        self.examine(examined);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// `lines` without those frames of backtraces that are the same for every provider.
fn own_frames<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    const COMMON: [&str; 13] = [
        "/rustc/",
        "rust_begin_unwind",
        "core::panicking",
        "core::ops::function",
        "core::panic::unwind_safe",
        "__rust_try",
        "std::",
        "provider_core::export",
        "provider-core/src/export.rs",
        "provider_host::",
        "provider-host/src",
        "provider_testkit::",
        "provider-testkit/src",
    ];
    let mut kept = Vec::new();
    let mut rest = lines.iter().copied().peekable();
    while let Some(line) = rest.next() {
        if is_tools_frame(line) && COMMON.iter().any(|common| line.contains(common)) {
            continue;
        }
        if !is_frame(line) {
            if !line.starts_with("note: Some details are omitted") {
                kept.push(line);
            }
            continue;
        }
        // A frame is its name, and on the next line its place.
        let place = rest.next_if(|line| line.trim_start().starts_with("at "));
        let common = |line: &str| COMMON.iter().any(|common| line.contains(common));
        if !common(line) && !place.is_some_and(common) {
            kept.push(line);
            kept.extend(place);
        }
    }
    kept
}

/// Whether a line is like `==7==    by 0x1234: name (file:1)`, as checkers of memory write them.
fn is_tools_frame(line: &str) -> bool {
    line.starts_with("==") && (line.contains("   by 0x") || line.contains("   at 0x"))
}

/// Whether a line is like `  12: name`.
fn is_frame(line: &str) -> bool {
    line.trim_start()
        .split_once(": ")
        .is_some_and(|(number, _)| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

/// Reads a line like `thread 'main' (123) panicked at src/lib.rs:41:5:`, or the form of older
/// compilers, `thread 'main' panicked at 'message', src/lib.rs:41:5`.
fn read_panic(line: &str) -> Option<Panic> {
    let (before, after) = line.split_once("panicked at ")?;
    let thread = before.trim().strip_prefix("thread '")?;
    let (thread, _) = thread.rsplit_once('\'')?;
    let (message, place) = match after.strip_prefix('\'').and_then(|old| old.rsplit_once("', ")) {
        Some((message, place)) => (message, place),
        None => ("", after.trim_end_matches(':')),
    };
    let mut parts = place.rsplitn(3, ':');
    let col = parts.next()?.parse().ok()?;
    let line = parts.next()?.parse().ok()?;
    Some(Panic {
        location: Location { file: parts.next()?.to_owned(), line, col },
        thread: thread.to_owned(),
        message: message.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captured(text: &str) -> Captured {
        let mut captured = Captured::default();
        captured.write_all(text.as_bytes()).unwrap();
        captured.end();
        captured
    }

    #[test]
    fn panics_are_read_with_their_place_thread_and_message() {
        let captured = captured(
            "noise\nthread '<unnamed>' (42) panicked at src/lib.rs:41:5:\nboom\n\
             thread 'worker' panicked at 'old: boom', C:\\src\\lib.rs:7:9\n\
             it panicked at 3 o'clock\nthread 'x' panicked at nowhere\n",
        );
        let [new, old] = captured.panics() else {
            panic!("{captured:?}");
        };
        assert_eq!(
            (new.location.file.as_str(), new.location.line, new.location.col),
            ("src/lib.rs", 41, 5)
        );
        assert_eq!((new.thread.as_str(), new.message.as_str()), ("<unnamed>", "boom"));
        assert_eq!(
            (old.location.file.as_str(), old.message.as_str()),
            ("C:\\src\\lib.rs", "old: boom")
        );
    }

    #[test]
    fn last_words_are_understood() {
        let (line, meaning) = captured("free(): invalid pointer\n")
            .last_words()
            .map(|(line, meaning)| (line.to_owned(), meaning))
            .unwrap();
        assert_eq!(line, "free(): invalid pointer");
        assert!(meaning.contains("heap"));
        assert!(captured("thread 'main' (1) has overflowed its stack").last_words().is_some());
        assert!(captured("all is well\n").last_words().is_none());
    }

    #[test]
    fn of_a_backtrace_the_providers_own_frames_are_shown() {
        let captured = captured(
            "stack backtrace:\n   0: __rustc::rust_begin_unwind\n             at /rustc/5/std.rs:1:1\n\
             \x20  1: redis::link\n             at ./src/lib.rs:4:5\n   2: provider_core::export::guarded\n\
             \x20            at /x/export.rs:1:1\n   3: {closure#0}\n             at /w/provider-testkit/src/lab.rs:1:1\n\
             note: Some details are omitted, run with `RUST_BACKTRACE=full`\nbye\n",
        );
        assert_eq!(
            captured.last_lines(9),
            "stack backtrace:\n   1: redis::link\n             at ./src/lib.rs:4:5\nbye"
        );
    }

    #[test]
    fn a_flood_keeps_its_beginning_and_its_end_and_its_panics() {
        let mut captured = Captured::default();
        captured.write_all(b"begin\n").unwrap();
        for _ in 0..1000 {
            captured.write_all(&[b'x'; 1000]).unwrap();
        }
        captured.write_all(b"\nthread 'main' (1) panicked at a.rs:1:2:\nlate\nend\n").unwrap();
        for _ in 0..1000 {
            captured.write_all(&[b'y'; 1000]).unwrap();
        }
        captured.end();
        let text = captured.text();
        assert!(text.starts_with("begin\n") && text.ends_with('y'));
        assert!(text.contains("bytes left out") && text.len() < 200 << 10);
        assert_eq!(captured.panics()[0].message, "late");
        assert!(captured.total() > 2_000_000);
    }
}
