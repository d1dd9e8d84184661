//! Generated pages are what the code says now. `UPDATE_DOCS=1` rewrites them.
#![expect(dead_code, reason = "each test uses its part of the module")]

mod catalogue;
mod faults;
mod matrix;
#[path = "../pages/mod.rs"]
mod pages;

use std::{env, fs};

use pages::{hold, read, root, with_part};
use provider_testkit::report;

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
        ("description", report::description_schema()),
    ] {
        // `{:#}` is serde_json's pretty form.
        hold(&format!("docs/src/reference/{name}.schema.json"), &format!("{schema:#}\n"));
    }
}

#[test]
fn the_page_of_the_command_has_its_help() {
    let path = "docs/src/reference/command.md";
    let mut page = read(path);
    for command in ["new", "check", "list", "explain", "inspect", "contract", "fuzz", "call", "run"]
    {
        let help = read(format!("cargo-provider/tests/snapshots/help-{command}.txt"));
        let text = format!("```text\n{}\n```\n", help.trim_end());
        page = with_part(&page, &format!("help-{command}"), &text);
    }
    hold(path, &page);
}
