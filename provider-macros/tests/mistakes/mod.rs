//! The list of mistakes, `tests/mistakes.txt`.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Whose words the answer has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Words {
    /// The macros'.
    Ours,
    /// Ours, in a message of rustc's.
    Bound,
    /// Rustc's.
    Rustc,
}

/// A line of the list.
pub(crate) struct Mistake {
    /// The heading that it stands under.
    pub(crate) part: String,
    /// Its file in `tests/ui`, without the ending.
    pub(crate) case: String,
    pub(crate) words: Words,
    /// All of an attribute is underlined.
    pub(crate) at_attribute: bool,
    /// What the author did.
    pub(crate) what: String,
}

impl Mistake {
    pub(crate) fn source(&self) -> PathBuf {
        Path::new("tests/ui").join(&self.case).with_extension("rs")
    }

    /// What the compiler says.
    pub(crate) fn answer(&self) -> String {
        fs::read_to_string(self.source().with_extension("stderr")).unwrap()
    }
}

/// The list, in its order.
pub(crate) fn listed() -> Vec<Mistake> {
    let mut part = String::new();
    let mut listed = Vec::new();
    for line in fs::read_to_string("tests/mistakes.txt").unwrap().lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            heading.clone_into(&mut part);
        } else if !line.is_empty() && !line.starts_with('#') {
            let [case, words, what] = *line.split(" | ").collect::<Vec<_>>() else {
                panic!("not `case | words | mistake`: {line}");
            };
            let (words, place) = words.split_once(", ").unwrap_or((words, ""));
            listed.push(Mistake {
                part: part.clone(),
                case: case.to_owned(),
                words: match words {
                    "ours" => Words::Ours,
                    "bound" => Words::Bound,
                    "rustc" => Words::Rustc,
                    other => panic!("whose words are `{other}`?"),
                },
                at_attribute: match place {
                    "" => false,
                    "at attribute" => true,
                    other => panic!("what is `{other}`?"),
                },
                what: what.to_owned(),
            });
        }
    }
    listed
}

/// Every case in `tests/ui`, as `area/name`, sorted.
pub(crate) fn on_disk() -> Vec<String> {
    let mut cases = Vec::new();
    for area in fs::read_dir("tests/ui").unwrap() {
        let area = area.unwrap().path();
        for file in fs::read_dir(&area).unwrap() {
            let file = file.unwrap().path();
            if file.extension().is_some_and(|extension| extension == "rs") {
                let name = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
                cases.push(format!("{}/{}", name(&area), name(&file)));
            }
        }
    }
    cases.sort();
    cases
}

/// One error or warning of an answer.
pub(crate) struct Message<'a> {
    /// From its first line to the next message.
    pub(crate) lines: Vec<&'a str>,
}

impl<'a> Message<'a> {
    /// Its first line, without `error:`, if it has no code: the macros' have none, most of rustc's have.
    pub(crate) fn without_code(&self) -> Option<&'a str> {
        self.lines[0].strip_prefix("error: ")
    }

    /// What to write instead, as the macros say it.
    pub(crate) fn help(&self) -> Option<&'a str> {
        self.lines[1..].iter().find_map(|line| line.trim_start().strip_prefix("help: "))
    }

    /// Whether an attribute of ours is underlined from `#` to `]`.
    pub(crate) fn underlines_an_attribute(&self) -> bool {
        let ours = ["#[capability_provider", "#[contract", "#[op"];
        self.lines.windows(2).any(|lines| {
            let (Some((_, code)), Some((_, marks))) =
                (lines[0].split_once("| "), lines[1].split_once("| "))
            else {
                return false;
            };
            let (Some(from), Some(to)) = (marks.find('^'), marks.rfind('^')) else { return false };
            let marked = code.get(from..=to).unwrap_or_default();
            ours.iter().any(|attribute| marked.starts_with(attribute)) && marked.ends_with(']')
        })
    }
}

/// The messages of an answer.
pub(crate) fn messages(answer: &str) -> Vec<Message<'_>> {
    let mut messages: Vec<Message<'_>> = Vec::new();
    for line in answer.lines() {
        if line.starts_with("error") || line.starts_with("warning") {
            messages.push(Message { lines: Vec::new() });
        }
        if let Some(message) = messages.last_mut() {
            message.lines.push(line);
        }
    }
    messages
}
