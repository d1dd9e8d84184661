//! The pages, as the tests see them.

use std::{
    env, fs,
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

/// Holds a file against what it should be, or rewrites it.
pub(crate) fn hold(path: &str, expected: &str) {
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(root().join(path), expected).expect("the page can be written");
    }
    assert!(
        fs::read_to_string(root().join(path)).is_ok_and(|page| page == expected),
        "`{path}` is out of date: run `UPDATE_DOCS=1 cargo test -p provider-docs`"
    );
}

/// The page with `text` between the marks of `name`.
pub(crate) fn with_part(page: &str, name: &str, text: &str) -> String {
    let begin = format!("<!-- generated: {name} -->\n");
    let (before, rest) = page.split_once(&begin).unwrap_or_else(|| panic!("no `{name}`"));
    let (_, after) = rest.split_once("<!-- end -->").expect("the part has an end");
    format!("{before}{begin}{text}<!-- end -->{after}")
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

/// What a run says, without where this repository is.
pub(crate) fn without_root(told: &str) -> String {
    told.replace(&format!("{}/", root().to_string_lossy()), "")
}

/// Whether two reports differ only in what differs from run to run and from machine to machine:
/// numbers (how long it took, which line, which process), digests, what a thread waits for, where
/// exactly it crashed.
pub(crate) fn same_but_for_numbers(one: &str, other: &str) -> bool {
    /// The words of the lines that are compared. Where lines break depends on how long a path is.
    fn compared(text: &str) -> Vec<String> {
        let mut left_out = false;
        let mut lines = Vec::new();
        for line in text.lines() {
            let continues = line.starts_with("          ");
            left_out = left_out && continues
                || line.starts_with("  thread: ")
                || line.starts_with("  at:     ");
            if !left_out {
                lines.push(line);
            }
        }
        lines.into_iter().flat_map(str::split_whitespace).map(without_numbers).collect()
    }
    compared(one) == compared(other)
}

/// The word with one zero in place of each number.
fn without_numbers(word: &str) -> String {
    let digest = word.len() == 12 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    if digest {
        return String::from("0");
    }
    let mut plain = String::new();
    for c in word.chars() {
        match c {
            '0'..='9' if plain.ends_with('0') => {}
            '0'..='9' => plain.push('0'),
            c => plain.push(c),
        }
    }
    plain
}
