//! Generated pages are what the code says now. `UPDATE_DOCS=1` rewrites them.
#![expect(dead_code, reason = "each test uses its part of the module")]

mod pages;

use std::{env, fmt::Write as _, fs};

use pages::{prose, read, root};
use provider_host::Library;
use provider_testkit::{Check, checks};

const KEYVALUE: &str = "docs/src/reference/contracts-keyvalue.md";

/// Holds a file against what it should be, or rewrites it.
fn hold(path: &str, expected: &str) {
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(root().join(path), expected).expect("the page can be written");
    }
    assert!(
        fs::read_to_string(root().join(path)).is_ok_and(|page| page == expected),
        "`{path}` is out of date: run `UPDATE_DOCS=1 cargo test -p provider-docs --test generated`"
    );
}

/// The page with `text` between the marks of `name`.
fn with_part(page: &str, name: &str, text: &str) -> String {
    let begin = format!("<!-- generated: {name} -->\n");
    let (before, rest) = page.split_once(&begin).unwrap_or_else(|| panic!("no `{name}`"));
    let (_, after) = rest.split_once("<!-- end -->").expect("the part has an end");
    format!("{before}{begin}{text}<!-- end -->{after}")
}

/// One check, as a section.
fn section(check: &Check) -> String {
    let mut text = String::new();
    let operation = if check.is_family() { "::<op>" } else { "" };
    // Writing to a string does not fail.
    let _ = write!(text, "\n### `{}{operation}`\n\n", check.id);
    let _ = write!(text, "*{}.* {}", check.level, sentence(check.title));
    if check.is_family() {
        text.push_str(" One check for each operation.");
    }
    let _ = write!(text, "\n\n> {}\n>\n> ({})\n\n", escaped(check.rule), check.source);
    let _ = write!(text, "**What is done:** {}.\n\n", check.what);
    text.push_str("**Usual causes of a failure:**\n\n");
    for cause in check.causes {
        let _ = writeln!(text, "- {cause}");
    }
    let _ = write!(text, "\n**How to mend it:** {}.\n", check.fix);
    if !check.needs.is_empty() {
        let needs: Vec<String> = check
            .needs
            .iter()
            .map(|need| {
                let operation = if provider_testkit::find(need).is_ok_and(Check::is_family) {
                    "op"
                } else {
                    ""
                };
                format!("[`{need}`](#{}{operation})", need.replace(':', ""))
            })
            .collect();
        let _ = write!(text, "\n**Builds on:** {}.\n", needs.join(", "));
    }
    text
}

/// The text with what Markdown would take for emphasis, outside of code, as it is.
fn escaped(text: &str) -> String {
    let parts = text.split('`').enumerate().map(|(index, part)| match index % 2 {
        0 => part.replace('*', r"\*").replace('_', r"\_").replace('<', r"\<"),
        _ => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("`")
}

/// The text with a capital first and a full stop, unless it begins with code.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    let text: String = first.chain(letters).collect();
    format!("{text}.")
}

#[test]
fn the_page_of_checks_is_the_testkits_table() {
    let mut page = String::from(
        "# The checks\n\n\
         <!-- Made from the testkit's table by docs/tests/generated.rs. -->\n\n\
         Each check runs in a process of its own. A check whose rule builds on a broken one is \
         *blocked* and not run, so\nthat one defect is one red line. `cargo provider explain ID` prints \
         the same as this page.\n\n\
         The level *must* is what the specification or the ABI demands, *should* what a good provider \
         does, *perf* a\nnumber that never fails a run.\n\n\
         | check | level | |\n|---|---|---|\n",
    );
    for check in checks() {
        let operation = if check.is_family() { "::<op>" } else { "" };
        let anchor = check.id.replace(':', "") + if check.is_family() { "op" } else { "" };
        let _ = writeln!(
            page,
            "| [`{}{operation}`](#{anchor}) | {} | {} |",
            check.id, check.level, check.title
        );
    }
    let mut group = "";
    for check in checks() {
        if check.group() != group {
            group = check.group();
            let _ = write!(page, "\n## {group}\n");
        }
        page.push_str(&section(check));
    }
    hold("docs/src/reference/checks.md", &page);
}

#[test]
fn the_page_of_the_command_has_its_help() {
    let path = "docs/src/reference/command.md";
    let mut page = read(path);
    for command in ["check", "list", "explain", "inspect", "call"] {
        let help = read(format!("cargo-provider/tests/snapshots/help-{command}.txt"));
        let text = format!("```text\n{}\n```\n", help.trim_end());
        page = with_part(&page, &format!("help-{command}"), &text);
    }
    hold(path, &page);
}

#[test]
fn the_page_of_the_contract_has_the_words_of_the_library() {
    let library = Library::linked(&keyvalue_memory::ENTRY).expect("it is a provider");
    let mut text = String::new();
    for op in &library.description().ops {
        let idempotent = if op.is_idempotent() { " *May be sent again.*" } else { "" };
        let _ = write!(text, "### {}\n\n{}{idempotent}\n\n", op.name, op.doc.trim());
    }
    hold(KEYVALUE, &with_part(&read(KEYVALUE), "keyvalue-ops", &text));
}

#[test]
fn the_contracts_table_has_every_operation() {
    let library = Library::linked(&keyvalue_memory::ENTRY).expect("it is a provider");
    let page = prose(&read(KEYVALUE));
    let rows: Vec<&str> = page
        .split("## What holds")
        .next()
        .into_iter()
        .flat_map(str::lines)
        .filter_map(|line| line.strip_prefix("| `"))
        .filter_map(|line| line.split_once('`'))
        .map(|(name, _)| name)
        .collect();
    let ops: Vec<&str> = library.description().ops.iter().map(|op| op.name.as_str()).collect();
    assert_eq!(rows, ops);
}
