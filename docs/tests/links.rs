//! Every page is in the table of contents, and every relative link leads somewhere.
#![expect(dead_code, reason = "each test uses its part of the module")]

mod pages;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use pages::{prose, read, root};

/// Every Markdown file under a folder of the repository.
fn markdown(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the folder can be read") {
            let path = entry.expect("the folder can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path);
            }
        }
    }
    found
}

/// Where the links of a page lead to.
fn targets(page: &str) -> Vec<String> {
    let prose = prose(page);
    prose
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target.to_owned())
        .filter(|target| !target.contains("://"))
        .collect()
}

/// The anchors of a page's headings.
fn anchors(page: &str) -> BTreeSet<String> {
    prose(page)
        .lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| {
            let heading = line.trim_start_matches('#').trim().to_lowercase();
            heading
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
                .map(|c| if c == ' ' { '-' } else { c })
                .collect()
        })
        .collect()
}

/// Which links of a page lead nowhere.
fn broken(path: &Path) -> Vec<String> {
    let page = fs::read_to_string(path).expect("the page can be read");
    targets(&page)
        .into_iter()
        .filter(|target| {
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let file = match file {
                "" => path.to_owned(),
                file => path.with_file_name(file),
            };
            let has_anchor =
                || fs::read_to_string(&file).is_ok_and(|page| anchors(&page).contains(anchor));
            !file.exists() || !(anchor.is_empty() || has_anchor())
        })
        .map(|target| format!("{}: {target}", path.display()))
        .collect()
}

#[test]
fn every_page_is_in_the_table_of_contents_and_everything_in_it_is_there() {
    let summary = read("docs/src/SUMMARY.md");
    let listed: BTreeSet<PathBuf> =
        targets(&summary).iter().map(|target| root().join("docs/src").join(target)).collect();
    let there: BTreeSet<PathBuf> =
        markdown("docs/src").into_iter().filter(|path| !path.ends_with("SUMMARY.md")).collect();
    assert_eq!(listed, there);
}

#[test]
fn every_relative_link_leads_somewhere() {
    let mut pages = markdown("docs");
    for page in ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"] {
        pages.push(root().join(page));
    }
    let mut broken: Vec<String> = pages.iter().flat_map(|page| broken(page)).collect();
    broken.sort();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("links");
    fs::create_dir_all(&folder).unwrap();
    let page = folder.join("page.md");
    let text = "# One `two`\n[a](#one-two) [b](#three) [c](none.md) [d](https://example.org)\n```\n[e](no.md)\n```\n";
    fs::write(&page, text).unwrap();
    let name = page.display();
    assert_eq!(broken(&page), [format!("{name}: #three"), format!("{name}: none.md")]);
}

#[test]
fn the_decisions_are_numbered_without_gaps() {
    let mut names: Vec<String> = markdown("docs/adr")
        .iter()
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .filter(|name| name != "template.md")
        .collect();
    names.sort();
    for (index, name) in names.iter().enumerate() {
        assert!(name.starts_with(&format!("{:04}-", index + 1)), "{name}");
        let text = read(format!("docs/adr/{name}"));
        for section in ["## Context", "## Options", "## Decision", "## Consequences"] {
            assert!(text.contains(&format!("\n{section}\n")), "{name} has no `{section}`");
        }
    }
}
