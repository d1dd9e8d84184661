//! What the pages show as the output of a command is its output. `UPDATE_DOCS=1` rewrites what says
//! something else by now.
#![expect(dead_code, reason = "each test uses its part of the module")]
#![expect(clippy::unwrap_used, reason = "a test")]
#![cfg(target_os = "linux")]

#[path = "pages/libraries.rs"]
mod libraries;
mod pages;

use std::{env, fs, path::Path, process::Command};

use pages::{read, root, same_but_for_numbers, without_root};

const PAGES: [&str; 2] = ["README.md", "docs/src/guide/read-a-failure.md"];
const BEGIN: &str = "```sh\n";
const BETWEEN: &str = "\n```\n\n```text\n";

/// What the command prints, run in the repository's folder.
fn output(line: &str, program: &Path, built: &str) -> String {
    let mut command = Command::new(program);
    command.current_dir(root()).env("RUST_BACKTRACE", "0").env_remove("FAULTY_DEFECT");
    for variable in ["CLICOLOR_FORCE", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"] {
        command.env_remove(variable);
    }
    let mut words = line.split(' ').peekable();
    while let Some((name, value)) = words.peek().and_then(|word| word.split_once('=')) {
        command.env(name, value);
        words.next();
    }
    assert_eq!((words.next(), words.next()), (Some("cargo"), Some("provider")), "{line}");
    // The folder is another one where `CARGO_TARGET_DIR` says so.
    command.args(words.map(|word| word.replace("target/debug", built)));
    let output = command.output().expect("the command can be run");
    let told = String::from_utf8_lossy(&output.stdout).replace(built, "target/debug");
    assert!(!told.is_empty(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    // Where nothing is, one empty line is as much as two.
    without_root(told.trim_end()).replace("\n\n\n", "\n\n") + "\n"
}

/// The page with what its commands print now.
fn now(page: &str, program: &Path, built: &str) -> String {
    let mut parts = page.split(BEGIN);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str(BEGIN);
        let Some((line, rest)) = part.split_once(BETWEEN).filter(|(line, _)| !line.contains('\n'))
        else {
            text.push_str(part);
            continue;
        };
        let (shown, rest) = rest.split_once("```\n").expect("the block has an end");
        let told = output(line, program, built);
        let told = if same_but_for_numbers(shown, &told) { shown } else { &told };
        text.extend([line, BETWEEN, told, "```\n", rest]);
    }
    text
}

#[test]
fn what_a_page_shows_as_the_output_of_a_command_is_its_output() {
    let library = libraries::cargo_library("faulty");
    let built = library.parent().expect("it is in a folder").to_string_lossy().into_owned();
    let program = libraries::cargo_program("cargo-provider");
    for path in PAGES {
        let page = read(path);
        assert!(page.contains(BETWEEN), "`{path}` shows no output");
        let now = now(&page, &program, &built);
        if page == now {
            continue;
        }
        if env::var_os("UPDATE_DOCS").is_some() {
            fs::write(root().join(path), now).expect("the page can be written");
            continue;
        }
        panic!("`{path}` shows what is not so any more: UPDATE_DOCS=1 makes it\n{now}");
    }
}
