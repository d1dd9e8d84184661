//! Everything that the command writes goes through here: reader gone, disk full, control characters.

use std::{
    fmt::Write as _,
    io::{self, ErrorKind, IsTerminal, Write},
};

use provider_testkit::report::is_control;

use crate::exit::Exit;

/// Where results and messages go.
///
/// A reader that went away (`| head`) ends the writing and is no error. Control characters, which
/// could make a terminal do things, are written as escapes: what is printed comes from libraries and
/// arguments that nobody has checked.
pub(crate) struct Output {
    results: Box<dyn Write>,
    messages: Box<dyn Write>,
    /// Whether results and messages go to a terminal.
    terminals: (bool, bool),
    /// The reader of the results went away.
    reader_gone: bool,
    /// Why the results could not be written.
    problem: Option<io::Error>,
    /// What else could not be written, and why.
    lost: Option<String>,
}

impl Output {
    /// Results to standard output, messages to standard error.
    pub(crate) fn standard() -> Self {
        Self {
            terminals: (io::stdout().is_terminal(), io::stderr().is_terminal()),
            ..Self::new(Box::new(io::stdout()), Box::new(io::stderr()))
        }
    }

    fn new(results: Box<dyn Write>, messages: Box<dyn Write>) -> Self {
        Self {
            results,
            messages,
            terminals: (false, false),
            reader_gone: false,
            problem: None,
            lost: None,
        }
    }

    /// Whether somebody may be looking at the results.
    pub(crate) fn results_to_terminal(&self) -> bool {
        self.terminals.0
    }

    /// Whether somebody may be looking at the messages.
    pub(crate) fn messages_to_terminal(&self) -> bool {
        self.terminals.1
    }

    /// A result for people, which may have many lines.
    pub(crate) fn text(&mut self, text: &str) {
        self.result(&many_lines(text));
    }

    /// A result as it is: whoever made it has left no control characters in it but its own colours.
    pub(crate) fn finished(&mut self, text: &str) {
        self.result(text);
    }

    /// Lines beside the result that are as they are to be.
    pub(crate) fn beside(&mut self, text: &str) {
        let _ = self.messages.write_all(text.as_bytes());
    }

    /// A result for programs: one JSON document and a line's end.
    pub(crate) fn json(&mut self, document: &serde_json::Value) {
        // `{:#}` is serde_json's pretty form.
        self.json_text(&format!("{document:#}\n"));
    }

    /// A result for programs that is JSON already.
    pub(crate) fn json_text(&mut self, document: &str) {
        self.result(&escaped_json(document));
    }

    /// A line of JSON that somebody waits for.
    pub(crate) fn json_line(&mut self, line: &str) {
        self.json_text(line);
        let flushed = self.results.flush();
        self.note(flushed);
    }

    /// A part of the results could not be written.
    pub(crate) fn lost(&mut self, problem: String) {
        self.lost.get_or_insert(problem);
    }

    /// What is wrong with the arguments, which may have many lines.
    pub(crate) fn usage(&mut self, text: &str) {
        let _ = self.messages.write_all(many_lines(text).as_bytes());
    }

    /// One line that says what went wrong.
    pub(crate) fn error(&mut self, message: &str) {
        self.message("error", message);
    }

    /// One line beside the result.
    pub(crate) fn message(&mut self, label: &str, message: &str) {
        // A runner of GitHub's looks for commands in the form of old anywhere in a line.
        let line = format!("{label}: {}\n", one_line(message).replace("##[", "## ["));
        // Nobody is left to hear that nobody listens.
        let _ = self.messages.write_all(line.as_bytes());
    }

    /// Writes what is left. Results that could not be written are no success.
    pub(crate) fn finish(mut self, exit: Exit) -> Exit {
        let flushed = self.results.flush();
        self.note(flushed);
        let problem = self.problem.take().map(|problem| format!("the result: {problem}"));
        match problem.or_else(|| self.lost.take()) {
            Some(problem) => {
                self.error(&format!("cannot write {problem}"));
                if exit == Exit::Success { Exit::Internal } else { exit }
            }
            None => exit,
        }
    }

