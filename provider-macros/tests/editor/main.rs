//! What an editor knows of a provider: the real rust-analyzer is asked, over its standard streams.
//!
//! Where it is not installed the tests are ignored with the reason; where `CI` is `true` they fail.

#![expect(clippy::unwrap_used, reason = "in a test, where it fails is the message")]

mod analyzer;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use serde_json::{Value, json};

use analyzer::Analyzer;

const CONTRACT: &str = r#"//! A contract.
use provider_core::prelude::*;

#[contract("example:store")]
pub trait Store {
    /// Reads what is stored under a key.
    fn get(&self, cx: Cx<'_, Self>, key: String) -> OpResult<String>;
    /// Stores a value under a key.
    fn put(&self, cx: Cx<'_, Self>, key: String, value: String) -> OpResult<()>;
}
"#;

const PROVIDER: &str = r"//! A provider that lacks an operation.
use provider_core::prelude::*;
use store::Store;

#[derive(Default)]
pub struct Memory;

impl Provider for Memory {
    type Link = ();

    fn link(&self, _config: &LinkConfig) -> Result<(), BoxError> {
        Ok(())
    }
}

#[capability_provider]
impl Store for Memory {
    fn get(&self, _cx: Cx<'_, Self>, key: String) -> OpResult<String> {
        Ok(key)
    }
}
";

const ABSENT: &str = "there is no rust-analyzer: `rustup component add rust-analyzer`";

fn main() -> ExitCode {
    let version = Command::new("rust-analyzer").arg("--version").output();
    // Rustup leaves a program of that name also where the component is not installed.
    let present = version.is_ok_and(|output| output.status.success());
    let tests: [(&str, fn()); 2] = [
        ("an_operation_leads_to_its_contract", an_operation_leads_to_its_contract),
        ("missing_operations_are_written_at_once", missing_operations_are_written_at_once),
    ];
    let trials = tests.map(|(name, test)| {
        Trial::ignorable_test(name, move || {
            if present {
                test();
                return Ok(Completion::Completed);
            }
            if env::var("CI").is_ok_and(|value| value == "true") {
                return Err(Failed::from(ABSENT));
            }
            Ok(Completion::ignored_with(ABSENT))
        })
    });
    // The second one finds compiled what the first one needed.
    let arguments = Arguments { test_threads: Some(1), ..Arguments::from_args() };
    libtest_mimic::run(&arguments, trials.into()).exit_code()
}

/// Where an operation is declared, what its documentation says, and which one is offered when another
/// method is begun.
fn an_operation_leads_to_its_contract() {
    let folder = packages("leads");
    let (contract, provider) = (folder.join("store/src/lib.rs"), folder.join("src/lib.rs"));
    let mut analyzer = Analyzer::start(&folder, &json!({}));
    let begun = PROVIDER.replace("key)\n    }\n", "key)\n    }\n    fn p\n");
    analyzer.open(&provider, &begun);
    let operation = at(&provider, &begun, "get(&self");

    // The definition is the method itself, as everywhere in Rust.
    let declaration = analyzer.ask("textDocument/declaration", &operation);
    let place = &declaration[0];
    assert_eq!(place["targetUri"], uri(&contract), "{declaration}");
    assert_eq!(place["targetSelectionRange"]["start"], position(CONTRACT, "get(&self"));

    let of_the_trait = at(&provider, &begun, "Store for Memory");
    let definition = analyzer.ask("textDocument/definition", &of_the_trait);
    let name = position(CONTRACT, "Store {");
    let leads_there = |place: &Value| {
        place["targetUri"] == uri(&contract) && place["targetSelectionRange"]["start"] == name
    };
    assert!(definition.as_array().unwrap().iter().any(leads_there), "{definition}");

    let hover = analyzer.ask("textDocument/hover", &operation);
    let text = hover["contents"]["value"].as_str().unwrap_or_default();
    assert!(text.contains("Reads what is stored under a key."), "{hover}");

    let mut end = at(&provider, &begun, "fn p\n");
    let column = end["position"]["character"].as_u64().unwrap();
    end["position"]["character"] = (column + 4).into();
    let offered = analyzer.ask("textDocument/completion", &end);
    let items = offered["items"].as_array().or_else(|| offered.as_array()).unwrap();
    let labels: Vec<_> = items.iter().filter_map(|item| item["label"].as_str()).collect();
    assert!(labels.iter().any(|label| label.starts_with("fn put")), "{labels:?}");
    assert!(!labels.iter().any(|label| label.starts_with("fn get")), "{labels:?}");
}

/// Rust-analyzer offers "Implement missing members" under no attribute that is a macro, unless it is told
/// to leave that macro alone.
fn missing_operations_are_written_at_once() {
    let folder = packages("missing");
    let provider = folder.join("src/lib.rs");
    let ignored = json!({ "provider-macros": ["capability_provider"] });
    let mut analyzer = Analyzer::start(&folder, &ignored);
    analyzer.open(&provider, PROVIDER);
    let start = position(PROVIDER, "Store for Memory");
    let action = json!({
        "textDocument": { "uri": uri(&provider) },
        "range": { "start": start, "end": start },
        "context": { "diagnostics": [] },
    });
    let actions = analyzer.ask("textDocument/codeAction", &action);
    let titled = |action: &&Value| action["title"] == "Implement missing members";
    let missing = actions.as_array().and_then(|actions| actions.iter().find(titled));
    let missing = missing.unwrap_or_else(|| panic!("not offered: {actions}"));
    let edit = analyzer.ask("codeAction/resolve", missing)["edit"].to_string();
    assert!(edit.contains("fn put(&self"), "{edit}");
    assert!(!edit.contains("fn get(") && !edit.contains("__declared"), "{edit}");
}

/// A contract's package and a provider's, which stay from run to run with what was compiled for them.
fn packages(of: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("editor").join(of);
    let sdk = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let core = sdk.join("provider-core");
    let core = format!("provider-core = {{ path = '{}' }}\n", core.display());
    let package = |name: &str| {
        format!("[package]\nname = \"{name}\"\nedition = \"2024\"\n[dependencies]\n{core}")
    };
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::create_dir_all(folder.join("store/src")).unwrap();
    let provider = format!("{}store.path = \"store\"\n[workspace]\n", package("memory"));
    fs::write(folder.join("Cargo.toml"), provider).unwrap();
    fs::write(folder.join("store/Cargo.toml"), package("store")).unwrap();
    fs::write(folder.join("src/lib.rs"), PROVIDER).unwrap();
    fs::write(folder.join("store/src/lib.rs"), CONTRACT).unwrap();
    fs::copy(sdk.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    folder
}

fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

/// Where `text` is for the first time in `source`.
fn position(source: &str, text: &str) -> Value {
    let before = &source[..source.find(text).unwrap()];
    let line = before.matches('\n').count();
    json!({ "line": line, "character": before.len() - before.rfind('\n').map_or(0, |end| end + 1) })
}

fn at(path: &Path, source: &str, text: &str) -> Value {
    json!({ "textDocument": { "uri": uri(path) }, "position": position(source, text) })
}
