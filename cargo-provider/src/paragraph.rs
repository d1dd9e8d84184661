//! Text for people: headings, paragraphs and lists, broken where a line is full.

/// Where a line is full, in characters.
pub(crate) const WIDTH: usize = 100;
const INDENT: &str = "  ";

/// A text that grows downwards.
#[derive(Debug, Default)]
pub(crate) struct Page(String);

impl Page {
    /// A line as it is.
    pub(crate) fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    /// An empty line, a heading and its text.
    pub(crate) fn section(&mut self, heading: &str, text: &str) {
        self.heading(heading);
        self.paragraph(INDENT, INDENT, text);
    }

    /// An empty line, a heading and a list.
    pub(crate) fn items(&mut self, heading: &str, items: &[&str]) {
        self.heading(heading);
        for item in items {
            self.paragraph("  - ", "    ", item);
        }
    }

    /// An empty line, a heading and a text with fenced blocks, which are code: their lines are not
    /// broken, and those that Rust's examples hide are left out.
    pub(crate) fn markdown(&mut self, heading: &str, text: &str) {
        self.heading(heading);
        let mut within = None;
        for line in text.trim().lines() {
            match (within, line.strip_prefix("```")) {
                (None, Some(language)) => within = Some(language.starts_with("rust")),
                (Some(_), Some(_)) => within = None,
                (Some(true), None) if line == "#" || line.starts_with("# ") => {}
                (Some(_), None) => self.line(format!("{INDENT}    {line}").trim_end()),
                (None, None) => self.paragraph(INDENT, INDENT, line),
            }
            if line.is_empty() && within.is_none() {
                self.line("");
            }
        }
    }

    /// Lines of `text`, each broken where it is full; the first begins with `first`, others with
    /// `rest`.
    pub(crate) fn paragraph(&mut self, first: &str, rest: &str, text: &str) {
        let mut start = first;
        for line in text.lines() {
            // A line's own indent says that it is code or a list.
            let words = line.trim_start();
            let indent = &line[..line.len() - words.len()];
            let mut full = format!("{start}{indent}");
            let mut empty = true;
            for word in words.split_whitespace() {
                let length = full.chars().count() + 1 + word.chars().count();
                if !empty && length > WIDTH {
                    self.line(&full);
                    full = format!("{rest}{indent}");
                    empty = true;
                }
                if !empty {
                    full.push(' ');
                }
                full.push_str(word);
                empty = false;
            }
            self.line(full.trim_end());
            start = rest;
        }
    }

    /// What was written.
    pub(crate) fn into_text(self) -> String {
        self.0
    }

    fn heading(&mut self, heading: &str) {
        self.0.push('\n');
        self.line(heading);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words_and_keep_their_indent() {
        let mut page = Page::default();
        let long = format!("{} end", "word ".repeat(22).trim_end());
        page.items("List", &[&long, "short"]);
        page.section("Code", "first\n    let x;");
        let lines = page.into_text();
        let lines: Vec<&str> = lines.lines().collect();
        assert_eq!(lines[..2], ["", "List"]);
        assert!(lines[2].starts_with("  - word") && lines[2].chars().count() <= WIDTH);
        assert!(lines[3].starts_with("    word") && lines[3].ends_with("end"));
        assert_eq!(lines[4..], ["  - short", "", "Code", "  first", "      let x;"]);
    }

    #[test]
    fn code_is_indented_and_hides_what_examples_hide() {
        let mut page = Page::default();
        let text = "Wrong:\n\n```rust,no_run\n# use x;\nfn f() {\n\n    #[a]\n}\n```\n\n\
                    Right:\n\n```toml\n# a comment\n```\n";
        page.markdown("An example", text);
        let expected = "\nAn example\n  Wrong:\n\n      fn f() {\n\n          #[a]\n      }\n\n  \
                        Right:\n\n      # a comment\n";
        assert_eq!(page.into_text(), expected);
    }

    #[test]
    fn a_word_longer_than_a_line_stays_whole() {
        let mut page = Page::default();
        let word = "x".repeat(WIDTH * 2);
        page.paragraph("", "", &format!("a {word} b"));
        assert_eq!(page.into_text(), format!("a\n{word}\nb\n"));
    }
}
