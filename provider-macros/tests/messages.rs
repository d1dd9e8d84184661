//! The style of what authors read, over all expected messages, and the page that shows them:
//! `UPDATE_DOCS=1 cargo test -p provider-macros --test messages` writes it anew.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod mistakes;

use std::{collections::BTreeSet, env, fmt::Write as _, fs};

use mistakes::{Message, Mistake, Words, listed, messages, on_disk};

/// Messages of ours that say all there is to say: what is expected, or what is there twice.
const WITHOUT_HELP: [&str; 23] = [
    "a unary operation takes exactly one argument",
    "argument name must not be empty",
    "contract version must not be empty",
    "duplicate attribute",
    "duplicate option",
    "expected `",
    "expected a literal: ",
    "expected a range of literals",
    "expected one of: ",
    "expected the contract id",
    "goes on",
    "is declared twice",
    "is first declared here",
    "is not allowed in",
    "link value key must not be empty",
    "must be ",
    "only a number can have a range",
    "only has meaning",
    "operation name must not be empty",
    "operation names that start with `__` are reserved",
    "option `unary` takes no value",
    "options go in parentheses",
    "this range is empty",
];

#[test]
fn every_case_is_in_the_list_and_every_line_of_it_has_a_case() {
    let listed = listed();
    let lines: BTreeSet<String> = listed.iter().map(|mistake| mistake.case.clone()).collect();
    assert_eq!(lines.len(), listed.len(), "a case is listed twice");
    assert_eq!(lines.into_iter().collect::<Vec<_>>(), on_disk());
    for mistake in &listed {
        assert!(
            mistake.source().with_extension("stderr").exists(),
            "{}: nothing is expected",
            mistake.case
        );
    }
}

/// Where the sources of the standard library are installed, rustc shows them.
#[test]
fn no_answer_depends_on_what_else_is_installed() {
    for mistake in listed() {
        assert!(!mistake.answer().contains("$RUST"), "{}", mistake.case);
    }
}

