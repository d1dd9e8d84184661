//! What the pages about debugging and shipping tell a reader to run is run: it prints what is shown, or says
//! what a mark before it names. A tool that is not there is passed over. `UPDATE_DOCS=1` rewrites what is
//! shown and says something else by now.
#![expect(dead_code, reason = "each test uses its part of the modules")]
#![expect(clippy::unwrap_used, reason = "a test")]
#![cfg(target_os = "linux")]

#[path = "pages/libraries.rs"]
mod libraries;
mod pages;
#[path = "pages/steps.rs"]
mod steps;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use object::{Object, ObjectSymbol, read::File};
use pages::{read, root, without_root};
use similar::TextDiff;
use steps::{Step, Steps};

const PAGES: [&str; 2] = ["docs/src/guide/debugging.md", "docs/src/guide/shipping.md"];

/// Whether a program can be started.
fn is_there(tool: &str) -> bool {
    let started = Command::new(tool).arg("--version").stdout(Stdio::null()).status();
    started.is_ok_and(|status| status.success())
}

/// The folder that `target` is in what a page says.
fn target() -> PathBuf {
    let release = libraries::cargo_program("cargo-provider");
    release.parent().and_then(Path::parent).unwrap().to_owned()
}

/// Runs the commands of a block in the repository's folder: what the last one prints.
fn told(commands: &str, program: &Path, target: &Path) -> String {
    let mut told = String::new();
    for line in commands.lines() {
        let mut words = shell_words::split(line).unwrap();
        for word in &mut words {
            if let Some(file) = word.strip_prefix("target/") {
                *word = target.join(file).to_string_lossy().into_owned();
            }
        }
        let variables = words.iter().take_while(|word| word.contains('=')).count();
        let arguments = words.split_off(variables);
        let mut command = match arguments[0].as_str() {
            "cargo" if arguments[1] == "provider" => Command::new(program),
            "cargo" => Command::new(env!("CARGO")),
            tool => Command::new(tool),
        };
        for variable in ["CLICOLOR_FORCE", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"] {
            command.env_remove(variable);
        }
        command.envs(words.iter().filter_map(|word| word.split_once('=')));
        command.args(&arguments[1..]).current_dir(root()).stdin(Stdio::null());
        let output = command.env("RUST_BACKTRACE", "0").output().unwrap();
        let [out, err] = [output.stdout, output.stderr]
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        told = if out.is_empty() { err } else { out };
    }
    without_root(&told.replace(&format!("{}/", target.display()), "target/"))
}

#[test]
fn what_the_pages_tell_to_run_can_be_run() {
    let (target, program) = (target(), libraries::cargo_program("cargo-provider"));
    let mut ran = 0;
    for path in PAGES {
        let page = read(path);
        let mut steps = Steps::of(&page);
        while let Some(step) = steps.next() {
            let Step::Run { commands, marks, shown } = step else { continue };
            let marked = |name: &str| {
                marks.iter().find_map(|mark| mark.strip_prefix(name)).map(str::to_owned)
            };
            let needed = marked("needs: ");
            if needed.is_some_and(|tool| !is_there(&tool)) {
                steps.keep();
                continue;
            }
            let says = marked("says: ");
            if !shown && says.is_none() {
                continue;
            }
            let told = told(&commands, &program, &target);
            ran += 1;
            if let Some(says) = says {
                assert!(told.contains(&says), "{commands} does not say `{says}`, it says\n{told}");
            }
            if shown {
                steps.is(&told);
            }
        }
        let now = steps.page();
        if env::var_os("UPDATE_DOCS").is_some() {
            fs::write(root().join(path), &now).unwrap();
        }
        let page = read(path);
        let differs = TextDiff::from_lines(&page, &now).unified_diff().to_string();
        assert!(page == now, "`{path}` shows what is not so any more: UPDATE_DOCS=1\n{differs}");
    }
    assert!(ran >= 2, "some of it needs no tool");
}

#[test]
fn a_library_exports_the_two_functions_and_nothing_else() {
    let bytes = fs::read(libraries::cargo_library("faulty")).unwrap();
    let file = File::parse(&*bytes).unwrap();
    let mut names: Vec<_> = file
        .dynamic_symbols()
        .filter(|symbol| symbol.is_definition() && symbol.is_global())
        .map(|symbol| symbol.name().unwrap().to_owned())
        .collect();
    names.sort();
    assert_eq!(names, ["__capability_provider_create", "__capability_provider_describe"]);
}
