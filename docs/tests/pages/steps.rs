//! A page as steps that somebody takes: files to write, commands to run, outputs to see.
//!
//! Marks that readers do not see say what a block is: `<!-- file: PATH -->` is to be written,
//! `<!-- shows: PATH -->` is there already, `<!-- insert in PATH after: LINE -->` is to be added. A block of
//! `sh` is run; one of `text` right behind it is its output, or the end of it after a line `...`. What other
//! marks before a block mean is its reader's to know.

/// What a block asks for.
pub(crate) enum Step {
    Write { file: String, text: String },
    Shows { file: String },
    Insert { file: String, after: String, text: String },
    Run { commands: String, marks: Vec<String>, shown: bool },
}

/// A page on the way from its beginning to its end.
pub(crate) struct Steps<'a> {
    rest: &'a str,
    /// What was passed, as it is now.
    passed: String,
    /// The contents of the block that the last step expects something of.
    pending: Option<String>,
}

impl<'a> Steps<'a> {
    pub(crate) fn of(page: &'a str) -> Self {
        Self { rest: page, passed: String::new(), pending: None }
    }

    /// The next step.
    pub(crate) fn next(&mut self) -> Option<Step> {
        assert!(self.pending.is_none(), "somebody has to say what is in the block");
        loop {
            let marks = self.marks();
            let line = self.line()?;
            let Some(language) = line.strip_prefix("```") else { continue };
            let mark = marks.last().map(String::as_str);
            if let Some(file) = mark.and_then(|mark| mark.strip_prefix("shows: ")) {
                self.pending = Some(self.contents());
                return Some(Step::Shows { file: file.to_owned() });
            }
            let text = self.contents();
            self.passed.push_str(&text);
            self.line();
            if let Some(file) = mark.and_then(|mark| mark.strip_prefix("file: ")) {
                return Some(Step::Write { file: file.to_owned(), text: visible(&text) });
            }
            if let Some(place) = mark.and_then(|mark| mark.strip_prefix("insert in ")) {
                let (file, after) = place.split_once(" after: ").expect("the mark names a line");
                let (file, after) = (file.to_owned(), after.to_owned());
                return Some(Step::Insert { file, after, text: visible(&text) });
            }
            if language.trim_end() == "sh" {
                let shown = self.rest.starts_with("\n```text\n");
                if shown {
                    self.line();
                    self.line();
                    self.pending = Some(self.contents());
                }
                return Some(Step::Run { commands: text, marks, shown });
            }
        }
    }

    /// Says what belongs into the block of the last step.
    pub(crate) fn is(&mut self, told: &str) {
        let shown = self.pending.take().expect("the last step has a block");
        let told = format!("{}\n", told.trim_end());
        let now = match shown.strip_prefix("...\n") {
            Some(end) => {
                let count = end.lines().count();
                let lines: Vec<&str> = told.lines().collect();
                let last = &lines[lines.len().saturating_sub(count)..];
                format!("...\n{}\n", last.join("\n"))
            }
            None => told,
        };
        let same = without_figures(&shown) == without_figures(&now);
        self.passed.push_str(if same { &shown } else { &now });
        self.line();
    }

    /// Leaves the block of the last step as it is, if it has one.
    pub(crate) fn keep(&mut self) {
        if let Some(shown) = self.pending.take() {
            self.passed.push_str(&shown);
            self.line();
        }
    }

    /// The page as it is now.
    pub(crate) fn page(self) -> String {
        self.passed + self.rest
    }

    /// The marks right before what comes now, in their order.
    fn marks(&self) -> Vec<String> {
        let mark = |line: &str| line.strip_prefix("<!-- ")?.strip_suffix(" -->").map(str::to_owned);
        let mut marks: Vec<String> = self.passed.lines().rev().map_while(mark).collect();
        marks.reverse();
        marks
    }

    /// Passes a line.
    fn line(&mut self) -> Option<&'a str> {
        let end = self.rest.find('\n')? + 1;
        let (line, rest) = self.rest.split_at(end);
        self.passed.push_str(line);
        self.rest = rest;
        Some(line.trim_end_matches('\n'))
    }

    /// Takes the contents of the block that begins here, without its last fence.
    fn contents(&mut self) -> String {
        let end = if self.rest.starts_with("```") {
            0
        } else {
            self.rest.find("\n```").expect("the block has an end") + 1
        };
        let (contents, rest) = self.rest.split_at(end);
        self.rest = rest;
        contents.to_owned()
    }
}

/// A block of Rust as a file has it: without the lines that only the documentation's test sees.
fn visible(block: &str) -> String {
    let shown = |line: &&str| !(line.starts_with("# ") || *line == "#");
    block.lines().filter(shown).fold(String::new(), |text, line| text + line + "\n")
}

/// What a command says, without what differs from run to run: times, sizes and digests. How many
/// there are of something stays.
fn without_figures(told: &str) -> Vec<String> {
    let words: Vec<&str> = told.split_whitespace().collect();
    let mut plain = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let next = words.get(index + 1).copied().unwrap_or_default();
        let number = word.trim_end_matches('s').parse::<f64>().is_ok();
        let unit = ["s", "s)", "KiB", "bytes"].contains(&next) || word.ends_with('s');
        // Of a thread or a process.
        let id = word.strip_prefix('(').and_then(|word| word.strip_suffix(')'));
        let id = id.is_some_and(|id| id.bytes().all(|byte| byte.is_ascii_digit()));
        let digest = word.len() >= 12 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
        let figure = number && unit || digest || id;
        plain.push(if figure { String::from("0") } else { (*word).to_owned() });
    }
    plain
}
