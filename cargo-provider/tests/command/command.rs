//! Running the program.

use std::{
    ffi::OsStr,
    path::Path,
    process::{Command, Output, Stdio},
};

/// What a run of the program left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The exit code.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

impl Ran {
    /// The exit code, with everything that was written when it is another one.
    #[track_caller]
    pub(crate) fn ended_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// Standard output, which must be one JSON document.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// Standard error, which must be one line.
    #[track_caller]
    pub(crate) fn line(&self) -> &str {
        let line = self.err.strip_suffix('\n').unwrap_or_default();
        assert!(!line.is_empty() && !line.contains('\n'), "{self:#?}");
        line
    }
}

/// The program, with nothing on standard input and no terminal.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-provider"));
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .current_dir(workspace())
        .env("COLUMNS", "100");
    // What this program itself runs in says nothing about what is tested.
    for variable in [
        "CLICOLOR",
        "CLICOLOR_FORCE",
        "GITHUB_ACTIONS",
        "GITHUB_STEP_SUMMARY",
        "GITHUB_WORKSPACE",
        "NO_COLOR",
    ] {
        command.env_remove(variable);
    }
    command
}

/// Runs the program with `arguments`.
pub(crate) fn run<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Ran {
    finish(program().args(arguments))
}

/// Runs a command to its end.
pub(crate) fn finish(command: &mut Command) -> Ran {
    let Output { status, stdout, stderr } = command.output().expect("the program starts");
    Ran {
        code: status.code(),
        out: String::from_utf8(stdout).expect("standard output is UTF-8"),
        err: String::from_utf8(stderr).expect("standard error is UTF-8"),
    }
}

/// The folder of the workspace.
pub(crate) fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
