//! Generated pages are what the code says now. `UPDATE_DOCS=1` rewrites them.
#![expect(dead_code, reason = "each test uses its part of the module")]

mod catalogue;
mod faults;
mod matrix;
#[path = "../pages/mod.rs"]
mod pages;

use std::{env, fmt::Write as _, fs};

use pages::{prose, read, root};
use provider_host::Library;
use provider_testkit::report;

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

#[test]
fn each_check_has_a_page_and_there_is_no_other() {
    let pages = catalogue::pages();
    for (path, page) in &pages {
        hold(path, page);
    }
    let folder = root().join(catalogue::FOLDER);
    for entry in fs::read_dir(&folder).expect("the pages' folder can be read") {
        let path = entry.expect("the pages' folder can be read").path();
        let name = path.file_name().expect("it has a name").to_string_lossy().into_owned();
        if pages.contains_key(&format!("{}/{name}", catalogue::FOLDER)) {
            continue;
        }
        if env::var_os("UPDATE_DOCS").is_some() {
            fs::remove_file(&path).expect("the page can be removed");
            continue;
        }
        panic!("`{name}` is the page of no check");
    }
}

#[test]
fn the_page_of_checks_is_the_testkits_table() {
    hold("docs/src/reference/checks.md", &catalogue::overview());
}

#[test]
fn the_page_of_defects_is_their_tables() {
    hold("docs/src/reference/matrix.md", &matrix::page());
}

#[test]
fn the_readme_has_the_numbers_of_the_tables() {
    let readme = read("README.md");
    hold("README.md", &with_part(&readme, "testkit", &matrix::numbers()));
}

#[test]
fn the_page_of_faults_is_their_table() {
    hold("docs/src/reference/faults-of-2021.md", &faults::page());
}

#[test]
fn each_fault_of_2021_has_a_defect_and_a_check_that_finds_it() {
    for fault in faulty_contracts::faults_of_2021() {
        let found = faults::found_by(fault);
        assert!(!found.is_empty(), "nothing finds that {}", fault.what);
    }
}

#[test]
fn the_table_of_contents_has_the_checks() {
    let path = "docs/src/SUMMARY.md";
    let page = read(path);
    let begin = "# Checks\n";
    let (before, _) = page.split_once(begin).expect("the checks are a part of the book");
    hold(path, &format!("{before}{begin}{}", catalogue::summary()));
}

#[test]
fn the_examples_of_every_check_are_compiled() {
    hold("docs/checks.rs", &catalogue::doctests());
}

#[test]
fn the_schemas_of_the_reports_are_those_of_their_types() {
    for (name, schema) in [
        ("report", report::report_schema()),
        ("report-lines", report::lines_schema()),
        ("identity", report::identity_schema()),
    ] {
        // `{:#}` is serde_json's pretty form.
        hold(&format!("docs/src/reference/{name}.schema.json"), &format!("{schema:#}\n"));
    }
}

#[test]
fn the_page_of_the_command_has_its_help() {
    let path = "docs/src/reference/command.md";
    let mut page = read(path);
    for command in ["check", "list", "explain", "inspect", "fuzz", "call"] {
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
