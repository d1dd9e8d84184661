//! The values of a link.

use std::{path::PathBuf, time::Duration};

use provider_core::{Error, ErrorKind, Secret, prelude::*};

use crate::place::Place;

/// How long the prefix of all keys may be, in bytes: with the ids it has to fit a key of S3.
const MAX_PREFIX: usize = 200;

/// The values of a link.
///
/// What a cloud wants to know and the link does not say comes from where the cloud's own programs look:
/// the environment, their files, and the metadata of the machine.
#[derive(Debug, LinkValues)]
#[cfg_attr(
    not(all(feature = "s3", feature = "gcs", feature = "azure")),
    expect(dead_code, reason = "a link may have them whatever is built in")
)]
pub struct Settings {
    /// Where the objects are: `file:///folder`, `memory://`, `s3://bucket/prefix`, `gs://bucket/prefix` or
    /// `az://container/prefix`. Without it `ROOT` is a folder.
    #[value(
        expected = "`file:///folder`, `memory://`, `s3://bucket/prefix`, `gs://bucket/prefix` or `az://container/prefix`"
    )]
    pub(crate) url: Option<Place>,
    /// The link's own place below `URL`. Links that name the same one share it.
    pub(crate) root: Option<String>,
    /// Where the cloud's interface is, if not where its owner has it: `http://127.0.0.1:9000`.
    pub(crate) endpoint: Option<String>,
    /// The region of S3; `us-east-1` when the environment has none either.
    pub(crate) region: Option<String>,
    /// The name of the key of S3.
    pub(crate) access_key_id: Option<String>,
    /// The key of S3.
    pub(crate) secret_access_key: Option<Secret>,
    /// The token that a temporary key of S3 has.
    pub(crate) session_token: Option<Secret>,
    /// The service account of Google, its JSON in base64.
    pub(crate) credential: Option<Secret>,
    /// The account of Azure.
    pub(crate) account_name: Option<String>,
    /// The key of Azure's account.
    pub(crate) account_key: Option<Secret>,
    /// A shared access signature of Azure.
    pub(crate) sas_token: Option<Secret>,
    /// Whether requests are not signed: for buckets that are everybody's.
    #[value(default = false)]
    pub(crate) anonymous: bool,
    /// How long one request to a cloud may take, and how long the store may not answer altogether.
    #[value(default = "10s")]
    pub(crate) timeout: Duration,
    /// After how long an upload that nobody goes on with is forgotten.
    #[value(default = "1h")]
    pub(crate) upload_timeout: Duration,
    /// The folder for what came of uploads that are not complete, of stores that are no folder themselves.
    /// Without it, one in the system's folder for temporary files.
    pub(crate) spool: Option<PathBuf>,
    /// How many uploads may be in progress.
    #[value(default = 64, range = 1..=10_000)]
    pub(crate) max_uploads: usize,
    /// How many downloads may be in progress.
    #[value(default = 8, range = 1..=1_000)]
    pub(crate) max_downloads: usize,
    /// How long an object may be.
    #[value(default = 5_368_709_120)]
    pub(crate) max_object_bytes: u64,
}

impl Settings {
    /// Where the objects of this link are.
    ///
    /// # Errors
    ///
    /// *Bad request* when the link does not say.
    pub(crate) fn place(&self) -> Result<Place, Error> {
        let root = self.root.as_deref().unwrap_or_default();
        let refused = |text: &str| Err(Error::new(ErrorKind::BadRequest, text));
        if root.contains('\0') {
            return refused("link value `ROOT` has a NUL");
        }
        match &self.url {
            Some(place) => {
                let place = place.clone().below(root);
                if matches!(&place, Place::Cloud { prefix, .. } if prefix.len() > MAX_PREFIX) {
                    return refused("link value `ROOT` is too long for a prefix of keys");
                }
                Ok(place)
            }
            None if root.is_empty() => refused("the link has neither `URL` nor `ROOT`"),
            None if !root.starts_with('/') => {
                refused("without `URL`, link value `ROOT` is the absolute path of a folder")
            }
            None => Ok(Place::Files(root.into())),
        }
    }
}
