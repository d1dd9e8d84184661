//! GitHub's runners, which read commands in what a program writes.

use std::{
    env,
    fs::OpenOptions,
    hash::{BuildHasher, Hasher, RandomState},
    io::Write,
    path::{Path, PathBuf},
};

use provider_testkit::report::{self, Document};

/// What a runner says of itself.
#[derive(Debug, Default)]
pub(crate) struct Actions {
    /// Whether one runs this program.
    running: bool,
    /// Where the job's summary goes.
    summary: Option<PathBuf>,
    /// The folder that the runner knows files of; this one where no runner says.
    workspace: PathBuf,
}

impl Actions {
    /// What the environment says.
    pub(crate) fn here() -> Self {
        let folder = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
        Self {
            running: env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true"),
            summary: folder("GITHUB_STEP_SUMMARY").map(PathBuf::from),
            workspace: folder("GITHUB_WORKSPACE")
                .map(PathBuf::from)
                .or_else(|| env::current_dir().ok())
                .unwrap_or_default(),
        }
    }

    /// Whether a runner reads what this program writes.
    pub(crate) fn running(&self) -> bool {
        self.running
    }

    /// Annotations of what failed, with places in the files that the runner knows. `folder` is that
    /// of the package, if there is one.
    pub(crate) fn annotations(&self, document: Document<'_>, folder: Option<&Path>) -> String {
        report::github::annotations(document, |file| self.place(Path::new(file), folder))
    }

    /// Where a file is whose name comes from a compiler, seen from the runner's folder. A compiler
    /// was started in a workspace's folder, which is the package's or one above it.
    fn place(&self, file: &Path, folder: Option<&Path>) -> Option<String> {
        let here = env::current_dir().unwrap_or_default();
        let workspace = self.workspace.canonicalize().ok()?;
        let folders = [Some(workspace.as_path()), Some(here.as_path()), folder];
        folders
            .into_iter()
            .flatten()
            .flat_map(Path::ancestors)
            .filter_map(|folder| folder.join(file).canonicalize().ok())
            .find(|found| found.is_file() && found.starts_with(&workspace))
            .and_then(|found| Some(found.strip_prefix(&workspace).ok()?.to_str()?.to_owned()))
    }

    /// Adds to the summary of the job, where there is one.
    pub(crate) fn summarize(&self, document: Document<'_>) -> Result<(), String> {
        let Some(path) = &self.summary else {
            return Ok(());
        };
        OpenOptions::new()
            .append(true)
            .create(true)
            .open(path)
            .and_then(|mut file| file.write_all(report::github::summary(document).as_bytes()))
            .map_err(|error| format!("`{}`: {error}", path.display()))
    }

    /// XML or HTML in which a runner finds no commands: what they begin with is written as entities.
    pub(crate) fn unheard_markup(&self, markup: &str) -> String {
        if !self.running {
            return markup.to_owned();
        }
        markup.replace("::", "&#58;:").replace("##[", "#&#35;[")
    }

    /// The text, with a runner that is told to look for no commands in it.
    pub(crate) fn unheard(&self, text: &str) -> String {
        if !self.running || text.is_empty() {
            return text.to_owned();
        }
        // Nobody who wrote something into the text can know this word: it is made only now.
        let word = || RandomState::new().build_hasher().finish();
        let word = format!("{:016x}{:016x}", word(), word());
        format!("::stop-commands::{word}\n{text}\n::{word}::\n")
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_place_is_a_file_in_the_runners_folder() {
        let folder = tempfile::tempdir().unwrap();
        let package = folder.path().join("my/provider");
        fs::create_dir_all(package.join("src")).unwrap();
        fs::write(package.join("src/lib.rs"), "").unwrap();
        let actions = Actions { workspace: folder.path().to_owned(), ..Actions::default() };
        let place = |file: &str| actions.place(Path::new(file), Some(&package));
        // A package of its own, and one of a workspace.
        assert_eq!(place("src/lib.rs").as_deref(), Some("my/provider/src/lib.rs"));
        assert_eq!(place("my/provider/src/lib.rs").as_deref(), Some("my/provider/src/lib.rs"));
        assert_eq!(place("src/none.rs"), None);
        // What is in no folder of the runner's.
        assert_eq!(place("/rustc/0/library/std/src/panicking.rs"), None);
        assert_eq!(place("/etc/passwd"), None);
        assert_eq!(place(""), None);
    }

    #[test]
    fn a_runner_is_told_not_to_listen_with_a_word_that_nobody_knows() {
        let quiet = Actions::default();
        assert_eq!(quiet.unheard("::error::x\n"), "::error::x\n");
        let actions = Actions { running: true, ..Actions::default() };
        let (one, other) = (actions.unheard("x"), actions.unheard("x"));
        assert_ne!(one, other);
        let word = one.lines().next().unwrap().strip_prefix("::stop-commands::").unwrap();
        assert_eq!(word.len(), 32);
        assert!(one.ends_with(&format!("\n::{word}::\n")), "{one}");
    }
}
