//! What the compiler tells authors who get something wrong, and that it tells nothing to those who
//! get it right.
//!
//! `TRYBUILD=overwrite cargo test -p provider-macros --test ui` writes the expected messages anew.
//! Review them like code: they are what authors read.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The cases whose words are rustc's, or rustc's around ours. They are compared with one version of
/// rustc; all others with every version.
const RUSTC: &[&str] = &[
    "body/half_typed",
    "body/half_typed_contract",
    "body/half_typed_marked",
    "body/half_typed_method",
    "body/type_error",
    "contract/extra_op",
    "contract/message_not_serde",
    "contract/missing_op",
    "contract/not_a_contract",
    "contract/plain_return",
    "contract/wrong_argument",
    "link/no_value",
    "link/not_derived",
    "link/secret_sent",
    "link/wrong_default_duration",
    "op/arg_not_deserialize",
    "op/error_not_convertible",
    "op/plain_return",
    "op/reply_not_serialize",
    "op/wrong_context",
    "option/constructor_args",
    "option/constructor_type",
    "place/two_providers",
    "type/no_constructor",
    "type/no_lifecycle",
    "type/no_lifecycle_contract",
    "type/not_sync",
];

/// The cases where the attribute is the mistake, so that all of it is underlined.
const AT_ATTRIBUTE: &[&str] = &[
    "contract/missing_id",
    "option/missing_contract",
    "place/contract_on_impl",
    "place/on_struct",
    "place/op_outside",
];

#[test]
fn pass() {
    trybuild::TestCases::new().pass("tests/pass/*.rs");
}

#[test]
fn ui_ours() {
    let cases = trybuild::TestCases::new();
    for case in cases_on_disk().iter().filter(|case| !RUSTC.contains(&&***case)) {
        cases.compile_fail(source(case));
    }
}

#[test]
fn ui_rustc() {
    if !is_pinned_toolchain() {
        return;
    }
    let cases = trybuild::TestCases::new();
    for case in RUSTC {
        cases.compile_fail(source(case));
    }
}

/// Lower case, no full stop, on the author's own token.
#[test]
fn messages_keep_the_rules() {
    let mut broken = Vec::new();
    let mut seen = 0;
    for case in cases_on_disk() {
        let expected = fs::read_to_string(source(&case).with_extension("stderr")).unwrap();
        for message in ours(&expected) {
            seen += 1;
            let text = message[0].trim_start_matches("error: ");
            let help =
                message[1..].iter().find_map(|line| line.trim_start().strip_prefix("help: "));
            for clause in [Some(text), help].into_iter().flatten() {
                if clause.starts_with(char::is_uppercase) {
                    broken.push(format!("{case}: starts with a capital: {clause}"));
                }
                if clause.ends_with('.') && !clause.ends_with("..") {
                    broken.push(format!("{case}: ends with a full stop: {clause}"));
                }
            }
            if underlines_an_attribute(&message) && !AT_ATTRIBUTE.contains(&&*case) {
                broken.push(format!("{case}: is about all of the attribute: {text}"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(seen > 60, "only {seen} messages were found");
}

/// The messages without a code, each from its first line to the next message.
fn ours(expected: &str) -> Vec<Vec<&str>> {
    let mut messages: Vec<Vec<&str>> = Vec::new();
    for line in expected.lines() {
        if line.starts_with("error") || line.starts_with("warning") {
            messages.push(Vec::new());
        }
        if let Some(message) = messages.last_mut() {
            message.push(line);
        }
    }
    messages.retain(|message| message[0].starts_with("error: "));
    messages
}

/// Whether an attribute of ours is underlined from `#` to `]`.
fn underlines_an_attribute(message: &[&str]) -> bool {
    let outer = ["#[capability_provider", "#[contract"];
    message.windows(2).any(|lines| {
        let (Some((_, code)), Some((_, marks))) =
            (lines[0].split_once("| "), lines[1].split_once("| "))
        else {
            return false;
        };
        let (Some(from), Some(to)) = (marks.find('^'), marks.rfind('^')) else { return false };
        let marked = code.get(from..=to).unwrap_or_default();
        outer.iter().any(|attribute| marked.starts_with(attribute)) && marked.ends_with(']')
    })
}

/// Every case as `area/name`.
fn cases_on_disk() -> Vec<String> {
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

fn source(case: &str) -> PathBuf {
    Path::new("tests/ui").join(case).with_extension("rs")
}

fn is_pinned_toolchain() -> bool {
    let pinned = fs::read_to_string("../rust-toolchain.toml").unwrap();
    let pinned = pinned.split('"').nth(1).unwrap();
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output().unwrap();
    String::from_utf8_lossy(&version.stdout).contains(pinned)
}
