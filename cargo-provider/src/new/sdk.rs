//! Where a new package gets the SDK from. Its crates are on no registry.

use std::{
    fs, io,
    path::{Component, Path, PathBuf},
};

use crate::exit::Failure;

/// The checkout that this command was built in.
const BUILT_IN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// The SDK as a package in `folder` names it: the URL of a repository, or a path.
pub(crate) fn seen_from(folder: &Path, wanted: Option<&str>) -> Result<String, Failure> {
    let checkout = match wanted {
        Some(url) if url.contains("://") => return checked_url(url),
        Some(path) => checked_path(Path::new(path))?,
        None => built_in(Path::new(BUILT_IN)).ok_or_else(|| {
            Failure::unusable(
                "the checkout that this command was built in is not there any more: say where the \
                 SDK is, `--sdk PATH` or `--sdk URL#REVISION`",
            )
        })?,
    };
    let unknown = |error: io::Error| {
        Failure::unusable(format!("cannot say where `{}` is: {error}", checkout.display()))
    };
    let checkout = fs::canonicalize(&checkout).map_err(unknown)?;
    let folder = absolute(folder).map_err(unknown)?;
    // On another drive there is no way but the whole path.
    let path = pathdiff::diff_paths(&checkout, folder).unwrap_or(checkout);
    let path = path.to_str().map(|path| path.replace('\\', "/"));
    // It is written between quotes, into a manifest and into a script.
    match path.filter(|path| !path.contains(['"', '$', '`', '\\', '\n'])) {
        Some(path) => Ok(path),
        None => Err(Failure::unusable(
            "the path of the SDK has characters that a manifest cannot hold: put it somewhere else",
        )),
    }
}

/// A folder that is still to be made, without links on the way to it.
fn absolute(folder: &Path) -> io::Result<PathBuf> {
    let parent = match folder.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    Ok(fs::canonicalize(parent)?.join(folder.file_name().unwrap_or_default()))
}

fn checked_url(url: &str) -> Result<String, Failure> {
    let (place, revision) = url.split_once('#').unwrap_or((url, "HEAD"));
    let whole = !place.ends_with("://") && !revision.is_empty() && !revision.contains('#');
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '$' | '`' | '\\');
    if whole && url.chars().all(plain) {
        Ok(url.to_owned())
    } else {
        Err(Failure::unusable(format!(
            "`{url}` is no URL of a repository: write `https://host/name` or `https://host/name#REVISION`"
        )))
    }
}

fn checked_path(path: &Path) -> Result<PathBuf, Failure> {
    if path.join("provider-core/Cargo.toml").is_file() {
        return Ok(path.to_owned());
    }
    let shown = path.display();
    Err(Failure::unusable(if path.is_dir() {
        format!("`{shown}` is no checkout of the SDK: there is no `provider-core` in it")
    } else {
        format!("there is no folder `{shown}`: `--sdk` takes a checkout of the SDK, or a URL")
    }))
}

/// The checkout, if it is there and is somebody's: what cargo cloned for itself goes when cargo likes.
fn built_in(checkout: &Path) -> Option<PathBuf> {
    let names: Vec<Component<'_>> = checkout.components().collect();
    let is = |component: &Component<'_>, name: &str| component.as_os_str() == name;
    let of_cargo = names.windows(2).any(|two| is(&two[0], "git") && is(&two[1], "checkouts"));
    (!of_cargo).then(|| checked_path(checkout).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checkout_that_the_command_was_built_in_is_seen_from_the_package() {
        let folder = tempfile::tempdir().unwrap();
        let folder = fs::canonicalize(folder.path()).unwrap();
        let path = seen_from(&folder.join("new"), None).unwrap();
        assert!(path.starts_with("../"), "{path}");
        assert!(folder.join(&path[3..]).join("provider-core/Cargo.toml").is_file(), "{path}");
        let sibling = seen_from(&Path::new(BUILT_IN).join("new"), Some(BUILT_IN)).unwrap();
        assert_eq!(sibling, "..");
    }

    #[test]
    fn what_cargo_cloned_for_itself_is_nobodys_checkout() {
        let folder = tempfile::tempdir().unwrap();
        let checkout = folder.path().join("git/checkouts/sdk-1/abc");
        fs::create_dir_all(checkout.join("provider-core")).unwrap();
        fs::write(checkout.join("provider-core/Cargo.toml"), "").unwrap();
        assert_eq!(built_in(&checkout), None);
        let mine = folder.path().join("mine");
        assert_eq!(built_in(&mine), None);
        fs::rename(&checkout, &mine).unwrap();
        assert_eq!(built_in(&mine), Some(mine));
    }

    #[test]
    fn a_url_is_taken_as_it_is() {
        for url in ["https://example.org/sdk", "ssh://git@example.org/sdk.git#v1", "file:///sdk"] {
            assert_eq!(seen_from(Path::new("x"), Some(url)).unwrap(), url);
        }
        for url in [
            "https://",
            "https://a b",
            "https://a#",
            "https://a#b#c",
            "https://a\"",
            "https://$(x)",
        ] {
            let failure = seen_from(Path::new("x"), Some(url)).unwrap_err();
            assert!(failure.message.contains("#REVISION"), "{}", failure.message);
        }
    }
}