    fn result(&mut self, text: &str) {
        if !self.reader_gone && self.problem.is_none() {
            let written = self.results.write_all(text.as_bytes());
            self.note(written);
        }
    }

    fn note(&mut self, written: io::Result<()>) {
        match written {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::BrokenPipe => self.reader_gone = true,
            Err(error) => {
                self.problem.get_or_insert(error);
            }
        }
    }
}

/// Text without control characters, in as many lines as it has.
pub(crate) fn many_lines(text: &str) -> String {
    escaped(text, |c| is_control(c) && !matches!(c, '\n' | '\t'))
}

/// Text without control characters, in one line.
pub(crate) fn one_line(text: &str) -> String {
    escaped(text, is_control)
}

fn escaped(text: &str, needs_escape: impl Fn(char) -> bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if needs_escape(c) {
            escaped.extend(c.escape_default());
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// JSON escapes the C0 controls itself; others occur in strings only, where `\u` is as good.
/// So it is with what a runner of GitHub's takes for a command anywhere in a line.
pub(crate) fn escaped_json(text: &str) -> String {
    let text = &text.replace("##[", "\\u0023#[");
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if c != '\n' && is_control(c) {
            // Writing to a string does not fail.
            let _ = write!(escaped, "\\u{:04x}", u32::from(c));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, rc::Rc};

    use serde_json::json;

    use super::*;

    /// What was written, and the error that ends it.
    #[derive(Clone, Default)]
    struct Paper(Rc<RefCell<Vec<u8>>>, Option<ErrorKind>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            match self.1 {
                Some(kind) => Err(kind.into()),
                None => self.0.borrow_mut().write(bytes),
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Paper {
        fn failing(kind: ErrorKind) -> Self {
            Self(Rc::default(), Some(kind))
        }

        fn text(&self) -> String {
            String::from_utf8(self.0.borrow().clone()).unwrap()
        }
    }

    #[test]
    fn control_characters_are_shown_and_not_obeyed() {
        let (results, messages) = (Paper::default(), Paper::default());
        let mut output = Output::new(Box::new(results.clone()), Box::new(messages.clone()));
        output.text("a\x1b[31m\tb\nc\u{9b}\u{202e}d\n");
        output.error("one\ntwo\x07");
        assert_eq!(results.text(), "a\\u{1b}[31m\tb\nc\\u{9b}\\u{202e}d\n");
        assert_eq!(messages.text(), "error: one\\ntwo\\u{7}\n");
    }

    #[test]
    fn json_stays_the_same_value_without_raw_controls() {
        let results = Paper::default();
        let mut output = Output::new(Box::new(results.clone()), Box::new(io::sink()));
        let document = json!({ "a": "\u{1b}\u{9b}\u{7f}\n" });
        output.json(&document);
        assert!(results.text().contains(r"\u001b\u009b\u007f\n"));
        let back: serde_json::Value = serde_json::from_str(&results.text()).unwrap();
        assert_eq!(back, document);
    }

    #[test]
    fn a_reader_that_went_away_is_no_error_and_a_full_disk_is() {
        let messages = Paper::default();
        let output = |kind| {
            let mut output =
                Output::new(Box::new(Paper::failing(kind)), Box::new(messages.clone()));
            output.text("lost\n");
            output
        };
        let gone = output(ErrorKind::BrokenPipe);
        assert_eq!(gone.finish(Exit::Success), Exit::Success);
        assert_eq!(messages.text(), "");
        let full = output(ErrorKind::StorageFull);
        assert_eq!(full.finish(Exit::Success), Exit::Internal);
        assert!(messages.text().starts_with("error: cannot write the result: "));
        let full = output(ErrorKind::StorageFull);
        assert_eq!(full.finish(Exit::Failed), Exit::Failed);
    }
}
