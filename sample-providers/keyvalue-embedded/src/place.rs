//! Where a file is: what a link says, or the place where programs keep a user's data.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use provider_core::{Error, ErrorKind};

/// The file that a link names. A relative one is looked for from the host's working directory.
pub(crate) fn given(path: PathBuf) -> Result<PathBuf, Error> {
    if path.as_os_str().is_empty() {
        return Err(Error::new(
            ErrorKind::BadRequest,
            "link value `PATH` is empty, a file is expected",
        ));
    }
    Ok(path)
}

/// The file of a link that names none. Its folder is made when it is missing.
///
/// It lies where data outlives a restart and a reboot: acknowledged writes in a temporary folder
/// would be a promise that the next cleaning breaks, and the working directory is whichever the host
/// happened to be started in.
pub(crate) fn default() -> Result<PathBuf, Error> {
    let folder = data_folder(|name| env::var_os(name).map(PathBuf::from), env::home_dir());
    let folder = folder.ok_or_else(|| {
        Error::new(
            ErrorKind::BadRequest,
            "link value `PATH` is required: this user has no folder for data",
        )
    })?;
    let folder = folder.join("keyvalue-embedded");
    make_private(&folder).map_err(|error| {
        Error::with_source(ErrorKind::Unavailable, error)
            .context(format_args!("`{}`", folder.display()))
    })?;
    Ok(folder.join("keys.redb"))
}

/// The platform's folder for a user's data, from environment variables and the user's home.
fn data_folder(
    variable: impl Fn(&str) -> Option<PathBuf>,
    home: Option<PathBuf>,
) -> Option<PathBuf> {
    let said = |name| variable(name).filter(|path| path.is_absolute());
    let home = home.filter(|path| path.is_absolute());
    if cfg!(windows) {
        said("LOCALAPPDATA")
    } else if cfg!(target_vendor = "apple") {
        home.map(|home| home.join("Library/Application Support"))
    } else {
        said("XDG_DATA_HOME").or_else(|| home.map(|home| home.join(".local/share")))
    }
}

/// Makes a folder for this user's eyes only; one that is there stays as it is.
fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_path_is_refused() {
        let error = given(PathBuf::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadRequest);
        assert_eq!(given("a/b".into()).unwrap(), Path::new("a/b"));
    }

    #[cfg(all(unix, not(target_vendor = "apple")))]
    #[test]
    fn data_lies_where_the_user_says_else_below_home_and_never_at_a_relative_place() {
        let said = |path: &'static str| move |_: &str| Some(PathBuf::from(path));
        let home = Some(PathBuf::from("/home/u"));
        assert_eq!(data_folder(said("/data"), home.clone()), Some("/data".into()));
        let below = Some("/home/u/.local/share".into());
        assert_eq!(data_folder(said("data"), home.clone()), below);
        assert_eq!(data_folder(|_| None, home), below);
        assert_eq!(data_folder(|_| None, Some("u".into())), None);
        assert_eq!(data_folder(|_| None, None), None);
    }
}
