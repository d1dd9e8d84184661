//! Each of the eight contracts of the specification is whole: a trait, a meaning that implementations are
//! held to, a row among the providers with a page, and a provider.
#![expect(clippy::unwrap_used, reason = "a test")]
#![expect(dead_code, reason = "each test uses its part of the module")]

mod pages;

use std::{fs, path::PathBuf};

use pages::{read, root};
use provider_testkit::{Scope, checks};

const PAGE: &str = "docs/src/providers/index.md";

/// What the specification names as first-party contracts, with their files.
const CONTRACTS: [(&str, &str); 8] = [
    ("wasmcloud:httpserver", "http_server"),
    ("wasmcloud:httpclient", "http_client"),
    ("wasmcloud:messaging", "messaging"),
    ("wasmcloud:telnet", "telnet"),
    ("wasmcloud:keyvalue", "keyvalue"),
    ("wasmcloud:graphdb", "graphdb"),
    ("wasmcloud:logging", "logging"),
    ("wasmcloud:blobstore", "blobstore"),
];

#[test]
fn each_has_a_trait() {
    for (id, module) in CONTRACTS {
        let source = read(format!("contracts/src/{module}.rs"));
        assert!(source.contains(&format!("#[contract(\"{id}\"")), "{module}.rs is not of `{id}`");
        let modules = read("contracts/src/lib.rs");
        assert!(modules.contains(&format!("pub mod {module};")), "{module} is not public");
    }
}

#[test]
fn each_has_a_page_that_is_found() {
    let (contents, providers) = (read("docs/src/SUMMARY.md"), read(PAGE));
    for (id, _) in CONTRACTS {
        let name = id.strip_prefix("wasmcloud:").unwrap();
        let page = format!("reference/contracts-{name}.md");
        let text = read(format!("docs/src/{page}"));
        assert!(text.starts_with(&format!("# The contract `{id}`\n")), "{page} is of another one");
        assert!(contents.contains(&format!("]({page})")), "{page} is not in the contents");
        assert!(providers.contains(&format!("](../{page})")), "{page} is not linked to");
    }
}

#[test]
fn each_has_a_test_of_its_bytes() {
    let modules = read("contracts/tests/vectors/main.rs");
    for (id, module) in CONTRACTS {
        assert!(modules.contains(&format!("mod {module};")), "no test of the bytes of `{id}`");
        let test = read(format!("contracts/tests/vectors/{module}.rs"));
        assert!(test.contains("#[test]"), "no test of the bytes of `{id}`");
    }
}

#[test]
fn each_has_checks_or_a_scenario() {
    for (id, module) in CONTRACTS {
        let checked = checks().iter().any(|check| check.scope == Scope::Contract(id));
        let scenario = root().join(format!("contracts/src/{module}/scenario.rs"));
        assert!(checked || scenario.exists(), "nothing holds a provider to what `{id}` means");
    }
}

#[test]
fn each_has_a_row_whose_providers_and_pages_are_there() {
    let page = read(PAGE);
    for (id, _) in CONTRACTS {
        let begin = format!("| `{id}` |");
        let rows: Vec<&str> = page.lines().filter(|line| line.starts_with(&begin)).collect();
        let [row] = rows[..] else { panic!("{} rows of `{id}`", rows.len()) };
        let names: Vec<&str> = row[begin.len()..].split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "no provider of `{id}`");
        for name in &names {
            let description = described(&folder_of(name));
            assert!(description.starts_with(id), "`{name}` is in the row of `{id}`: {description}");
        }
        let links = row.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
        let pages: Vec<String> =
            links.map(|(page, _)| read(format!("docs/src/providers/{page}"))).collect();
        assert!(!pages.is_empty(), "no page of a provider of `{id}`");
        assert!(pages.iter().all(|page| page.contains(id)), "a page does not name `{id}`");
    }
}

#[test]
fn every_provider_of_a_contract_is_in_the_table() {
    let page = read(PAGE);
    for entry in fs::read_dir(root().join("sample-providers")).unwrap() {
        let folder = entry.unwrap().path();
        if !folder.join("Cargo.toml").exists() {
            continue;
        }
        let name = folder.file_name().unwrap().to_str().unwrap();
        // Those that teach or break something are described by that.
        if described(&folder).starts_with("wasmcloud:") {
            assert!(page.contains(&format!("`{name}`")), "`{name}` is not in the table");
        }
    }
}

fn folder_of(name: &str) -> PathBuf {
    root().join("sample-providers").join(name)
}

/// What a package says that it is.
fn described(folder: &std::path::Path) -> String {
    let manifest = fs::read_to_string(folder.join("Cargo.toml"))
        .unwrap_or_else(|error| panic!("`{}`: {error}", folder.display()));
    let manifest: toml::Table = manifest.parse().unwrap();
    manifest["package"]["description"].as_str().unwrap_or_default().to_owned()
}
