//! The providers that are not made by cargo: C, and libraries changed afterwards.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::Made;

/// The provider in C that keeps every rule.
const GOOD: (&str, u8) = ("small.c", 0);
/// Where a file of ELF says which processor it is for.
const PROCESSOR: usize = 18;
/// One that nobody builds providers for: SPARC V9.
const SPARC: u8 = 43;

impl Made {
    /// Where the configuration is of one in C whose operations are to be sent: the folder of its
    /// `provider-testkit.toml`. The others have no operations.
    #[must_use]
    pub fn folder(self) -> Option<PathBuf> {
        let has_operations = matches!(self, Self::C { source: "async.c", .. });
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        has_operations.then(|| package.join("../c"))
    }

    /// Builds the library in `folder` with a C compiler, `cc` or what `CC` says. Nothing for one that
    /// cargo builds.
    ///
    /// # Errors
    ///
    /// One line that says what does not work.
    pub fn library(self, folder: &Path) -> Result<Option<PathBuf>, String> {
        match self {
            Self::Rust(_) | Self::Example { .. } => Ok(None),
            Self::C { source, number } => {
                let name = format!("{}-{number}", source.trim_end_matches(".c"));
                compile(folder, &name, (source, number), &[]).map(Some)
            }
            Self::Needing(needed) => needing(folder, needed).map(Some),
            Self::Foreign => foreign(folder).map(Some),
        }
    }
}

fn compile(
    folder: &Path,
    name: &str,
    (source, number): (&str, u8),
    more: &[String],
) -> Result<PathBuf, String> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = cc();
    command
        .arg(format!("-DDEFECT={number}"))
        .arg("-I")
        .arg(package.join("../../../provider-core/include"))
        .arg(package.join("../c").join(source))
        .args(more);
    linked(command, folder.join(format!("lib{name}.so")))
}

fn cc() -> Command {
    let mut command = Command::new(env::var_os("CC").unwrap_or_else(|| "cc".into()));
    command.args(["-shared", "-fPIC", "-pthread"]);
    command
}

fn linked(mut command: Command, library: PathBuf) -> Result<PathBuf, String> {
    let status = command
        .args(["-lm", "-o"])
        .arg(&library)
        .status()
        .map_err(|error| format!("{}: {error}", library.display()))?;
    if status.success() { Ok(library) } else { Err(format!("{}: {status}", library.display())) }
}

/// The good provider, with `needed` among the libraries that it needs. One with a path is not there.
fn needing(folder: &Path, needed: &str) -> Result<PathBuf, String> {
    let file = Path::new(needed).file_name().unwrap_or_default();
    let mut command = cc();
    command.arg(format!("-Wl,-soname,{needed}")).args(["-x", "c", "/dev/null"]);
    let other = linked(command, folder.join(file))?;
    let more = [
        String::from("-Wl,--no-as-needed"),
        other.to_string_lossy().into_owned(),
        String::from("-Wl,--as-needed"),
        format!("-Wl,-rpath,{}", folder.display()),
    ];
    let name = format!("needing-{}", file.to_string_lossy().trim_end_matches(".so"));
    compile(folder, &name, GOOD, &more)
}

/// The good provider, with another processor in its header.
fn foreign(folder: &Path) -> Result<PathBuf, String> {
    let library = compile(folder, "foreign", GOOD, &[])?;
    let wrong = |error: std::io::Error| format!("{}: {error}", library.display());
    let mut data = fs::read(&library).map_err(wrong)?;
    let Some(processor) = data.get_mut(PROCESSOR) else {
        return Err(format!("{} is no library", library.display()));
    };
    *processor = SPARC;
    fs::write(&library, data).map_err(wrong)?;
    Ok(library)
}
