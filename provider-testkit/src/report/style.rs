//! How a report for people looks.

/// The narrowest that lines are broken.
const NARROW: usize = 40;

/// How a report looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether to use colours.
    pub color: bool,
    /// Where long lines break, in columns.
    pub width: usize,
}

/// What a colour stands for.
#[derive(Clone, Copy)]
pub(super) enum Tone {
    Good,
    Bad,
    Middling,
    Quiet,
    Strong,
}

impl Style {
    /// `text` in the colour of `tone`, if there are to be colours.
    pub(super) fn paint(self, tone: Tone, text: &str) -> String {
        if !self.color {
            return text.to_owned();
        }
        let code = match tone {
            Tone::Good => "32",
            Tone::Bad => "1;31",
            Tone::Middling => "33",
            Tone::Quiet => "2",
            Tone::Strong => "1",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

/// Appends `said` behind `label`, broken at words where a line would be too long.
pub(super) fn broken(text: &mut String, label: &str, said: &str, width: usize) {
    let indent = label.chars().count().min(17);
    let width = width.max(NARROW);
    let mut column = label.chars().count();
    text.push_str(label);
    for (index, word) in said.split_whitespace().enumerate() {
        let length = word.chars().count();
        if index > 0 && column + 1 + length > width {
            text.push('\n');
            text.push_str(&" ".repeat(indent));
            column = indent;
        } else if index > 0 {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += length;
    }
    text.push('\n');
}