/// Lower case, no full stop, on the author's own token, with what to write instead.
#[test]
fn messages_keep_the_rules() {
    let mut broken = Vec::new();
    let mut seen = 0;
    let mut silent = BTreeSet::new();
    for mistake in listed().iter().filter(|mistake| mistake.words == Words::Ours) {
        for message in &messages(&mistake.answer()) {
            let Some(text) = message.without_code() else { continue };
            seen += 1;
            for reason in wrong_with(mistake, message, text, &mut silent) {
                broken.push(format!("{}: {reason}: {text}", mistake.case));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(seen > 120, "only {seen} messages were found");
    let unused: Vec<_> = WITHOUT_HELP.iter().filter(|known| !silent.contains(*known)).collect();
    assert!(unused.is_empty(), "no message without help says {unused:?}");
}

fn wrong_with(
    mistake: &Mistake,
    message: &Message<'_>,
    text: &str,
    silent: &mut BTreeSet<&'static str>,
) -> Vec<&'static str> {
    let mut wrong = Vec::new();
    for clause in [Some(text), message.help()].into_iter().flatten() {
        if clause.starts_with(char::is_uppercase) {
            wrong.push("starts with a capital");
        }
        if clause.ends_with('.') && !clause.ends_with("..") {
            wrong.push("ends with a full stop");
        }
        if clause.matches('`').count() % 2 == 1 {
            wrong.push("has a backtick without its partner");
        }
    }
    if message.underlines_an_attribute() && !mistake.at_attribute {
        wrong.push("is about all of the attribute");
    }
    if message.help().is_none() {
        match WITHOUT_HELP.iter().find(|known| text.contains(**known)) {
            Some(known) => {
                silent.insert(known);
            }
            None => wrong.push("does not say what to write instead"),
        }
    }
    wrong
}

/// The macros add nothing to what rustc says: in its cases there is no message without a code but
/// rustc's own about syntax.
#[test]
fn of_rustcs_mistakes_the_macros_say_nothing() {
    const SYNTAX: [&str; 7] = [
        "expected one of ",
        "unexpected token",
        "associated function in `impl` without body",
        "missing lifetime in associated type",
        "lifetime may not live long enough",
        "key-value macro attributes are not supported",
        "future cannot be sent between threads safely",
    ];
    for mistake in listed().iter().filter(|mistake| mistake.words == Words::Rustc) {
        // Rustc's own help leads astray there.
        if mistake.case == "op/cx_of_the_contract" {
            continue;
        }
        for message in &messages(&mistake.answer()) {
            if let Some(text) = message.without_code() {
                let known = SYNTAX.iter().any(|known| text.starts_with(known));
                assert!(known, "{}: {text}", mistake.case);
            }
        }
    }
}

/// Each of these cases is one mistake about one type.
#[test]
fn a_type_that_does_not_fit_costs_one_error() {
    let listed = listed();
    let cases: Vec<_> = listed.iter().filter(|mistake| mistake.case.starts_with("type/")).collect();
    assert!(cases.len() > 4, "only {} cases", cases.len());
    for mistake in cases {
        let answer = mistake.answer();
        assert_eq!(messages(&answer).len(), 1, "{}: {answer}", mistake.case);
    }
}

#[test]
fn the_page_of_mistakes_is_what_the_compiler_says() {
    let path = "../docs/src/reference/mistakes.md";
    let page = page();
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(path, &page).unwrap();
    }
    let stored = fs::read_to_string(path).unwrap_or_default();
    assert!(stored == page, "UPDATE_DOCS=1 cargo test -p provider-macros --test messages");
}

fn page() -> String {
    let listed = listed();
    let mut text = String::from(
        "# Mistakes and their answers\n\n\
         <!-- Made from provider-macros/tests/ui by provider-macros/tests/messages.rs. -->\n\n\
         Each mistake below is compiled by a test, and this is what the compiler says. Most words are the macros'; \
         where rustc says it better, they leave it to rustc. One mistake has one answer, at the word that is \
         wrong, with what to write instead. What is half typed costs rustc's own syntax error and nothing else.\n",
    );
    let mut part = "";
    for mistake in &listed {
        if mistake.part != part {
            part = &mistake.part;
            // Writing to a string does not fail, here and below.
            let _ = write!(text, "\n## {part}\n");
        }
        let source = fs::read_to_string(mistake.source()).unwrap();
        let (what, source, answer) = (&mistake.what, essential(&source), shown(&mistake.answer()));
        let _ = write!(
            text,
            "\n### {what}\n\n```rust,ignore\n{source}\n```\n\n```text\n{answer}\n```\n"
        );
    }
    text
}

/// A case without what every case has.
fn essential(source: &str) -> String {
    const COMMON: [&str; 5] = [
        "use provider_core::prelude::*;\n",
        "\n#[derive(Default)]\npub struct Kv;\n",
        "\n\npub struct Kv;\n",
        "impl Provider for Kv {\n    type Link = ();\n\n    fn link(&self, _config: &LinkConfig) -> Result<(), BoxError> {\n        Ok(())\n    }\n}\n",
        "fn main() {}\n",
    ];
    let essential =
        COMMON.iter().fold(source.to_owned(), |text, common| text.replace(common, "\n"));
    let mut essential = essential.trim().to_owned();
    while essential.contains("\n\n\n") {
        essential = essential.replace("\n\n\n", "\n\n");
    }
    essential
}

/// An answer without the parts that are about the inside of the SDK.
fn shown(answer: &str) -> String {
    let mut shown: Vec<&str> = Vec::new();
    let mut pending: Vec<&str> = Vec::new();
    let mut inside = false;
    let starts = |line: &str| {
        ["error", "warning", "note: ", "help: "].iter().any(|start| line.starts_with(start))
    };
    for line in answer.lines() {
        if starts(line) {
            if !inside {
                shown.append(&mut pending);
            }
            pending.clear();
            inside = false;
        }
        inside |= line.contains("--> $WORKSPACE") || line.contains("--> $RUST");
        if line.contains("provider_core::__private::") && line.contains("is not implemented") {
            inside |= starts(line);
            continue;
        }
        if line.is_empty() && inside {
            inside = false;
            pending.clear();
        }
        pending.push(line);
    }
    if !inside {
        shown.append(&mut pending);
    }
    let places = shown.iter().filter(|line| !line.trim_start().starts_with("--> tests/ui/"));
    places.copied().collect::<Vec<_>>().join("\n").trim().to_owned()
}
