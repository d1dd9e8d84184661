//! The pages, as the tests see them.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The repository.
pub(crate) fn root() -> PathBuf {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR"));
    docs.parent().expect("docs is in the repository").to_owned()
}

/// The text of a file of the repository.
pub(crate) fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("`{}`: {error}", path.display()))
}

/// The contents of a page's fenced blocks whose first word is `language`.
pub(crate) fn blocks(page: &str, language: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut current: Option<(bool, String)> = None;
    for line in page.lines() {
        match (&mut current, line.strip_prefix("```")) {
            (None, Some(info)) => {
                let word = info.split([',', ' ']).next().unwrap_or_default();
                current = Some((word == language, String::new()));
            }
            (Some(_), Some(_)) => {
                if let Some((true, text)) = current.take() {
                    found.push(text);
                }
            }
            (Some((_, text)), None) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    found
}

/// A page without its fenced blocks.
pub(crate) fn prose(page: &str) -> String {
    let mut within = false;
    let mut prose = String::new();
    for line in page.lines() {
        if line.starts_with("```") {
            within = !within;
        } else if !within {
            prose.push_str(line);
            prose.push('\n');
        }
    }
    prose
}

/// Whether two reports differ only in what differs from run to run and from machine to machine:
/// numbers (how long it took, which line, which process), digests, what a thread waits for.
pub(crate) fn same_but_for_numbers(one: &str, other: &str) -> bool {
    fn without(text: &str) -> String {
        // Where lines break depends on how long a path is.
        text.lines().map(words).collect::<Vec<_>>().join(" ")
    }
    fn words(line: &str) -> String {
        let line = match line.split_once("  thread: ") {
            Some((before, _)) => before,
            None => line,
        };
        let words = line.split_whitespace().map(|word| {
            let digest = word.len() == 12 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
            let word = if digest { "0" } else { word };
            let mut plain = String::new();
            for c in word.chars() {
                match c {
                    '0'..='9' if plain.ends_with('0') => {}
                    '0'..='9' => plain.push('0'),
                    c => plain.push(c),
                }
            }
            plain
        });
        words.collect::<Vec<_>>().join(" ")
    }
    without(one) == without(other)
}
