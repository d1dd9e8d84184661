//! Why a library is no provider that this host can use.

use std::{fmt, io, path::PathBuf};

use provider_core::abi;

/// Why a library cannot be opened. Each message is one line and names the library.
#[derive(Debug)]
#[non_exhaustive]
pub enum OpenError {
    /// The file cannot be read.
    File {
        /// The library.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The operating system's loader does not take it.
    Load {
        /// The library.
        path: PathBuf,
        /// What the loader says.
        reason: String,
    },
    /// It exports neither of the two functions.
    NotAProvider {
        /// The library.
        path: PathBuf,
    },
    /// It exports only `__capability_provider_create`: it was built for the interface of 2020 and
    /// 2021, which passed Rust trait objects. Nothing of it was called.
    OldInterface {
        /// The library.
        path: PathBuf,
    },
    /// It speaks another major version of the ABI.
    AbiVersion {
        /// The library.
        path: PathBuf,
        /// The library's major and minor version.
        theirs: (u32, u32),
    },
    /// What it says of itself breaks the ABI's rules.
    Descriptor {
        /// The library.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// It made no provider, or one that breaks the ABI's rules.
    Create {
        /// The library.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, source } => write!(f, "cannot open `{}`: {source}", path.display()),
            Self::Load { path, reason } => {
                write!(f, "`{}` is no library that can be loaded here: {reason}", path.display())
            }
            Self::NotAProvider { path } => write!(
                f,
                "`{}` is no capability provider: it exports neither `{}` nor `{}`",
                path.display(),
                abi::DESCRIBE_SYMBOL,
                abi::CREATE_SYMBOL
            ),
            Self::OldInterface { path } => write!(
                f,
                "`{}` was built for the Rust-only interface of 2021 (it exports `{}` but not `{}`), \
                 this host speaks ABI {}.{}: rebuild it with provider-core",
                path.display(),
                abi::CREATE_SYMBOL,
                abi::DESCRIBE_SYMBOL,
                abi::ABI_MAJOR,
                abi::ABI_MINOR
            ),
            Self::AbiVersion { path, theirs: (major, minor) } => write!(
                f,
                "`{}` speaks ABI {major}.{minor}, this host (provider-host {}) ABI {}.{}",
                path.display(),
                env!("CARGO_PKG_VERSION"),
                abi::ABI_MAJOR,
                abi::ABI_MINOR
            ),
            Self::Descriptor { path, problem } => {
                write!(f, "`{}` describes itself wrongly: {problem}", path.display())
            }
            Self::Create { path, problem } => {
                write!(f, "`{}` made no usable provider: {problem}", path.display())
            }
        }
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File { source, .. } => Some(source),
            _ => None,
        }
    }
}
