//! What the pages say to type or to copy can be typed and copied: workflows are YAML, with actions that
//! exist, and the command takes every argument that a page gives it.
#![expect(dead_code, reason = "each test uses its part of the module")]
#![expect(clippy::unwrap_used, reason = "a test")]
#![cfg(unix)]

#[path = "pages/libraries.rs"]
mod libraries;
mod pages;
#[path = "pages/yaml.rs"]
mod yaml;

use std::{fs, path::Path, process::Command};

use pages::{blocks, read, root};
use yaml::Yaml;

const PAGE: &str = "docs/src/guide/continuous-integration.md";
/// Actions and their major versions.
const ACTIONS: [&str; 3] =
    ["actions/checkout@v4", "actions/cache@v4", "actions/upload-artifact@v4"];

/// The steps of the page's workflows; a piece of a workflow is a list of them.
fn steps() -> Vec<Yaml> {
    let mut steps = Vec::new();
    for block in blocks(&read(PAGE), "yaml") {
        let workflow = Yaml::parse(&block);
        let Some(jobs) = workflow.get("jobs") else {
            steps.extend_from_slice(workflow.list().expect("a piece is a list of steps"));
            continue;
        };
        for name in ["name", "on", "permissions"] {
            assert!(workflow.get(name).is_some(), "the workflow has no `{name}`");
        }
        for job in jobs.values() {
            assert!(job.get("runs-on").and_then(Yaml::text).is_some());
            steps.extend_from_slice(job.get("steps").and_then(Yaml::list).expect("it has steps"));
        }
    }
    steps
}

/// What a step says under `key`.
fn text<'a>(step: &'a Yaml, key: &str) -> Option<&'a str> {
    step.get(key)?.text()
}

/// What the shell runs.
fn commands(text: &str) -> impl Iterator<Item = String> {
    let joined = text.replace("\\\n", " ");
    let lines: Vec<String> = joined.lines().map(|line| line.trim().to_owned()).collect();
    lines.into_iter()
}

#[test]
fn a_workflow_has_actions_that_exist_and_steps_that_do_something() {
    let steps = steps();
    assert!(steps.len() > 6);
    for step in &steps {
        match (text(step, "uses"), text(step, "run")) {
            (Some(action), None) => assert!(ACTIONS.contains(&action), "{action}"),
            (None, Some(text)) => assert!(!text.trim().is_empty()),
            _ => panic!("a step uses an action or runs a command: {step:?}"),
        }
    }
}

#[test]
fn a_workflow_installs_what_is_here() {
    let text: String =
        steps().iter().filter_map(|step| text(step, "run")).collect::<Vec<_>>().join("\n");
    assert!(text.contains("cargo install --path cargo-provider --locked"));
    assert!(root().join("cargo-provider/Cargo.toml").is_file());
}

#[test]
fn the_workflow_of_a_new_package_is_one() {
    let program = libraries::cargo_program("cargo-provider");
    for sdk in [&[][..], &["--sdk", "https://example.org/sdk#v1"]] {
        // Not below the workspace, which would get a member.
        let outside = tempfile::tempdir().unwrap();
        let folder = outside.path().join("fresh");
        let mut command = Command::new(&program);
        let output =
            command.args(["provider", "new", "fresh", "--path"]).arg(&folder).args(sdk).output();
        assert!(output.unwrap().status.success());
        let text = fs::read_to_string(folder.join(".github/workflows/ci.yml")).unwrap();
        let workflow = Yaml::parse(&text);
        let job = workflow.get("jobs").unwrap().get("provider").unwrap();
        for step in job.get("steps").and_then(Yaml::list).unwrap() {
            match (step.get("uses").and_then(Yaml::text), step.get("run").and_then(Yaml::text)) {
                (Some(action), None) => assert!(ACTIONS.contains(&action), "{action}"),
                (None, Some(script)) => {
                    for line in commands(script).filter(|line| line.starts_with("cargo provider "))
                    {
                        assert!(is_taken(&program, &line), "{line}");
                    }
                }
                _ => panic!("a step uses an action or runs a command: {step:?}"),
            }
        }
    }
}

/// Whether the command takes these arguments: it asks for help at their end, and comes that far only
/// when it knows what stands before.
fn is_taken(program: &Path, line: &str) -> bool {
    let words = shell_words::split(line.strip_prefix("cargo ").unwrap()).unwrap();
    let output = Command::new(program).args(words).arg("--help").output().unwrap();
    output.status.success()
}

#[test]
fn the_command_takes_every_argument_that_a_page_gives_it() {
    let program = libraries::cargo_program("cargo-provider");
    let mut lines: Vec<String> = steps()
        .iter()
        .filter_map(|step| text(step, "run").map(str::to_owned))
        .flat_map(|text| commands(&text).collect::<Vec<_>>())
        .collect();
    let mut pages = vec![root().join("README.md")];
    for folder in ["guide", "reference", "checks"] {
        let folder = root().join("docs/src").join(folder);
        pages.extend(fs::read_dir(folder).unwrap().map(|page| page.unwrap().path()));
    }
    for page in pages {
        lines.extend(blocks(&read(page), "sh").iter().flat_map(|block| commands(block)));
    }
    let mut seen = 0;
    for line in lines {
        // What stands before the command is its environment, and behind a `#` a comment.
        let Some((_, line)) = line.split_once("cargo provider ") else { continue };
        let line = line.split(" #").next().unwrap().split(" > ").next().unwrap().trim();
        assert!(is_taken(&program, &format!("cargo provider {line}")), "{line}");
        seen += 1;
    }
    assert!(seen > 20, "{seen}");
    assert!(!is_taken(&program, "cargo provider check --no-such-argument"));
    assert!(!is_taken(&program, "cargo provider check --format nothing"));
}
