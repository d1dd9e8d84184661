//! One provider in three forms, counted, and what porting the oldest one changed.
#![expect(dead_code, reason = "each test uses its part of the module")]
#![expect(clippy::unwrap_used, reason = "a test")]

mod pages;

use std::fmt::Write as _;

use pages::{hold, read, with_part};
use similar::{ChangeTag, TextDiff};

const FORMS: &str = "sample-providers/keyvalue-forms";
const OF_2021: &str = "of-2021/by_hand.rs";
const BY_HAND: &str = "examples/by_hand.rs";
const MARKED: &str = "examples/marked_methods.rs";
const CONTRACT: &str = "examples/contract_trait.rs";

const PAGE: &str = "docs/src/guide/side-by-side.md";
const PORT: &str = "docs/src/guide/port.md";

fn source(form: &str) -> String {
    read(format!("{FORMS}/{form}"))
}

/// The lines that are neither empty nor a comment.
fn code(text: &str) -> Vec<&str> {
    let counts = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with("//");
    text.lines().filter(counts).collect()
}

/// The items of a source: each begins at the margin and lasts until the next one does.
fn items(text: &str) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    for line in code(text) {
        // An attribute begins the item that it stands before.
        let after_attributes =
            items.last().is_some_and(|item| item.lines().all(|line| line.starts_with("#[")));
        match items.last_mut() {
            Some(item) if after_attributes || line.starts_with([' ', '}', ')']) => {
                item.extend([line, "\n"]);
            }
            _ => items.push(format!("{line}\n")),
        }
    }
    items
}

fn is_import(item: &str) -> bool {
    item.starts_with("use ")
}

fn is_macro(item: &str) -> bool {
    item.starts_with("capability_provider!(") || item.starts_with("export_provider!(")
}

fn is_message(item: &str) -> bool {
    item.starts_with("#[derive(Deserialize)]") || item.starts_with("#[derive(Serialize)]")
}

/// So many lines of the items that `of` picks.
fn lines(text: &str, of: fn(&str) -> bool) -> usize {
    items(text).iter().filter(|item| of(item)).map(|item| item.lines().count()).sum()
}

#[test]
fn a_port_changes_imports_and_the_macro_and_nothing_else() {
    let (before, after) = (source(OF_2021), source(BY_HAND));
    let rest = |text: &str| {
        let kept = |item: &String| !is_import(item) && !is_macro(item);
        items(text).into_iter().filter(kept).collect::<Vec<_>>()
    };
    assert_eq!(rest(&before), rest(&after));
    assert!(rest(&before).len() > 30, "what is compared is the provider");
    for text in [&before, &after] {
        assert_eq!(items(text).iter().filter(|item| is_macro(item)).count(), 1);
        assert_eq!(
            items(text).concat().lines().count(),
            code(text).len(),
            "every line is in an item"
        );
    }
    // Comments stay as they are too.
    let diff = TextDiff::from_lines(&before, &after);
    for change in diff.iter_all_changes().filter(|change| change.tag() != ChangeTag::Equal) {
        assert!(!change.value().trim_start().starts_with("//"), "{change}");
    }
}

#[test]
fn what_is_not_an_import_is_seen_to_change() {
    let changed = source(BY_HAND).replace("fn stop(&self) {}", "fn stop(&self) { let _ = 1; }");
    assert_ne!(items(&source(BY_HAND)), items(&changed));
    assert!(items(&changed).iter().any(|item| item.contains("let _ = 1") && !is_import(item)));
}

#[test]
fn the_page_of_the_port_shows_what_changed() {
    let (before, after) = (source(OF_2021), source(BY_HAND));
    let diff = TextDiff::from_lines(&before, &after);
    let count = |tag: ChangeTag| {
        let of_code = |text: &str| code(text).len();
        diff.iter_all_changes()
            .filter(|c| c.tag() == tag)
            .map(|c| of_code(c.value()))
            .sum::<usize>()
    };
    let (kept, gone, come) =
        (count(ChangeTag::Equal), count(ChangeTag::Delete), count(ChangeTag::Insert));
    assert_eq!(kept + gone, code(&before).len());
    assert_eq!(kept + come, code(&after).len());
    let mut text = String::new();
    let _ = writeln!(
        text,
        "Of {} lines of code, {kept} stay as they are. {gone} go and {come} come: {} lines of imports become {}, and the\nmacro's line becomes a call of {} lines, most of which name an operation each.\n\n```diff",
        code(&before).len(),
        lines(&before, is_import),
        lines(&after, is_import),
        lines(&after, is_macro),
    );
    let mut last = 0;
    for change in diff.iter_all_changes() {
        let at = change.old_index().or(change.new_index()).unwrap_or_default();
        let sign = match change.tag() {
            ChangeTag::Equal => continue,
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
        };
        if at > last + 20 {
            text.push('\n');
        }
        last = at;
        let _ = write!(text, "{sign}{}", change.value());
    }
    text.push_str("```\n");
    hold(PORT, &with_part(&read(PORT), "port", &text));
}

#[test]
fn an_implementation_of_the_contract_needs_a_third_of_the_lines_at_most() {
    let (by_hand, contract) = (source(OF_2021), source(CONTRACT));
    let (most, least) = (code(&by_hand).len(), code(&contract).len());
    assert!(least * 3 <= most, "{least} of {most}");
}

#[test]
fn the_page_of_the_forms_counts_their_lines() {
    let mut table = String::from(
        "| | by hand, as in 2021 | marked methods | the contract's trait |\n|---|---:|---:|---:|\n",
    );
    let forms = [source(OF_2021), source(MARKED), source(CONTRACT)];
    let mut row = |name: &str, count: &dyn Fn(&str) -> usize| {
        let numbers = forms.each_ref().map(|form| count(form).to_string());
        let _ = writeln!(table, "| {name} | {} |", numbers.join(" | "));
    };
    row("imports", &|form| lines(form, is_import));
    row("requests and replies", &|form| lines(form, is_message));
    row("everything else", &|form| {
        code(form).len() - lines(form, is_import) - lines(form, is_message)
    });
    row("**lines of code**", &|form| code(form).len());
    let page = with_part(&read(PAGE), "lines", &table);
    let page = with_part(
        &page,
        "by hand",
        &excerpt(&forms[0], &["struct SetAddArgs", "struct SetOperationResponse", "fn set_add("]),
    );
    let page =
        with_part(&page, "marked methods", &excerpt(&forms[1], &["struct Members", "fn set_add("]));
    let page = with_part(&page, "the contract's trait", &excerpt(&forms[2], &["fn set_add("]));
    hold(PAGE, &page);
}

/// The items and methods that have these lines, as a block.
fn excerpt(text: &str, begins: &[&str]) -> String {
    let mut block = String::from("```rust,ignore\n");
    for (index, begin) in begins.iter().enumerate() {
        let lines: Vec<&str> = text.lines().collect();
        let at = lines.iter().position(|line| line.contains(begin)).unwrap();
        let first = (0..at).rev().find(|line| lines[*line].trim().is_empty()).unwrap() + 1;
        let indent = lines[first].len() - lines[first].trim_start().len();
        let end = format!("{}}}", " ".repeat(indent));
        let last = (at..lines.len()).find(|line| lines[*line] == end).unwrap();
        if index > 0 {
            block.push('\n');
        }
        for line in &lines[first..=last] {
            block.push_str(line.get(indent..).unwrap_or_default());
            block.push('\n');
        }
    }
    block + "```\n"
}
