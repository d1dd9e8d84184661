//! The guide's first chapter, taken to the letter: in a folder that has nothing but the checkout, files are
//! written as the chapter's blocks have them, its commands are run in their order, and what it shows as
//! their output is their output. `UPDATE_DOCS=1` rewrites what says something else by now.
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
    hash::{DefaultHasher, Hash, Hasher},
    os::unix,
    path::{Path, PathBuf},
    process::Command,
};

use pages::{read, root};
use similar::TextDiff;
use steps::{Step, Steps};

const PAGE: &str = "docs/src/guide/first-provider.md";
/// What the chapter calls the checkout.
const CHECKOUT: &str = "capability-provider-sdk";

/// Somebody at the beginning of the chapter.
struct Reader {
    /// Where the chapter began.
    home: PathBuf,
    /// Where it is now.
    folder: PathBuf,
    /// What they have installed.
    program: PathBuf,
    /// What cargo built before stays, or each run would compile everything.
    built: PathBuf,
}

impl Reader {
    fn new() -> Self {
        // Outside of this workspace, which cargo would add the new package to. The name stays the same
        // from run to run, so that what was compiled can be used again.
        let mut hasher = DefaultHasher::new();
        root().hash(&mut hasher);
        let home = env::temp_dir().join(format!("first-provider-{:016x}", hasher.finish()));
        let _ = fs::remove_dir_all(&home);
        fs::create_dir_all(&home).unwrap();
        unix::fs::symlink(root(), home.join(CHECKOUT)).unwrap();
        let built = Path::new(env!("CARGO_TARGET_TMPDIR")).join("first-provider");
        let program = libraries::cargo_program("cargo-provider");
        Self { folder: home.clone(), home, program, built }
    }

    /// Runs the commands of a block: what the last one prints.
    fn run(&mut self, commands: &str, fails: bool) -> String {
        let mut told = String::new();
        for line in commands.lines() {
            told = self.command(line, fails);
        }
        told
    }

    fn command(&mut self, line: &str, fails: bool) -> String {
        let words = shell_words::split(line.split(" #").next().unwrap_or_default()).unwrap();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut command = match words.as_slice() {
            ["cd", folder] => {
                self.folder = self.folder.join(folder);
                assert!(self.folder.is_dir(), "{line}");
                return String::new();
            }
            ["cargo", "install", "--path", path] => {
                // It is built already, and of the same sources.
                assert!(self.folder.join(path).join("Cargo.toml").is_file(), "{line}");
                return String::new();
            }
            ["cargo", "provider", arguments @ ..] => {
                let mut command = Command::new(&self.program);
                command.arg("provider").args(arguments);
                command
            }
            ["cargo", arguments @ ..] => {
                let mut command = Command::new(env!("CARGO"));
                command.args(arguments);
                command
            }
            _ => panic!("{line}: the test knows no such command"),
        };
        for variable in ["CLICOLOR_FORCE", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"] {
            command.env_remove(variable);
        }
        let output = command
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", &self.built)
            .env("CARGO_PROFILE_DEV_DEBUG", "none")
            .env("CARGO_PROFILE_RELEASE_DEBUG", "line-tables-only")
            .env("CARGO_TERM_COLOR", "never")
            .env("RUST_BACKTRACE", "0")
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stdout);
        let why = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.success(), !fails, "{line}\n{told}\n{why}");
        if let ["cargo", "provider", "new", name] = words.as_slice() {
            // The versions that everything else here was built with.
            fs::copy(root().join("Cargo.lock"), self.folder.join(name).join("Cargo.lock")).unwrap();
        }
        self.without_places(if told.is_empty() { &why } else { &told })
    }

    /// What a file says, where the checkout is beside the package.
    fn shown(&self, file: &str) -> String {
        let text = fs::read_to_string(self.folder.join(file));
        let text = text.unwrap_or_else(|error| panic!("{file}: {error}"));
        // The command was built in this checkout, and has seen it from the package.
        match text.split('"').find_map(|path| path.strip_suffix("/provider-core")) {
            Some(checkout) => {
                let found = self.folder.join(checkout).canonicalize().unwrap();
                assert_eq!(found, root().canonicalize().unwrap());
                text.replace(checkout, &format!("../{CHECKOUT}"))
            }
            None => text,
        }
    }

    /// What a command says, without where things are on this machine.
    fn without_places(&self, told: &str) -> String {
        let built = format!("{}/", self.built.display());
        let folder = format!("{}/", self.folder.display());
        told.replace(&built, "target/").replace(&folder, "")
    }
}

#[test]
fn who_follows_the_first_chapter_gets_what_it_shows() {
    let page = read(PAGE);
    let mut steps = Steps::of(&page);
    let mut reader = Reader::new();
    while let Some(step) = steps.next() {
        match step {
            Step::Write { file, text } => {
                let file = reader.folder.join(file);
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(file, text).unwrap();
            }
            Step::Shows { file } => {
                steps.is(&reader.shown(&file));
            }
            Step::Insert { file, after, text } => {
                let file = reader.folder.join(file);
                let before = fs::read_to_string(&file).unwrap();
                assert_eq!(before.matches(&after).count(), 1, "{after}");
                fs::write(file, before.replace(&after, &format!("{after}\n{text}"))).unwrap();
            }
            Step::Run { commands, marks, shown } => {
                let told = reader.run(&commands, marks.iter().any(|mark| mark == "fails"));
                if shown {
                    steps.is(&told);
                }
            }
        }
    }
    fs::remove_dir_all(&reader.home).unwrap();
    let now = steps.page();
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(root().join(PAGE), &now).unwrap();
    }
    let shown = read(PAGE);
    let differs = TextDiff::from_lines(&shown, &now).unified_diff().to_string();
    assert!(
        shown == now,
        "`{PAGE}` shows what is not so any more: UPDATE_DOCS=1 makes it\n{differs}"
    );
}
