//! The programs, and where they are.

use std::{
    env,
    error::Error,
    fmt,
    path::{Path, PathBuf},
};

/// The variable that names the folder of `scripts/servers`.
const CACHE: &str = "CAPABILITY_PROVIDER_CACHE";

/// A server that tests can start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// Redis, or what speaks its protocol under its name.
    Redis,
    /// NATS, with `JetStream` and its monitoring off.
    Nats,
    /// moto's S3.
    S3,
    /// `FalkorDB`: a module of a Redis that was built for it.
    Falkordb,
}

impl Program {
    /// The file that is looked for.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Redis => "redis-server",
            Self::Nats => "nats-server",
            Self::S3 => "moto_server",
            Self::Falkordb => "falkordb.so",
        }
    }

    /// Where it is.
    ///
    /// # Errors
    ///
    /// When it is not installed.
    pub fn find(self) -> Result<PathBuf, Absent> {
        find(self.name())
    }
}

/// A program that is not installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absent {
    /// Its name.
    pub name: String,
}

impl fmt::Display for Absent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no `{}` (`scripts/servers` installs it)", self.name)
    }
}

impl Error for Absent {}

/// Where the program or file `name` is: among what `scripts/servers` installed, else in `PATH`.
///
/// # Errors
///
/// When it is not there.
pub fn find(name: &str) -> Result<PathBuf, Absent> {
    let path = env::var_os("PATH").unwrap_or_default();
    let cache = cache();
    let ours = [cache.join("python/bin"), cache.join("falkordb")];
    // The server in FalkorDB's folder is for FalkorDB alone.
    let ours = ours
        .into_iter()
        .filter(|folder| name != Program::Redis.name() || !folder.ends_with("falkordb"));
    let mut files = ours.chain(env::split_paths(&path)).map(|folder| folder.join(name));
    files.find(|file| file.is_file()).ok_or_else(|| Absent { name: name.into() })
}

/// The folder that `scripts/servers` installs into.
fn cache() -> PathBuf {
    if let Some(folder) = env::var_os(CACHE) {
        return folder.into();
    }
    let home = env::var_os("HOME").unwrap_or_default();
    Path::new(&home).join(".cache/capability-provider-sdk")
}
