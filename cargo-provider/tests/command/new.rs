//! New packages: what is in them, and what is refused. `scripts/template` builds every one of them.
#![expect(clippy::unwrap_used, reason = "in a test, where it fails is the message")]

use std::{fs, path::Path};

use tempfile::TempDir;

use crate::{
    command::workspace,
    package::{files, new_in},
};

const KEYVALUE: [&str; 2] = ["--contract", "keyvalue"];

fn names(folder: &Path) -> Vec<String> {
    files(folder).into_keys().collect()
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().next().is_none()
}

#[test]
fn a_new_provider_has_a_contract_of_its_own_and_says_what_to_do_next() {
    let folder = TempDir::new().unwrap();
    let ran = new_in(folder.path(), &["greeter"]).ended_with(0);
    assert_eq!(ran.err, "");
    assert!(ran.out.starts_with("created `greeter`: a provider of the new contract"), "{ran:?}");
    for next in ["\n  cd greeter\n", "\n  cargo test ", "\n  cargo provider check ", "call Greet"] {
        assert!(ran.out.contains(next), "{next}: {}", ran.out);
    }
    let package = folder.path().join("greeter");
    let expected = [
        ".github/workflows/ci.yml",
        ".gitignore",
        "Cargo.toml",
        "README.md",
        "provider-testkit.toml",
        "src/contract.rs",
        "src/lib.rs",
        "tests/conformance.rs",
    ];
    assert_eq!(names(&package), expected);
    let files = files(&package);
    assert!(
        files["src/contract.rs"].contains("#[contract(\"example:greeter\")]\npub trait Greeter")
    );
    assert!(files["src/lib.rs"].contains("impl Greeter for GreeterProvider {"));
    // The manifest names this checkout, wherever it is.
    let manifest = &files["Cargo.toml"];
    let (_, path) = manifest.split_once("provider-core = { path = \"").unwrap();
    let core = package.join(path.split_once('"').unwrap().0);
    assert_eq!(
        fs::canonicalize(core).unwrap(),
        fs::canonicalize(workspace().join("provider-core")).unwrap()
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_known_contract_is_implemented_in_operations() {
    let folder = TempDir::new().unwrap();
    let [contract, keyvalue] = KEYVALUE;
    let ran = new_in(folder.path(), &["my-kv", contract, keyvalue, "--empty"]).ended_with(0);
    assert!(ran.out.contains("`wasmcloud:keyvalue`, with its operations"), "{}", ran.out);
    new_in(folder.path(), &["full_kv", contract, "wasmcloud:keyvalue"]).ended_with(0);
    let (empty, full) = (folder.path().join("my-kv"), folder.path().join("full_kv"));
    assert!(names(&full).contains(&String::from("src/store.rs")));
    let empty = files(&empty);
    assert!(!empty.contains_key("src/store.rs") && !empty.contains_key("src/contract.rs"));
    assert!(empty["src/operations.rs"].contains("impl keyvalue::KeyValue for MyKvProvider {"));
    assert!(empty["Cargo.toml"].contains("provider-contracts = {"));
    assert!(files(&full)["README.md"].contains("target/release/libfull_kv.so"));
}

#[test]
fn the_sdk_may_be_a_repository() {
    let folder = TempDir::new().unwrap();
    let sdk = ["--sdk", "https://example.org/sdk#v1"];
    new_in(folder.path(), &["greeter", sdk[0], sdk[1]]).ended_with(0);
    let files = files(&folder.path().join("greeter"));
    let core = "provider-core = { git = \"https://example.org/sdk\", rev = \"v1\" }\n";
    assert!(files["Cargo.toml"].contains(core), "{}", files["Cargo.toml"]);
    let workflow = &files[".github/workflows/ci.yml"];
    assert!(workflow.contains("--git \"https://example.org/sdk\" --rev \"v1\""), "{workflow}");
    assert!(!workflow.contains("OWNER"), "{workflow}");
}

#[test]
fn what_cannot_be_is_one_line_and_leaves_nothing_behind() {
    let folder = TempDir::new().unwrap();
    for (arguments, told) in [
        (&["Greeter"][..], "try `greeter`"),
        (&["type"], "it is a keyword of Rust; try `my-type`"),
        (&["a/b"], "`--path`"),
        (&["x", "--contract", "keyvlue"], "did you mean `keyvalue`?"),
        (&["x", "--contract", "thumbnails"], "write `vendor:thumbnails`"),
        (&["x", "--contract", "wasmcloud:blobstore"], "only for `keyvalue`"),
        (&["x", "--sdk", "nowhere"], "there is no folder `nowhere`"),
        (&["x", "--sdk", "."], "there is no `provider-core` in it"),
        (&["x", "--sdk", "https://"], "#REVISION"),
        (&["x", "--path", "no/where"], "there is no folder `no`"),
        (&["x", "--path", ".."], "is there already"),
        (&["x", "--path", "/proc/provider"], "cannot write `/proc/provider`"),
    ] {
        let ran = new_in(folder.path(), arguments).ended_with(2);
        assert!(ran.line().contains(told), "{arguments:?}: {}", ran.err);
        assert_eq!(ran.out, "", "{arguments:?}");
        assert!(is_empty(folder.path()), "{arguments:?}");
    }
}

#[test]
fn what_is_there_already_stays_as_it_is() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("greeter")).unwrap();
    fs::write(folder.path().join("file"), "mine").unwrap();
    for arguments in [&["greeter"][..], &["x", "--path", "greeter"], &["x", "--path", "file"]] {
        let ran = new_in(folder.path(), arguments).ended_with(2);
        assert!(ran.line().contains("is there already"), "{}", ran.err);
    }
    assert!(is_empty(&folder.path().join("greeter")));
    assert_eq!(fs::read_to_string(folder.path().join("file")).unwrap(), "mine");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn a_package_within_a_workspace_becomes_a_member() {
    let folder = TempDir::new().unwrap();
    let root = folder.path().join("Cargo.toml");
    let before = "# ours\n[workspace]\nmembers = [] # none yet\nresolver = \"3\"\n";
    fs::write(&root, before).unwrap();
    fs::create_dir(folder.path().join("providers")).unwrap();
    let ran = new_in(folder.path(), &["greeter", "--path", "providers/first"]).ended_with(0);
    assert!(ran.out.contains("added to `members`"), "{}", ran.out);
    let after = before.replace("[]", "[\"providers/first\"]");
    assert_eq!(fs::read_to_string(&root).unwrap(), after);

    // One that a pattern names is a member without more words.
    let pattern = "[workspace]\nmembers = [\"providers/*\"]\nresolver = \"3\"\n";
    fs::write(&root, pattern).unwrap();
    let ran = new_in(folder.path(), &["other", "--path", "providers/second"]).ended_with(0);
    assert!(ran.out.contains("It is a member of the workspace"), "{}", ran.out);
    assert_eq!(fs::read_to_string(&root).unwrap(), pattern);

    // A workspace in which something is wrong is left as it is.
    let broken = "[workspace]\nmembers = [\"missing\"]\nresolver = \"3\"\n";
    fs::write(&root, broken).unwrap();
    let ran = new_in(folder.path(), &["third"]).ended_with(0);
    assert!(ran.out.contains("add `\"third\"` to `members` there"), "{}", ran.out);
    assert_eq!(fs::read_to_string(&root).unwrap(), broken);
}
