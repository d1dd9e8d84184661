//! Where a link's objects are: the link value `URL`.

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

/// A URL of one of the stores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// `file:///folder`.
    Files(PathBuf),
    /// `memory://`.
    Memory,
    /// `s3://bucket/prefix`, `gs://bucket/prefix`, `az://container/prefix`.
    Cloud {
        /// Whose it is.
        cloud: Cloud,
        /// The bucket; with Azure a container.
        bucket: String,
        /// What all keys begin with, without slashes at its ends.
        prefix: String,
    },
}

/// A service that keeps objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cloud {
    /// S3, of Amazon and others.
    S3,
    /// Google Cloud Storage.
    Gcs,
    /// Azure Blob Storage.
    Azure,
}

impl Cloud {
    pub(crate) fn scheme(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Gcs => "gs",
            Self::Azure => "az",
        }
    }
}

impl Place {
    /// The place below this one that `root` names.
    #[must_use]
    pub(crate) fn below(self, root: &str) -> Self {
        let inner: Vec<&str> = parts(root).collect();
        match self {
            Self::Files(folder) => {
                Self::Files(inner.iter().fold(folder, |path, part| path.join(part)))
            }
            Self::Memory => Self::Memory,
            Self::Cloud { cloud, bucket, prefix } => {
                let all: Vec<&str> = parts(&prefix).chain(inner).collect();
                Self::Cloud { cloud, bucket, prefix: all.join("/") }
            }
        }
    }
}

/// The names of a path. Those that lead nowhere or up are none.
fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !matches!(*part, "" | "." | ".."))
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (scheme, rest) =
            text.split_once("://").ok_or_else(|| String::from("it has no scheme"))?;
        if text.contains(['\0', '?', '#']) {
            return Err("it has a character that has no meaning there".into());
        }
        let cloud = match scheme {
            "file" => return file(rest),
            "memory" if rest.is_empty() => return Ok(Self::Memory),
            "memory" => return Err("a store in memory has no name".into()),
            "s3" => Cloud::S3,
            "gs" => Cloud::Gcs,
            "az" => Cloud::Azure,
            other => return Err(format!("there is no store `{}`", other.escape_debug())),
        };
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.$".contains(c);
        if bucket.is_empty() || !bucket.chars().all(plain) {
            return Err("it has no bucket, or one with characters that buckets do not have".into());
        }
        let prefix = parts(prefix).collect::<Vec<_>>().join("/");
        Ok(Self::Cloud { cloud, bucket: bucket.into(), prefix })
    }
}

fn file(path: &str) -> Result<Place, String> {
    let path = Path::new(path);
    if !path.is_absolute() {
        return Err("the path is not absolute: `file:///folder`".into());
    }
    Ok(Place::Files(path.into()))
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Files(folder) => write!(f, "file://{}", folder.display()),
            Self::Memory => write!(f, "memory://"),
            Self::Cloud { cloud, bucket, prefix } => {
                write!(f, "{}://{bucket}/{prefix}", cloud.scheme())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(url: &str, root: &str) -> String {
        url.parse::<Place>().map_or_else(|reason| reason, |place| place.below(root).to_string())
    }

    #[test]
    fn a_root_lies_below_the_url_whatever_it_holds() {
        for (url, root, expected) in [
            ("file:///data", "", "file:///data"),
            ("file:///data", "../..//etc/./x", "file:///data/etc/x"),
            ("file:///data", "/var/a", "file:///data/var/a"),
            ("memory://", "x", "memory://"),
            ("s3://bucket", "", "s3://bucket/"),
            ("s3://bucket/", "a", "s3://bucket/a"),
            ("gs://b/a//b/", "../c", "gs://b/a/b/c"),
            ("az://b/a", "b", "az://b/a/b"),
        ] {
            assert_eq!(shown(url, root), expected);
        }
    }

    #[test]
    fn what_is_no_place_is_refused_with_the_reason() {
        for (url, reason) in [
            ("", "no scheme"),
            ("/data", "no scheme"),
            ("file://data", "not absolute"),
            ("memory://x", "no name"),
            ("http://x", "there is no store `http`"),
            ("s3://", "no bucket"),
            ("s3:///x", "no bucket"),
            ("s3://user:password@x/", "no bucket"),
            ("s3://b/x?region=y", "no meaning"),
        ] {
            let error = url.parse::<Place>().unwrap_err();
            assert!(error.contains(reason), "{url}: {error}");
        }
    }
}
