//! `cargo provider new`: a package to begin with, written from the files of `provider-template`.

mod contract;
mod name;
mod sdk;
mod template;
mod workspace;

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use crate::{
    cli::New,
    exit::{Exit, Failure},
    new::{contract::Contract, template::Wanted},
    output::Output,
};

/// Writes the package. Nothing is left of one that cannot be finished.
pub(crate) fn run(arguments: &New, output: &mut Output) -> Result<Exit, Failure> {
    let package = name::checked(&arguments.name)?;
    let contract = Contract::named(arguments.contract.as_deref(), package)?;
    let folder = arguments.path.clone().unwrap_or_else(|| PathBuf::from(package));
    let parent = parent(&folder)?;
    let sdk = sdk::seen_from(&folder, arguments.sdk.as_deref())?;
    let wanted = Wanted {
        package,
        contract: &contract,
        empty: arguments.empty,
        asynchronous: arguments.asynchronous,
        sdk: &sdk,
    };
    let files = wanted.files()?;

    write(&parent, &folder, &files).map_err(|error| {
        Failure::unusable(format!("cannot write `{}`: {error}", folder.display()))
    })?;
    let membership = workspace::join(&folder);

    output.text(&format!("created `{}`: {}\n", folder.display(), wanted.summary()));
    if let Some(membership) = membership {
        output.text(&format!("{membership}\n"));
    }
    output.text(&format!("\nNext:\n  cd {}\n", shell_words::quote(&folder.to_string_lossy())));
    for (command, purpose) in wanted.next() {
        output.text(&format!("  {command:<28}{purpose}\n"));
    }
    Ok(Exit::Success)
}

/// The folder that the package's own is made in.
fn parent(folder: &Path) -> Result<PathBuf, Failure> {
    let shown = folder.display();
    if folder.symlink_metadata().is_ok() {
        return Err(Failure::unusable(format!(
            "`{shown}` is there already: choose another name, or another folder with `--path`"
        )));
    }
    let parent = match folder.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => return Err(Failure::unusable(format!("`{shown}` cannot be a package's folder"))),
    };
    if folder.file_name().is_none() {
        return Err(Failure::unusable(format!("`{shown}` does not say how the folder is called")));
    }
    if !parent.is_dir() {
        return Err(Failure::unusable(format!(
            "there is no folder `{}` to make the package in: `mkdir -p` makes it",
            parent.display()
        )));
    }
    Ok(parent.to_owned())
}

/// The files are written beside the place where they go, and moved there when all of them are.
fn write(parent: &Path, folder: &Path, files: &[(String, String)]) -> std::io::Result<()> {
    let scratch = tempfile::Builder::new().prefix(".cargo-provider-new-").tempdir_in(parent)?;
    // A folder within that one: temporary folders are for their owner alone.
    let package = scratch.path().join("package");
    for (path, text) in files {
        let path = package.join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, text)?;
    }
    // Somebody may have made it meanwhile, and an empty folder would be replaced.
    if folder.symlink_metadata().is_ok() {
        return Err(ErrorKind::AlreadyExists.into());
    }
    fs::rename(package, folder)
}
