//! What a provider is, and why a file is none that can be checked.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use provider_core::{
    abi::{self, op_flags},
    description,
};
use provider_host::{Direction, Library, OpenError, Operation};
use serde::{Deserialize, Serialize};

use crate::{CONFIG_FILE, CheckReport, Sample, flags, image};

/// What a provider is: its file, and what it says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Identity {
    /// Where its library is.
    pub path: PathBuf,
    /// SHA-256 of the library, in hexadecimal digits.
    pub sha256: String,
    /// Size of the library in bytes.
    pub size: u64,
    /// Format and architecture of the library, for example `ELF, x86_64`.
    pub format: String,
    /// Major and minor version of the ABI that it speaks.
    #[serde(with = "flags::AbiVersion")]
    #[cfg_attr(feature = "schema", schemars(with = "flags::AbiVersion"))]
    pub abi: (u32, u32),
    /// The contract that it implements, `vendor:name`.
    pub contract: String,
    /// Vendor of the provider.
    pub vendor: String,
    /// Name of the provider.
    pub name: String,
    /// Version of the provider.
    pub version: String,
    /// Counts releases of the provider, 0 when they are not counted.
    pub revision: u32,
    /// Compiler, SDK and target.
    pub build: String,
    /// Bits of the descriptor's flags; their names in JSON.
    #[serde(with = "flags::Named::<false>")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<String>"))]
    pub flags: u32,
    /// The contract's operations, in the provider's order.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<OpDocument>"))]
    pub ops: Vec<OpIdentity>,
    /// What it says of itself beyond that: types, examples, link values. It is no part of a report.
    #[serde(skip)]
    pub description: Option<description::Description>,
}

/// One operation of a provider's contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "OpDocument", into = "OpDocument")]
pub struct OpIdentity {
    /// Its name.
    pub name: String,
    /// Its documentation, Markdown.
    pub doc: String,
    /// Bits of the operation's flags.
    pub flags: u32,
    /// Whether actors call it; else the provider calls actors with it.
    pub actor_to_provider: bool,
    /// Whether it may be sent again when it is not known whether it was done.
    pub idempotent: bool,
    /// Whether new actors should not use it.
    pub deprecated: bool,
}

/// One operation of a provider's contract, in JSON.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "OpIdentity"))]
struct OpDocument {
    /// Its name.
    name: String,
    /// Who calls whom.
    direction: Towards,
    /// Names of its flags.
    #[serde(with = "flags::Named::<true>")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<String>"))]
    flags: u32,
    /// Its documentation, Markdown.
    doc: String,
}

/// Who calls whom.
#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Direction"))]
#[serde(rename_all = "kebab-case")]
enum Towards {
    /// An actor calls the provider.
    ActorToProvider,
    /// The provider calls an actor.
    ProviderToActor,
}

impl From<OpDocument> for OpIdentity {
    fn from(op: OpDocument) -> Self {
        Self {
            name: op.name,
            doc: op.doc,
            flags: op.flags,
            actor_to_provider: op.direction == Towards::ActorToProvider,
            idempotent: op.flags & op_flags::IDEMPOTENT != 0,
            deprecated: op.flags & op_flags::DEPRECATED != 0,
        }
    }
}

impl From<OpIdentity> for OpDocument {
    fn from(op: OpIdentity) -> Self {
        let direction =
            if op.actor_to_provider { Towards::ActorToProvider } else { Towards::ProviderToActor };
        Self { name: op.name, direction, flags: op.flags, doc: op.doc }
    }
}

impl OpIdentity {
    /// The names of its flags; a flag without a name is its number.
    #[must_use]
    pub fn flag_names(&self) -> Vec<String> {
        flags::OPERATION.of(self.flags)
    }
}

impl From<&Operation> for OpIdentity {
    fn from(op: &Operation) -> Self {
        Self {
            name: op.name.clone(),
            doc: op.doc.clone(),
            flags: op.flags,
            actor_to_provider: op.direction == Direction::ActorToProvider,
            idempotent: op.is_idempotent(),
            deprecated: op.is_deprecated(),
        }
    }
}

/// What a library says of itself, as its own process reports it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "fuzzing"), derive(Default))]
pub(crate) struct Described {
    abi: (u32, u32),
    flags: u32,
    revision: u32,
    contract: String,
    vendor: String,
    name: String,
    version: String,
    build: String,
    ops: Vec<OpIdentity>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    document: Option<Box<description::Description>>,
}

impl Described {
    /// What `library` says of itself, all of it.
    pub(crate) fn of(library: &Library) -> Result<Self, OpenError> {
        let document = library.describe()?.map(Box::new);
        let description = library.description();
        Ok(Self {
            abi: description.abi,
            flags: description.flags,
            revision: description.revision,
            contract: description.contract.clone(),
            vendor: description.vendor.clone(),
            name: description.name.clone(),
            version: description.version.clone(),
            build: description.build.clone(),
            ops: description.ops.iter().map(OpIdentity::from).collect(),
            document,
        })
    }

    pub(crate) fn contract(&self) -> &str {
        &self.contract
    }

    /// The names of the operations that actors call.
    pub(crate) fn called_ops(&self) -> impl Iterator<Item = &str> {
        let called = self.ops.iter().filter(|op| op.actor_to_provider);
        called.map(|op| op.name.as_str())
    }

    /// The contract's examples of `op`.
    pub(crate) fn examples(&self, op: &str) -> Vec<Sample> {
        let op = self.document.as_ref().and_then(|document| document.operation(op));
        let examples = op.into_iter().flat_map(|op| &op.examples);
        examples
            .map(|example| Sample {
                request: example.request.clone(),
                response: example.reply.clone(),
            })
            .collect()
    }

    /// Bits of the descriptor's flags.
    pub(crate) fn flags(&self) -> u32 {
        self.flags
    }
}

impl Identity {
    pub(crate) fn new(
        path: &Path,
        sha256: String,
        size: u64,
        format: String,
        described: Described,
    ) -> Self {
        Self {
            path: path.to_owned(),
            sha256,
            size,
            format,
            abi: described.abi,
            contract: described.contract,
            vendor: described.vendor,
            name: described.name,
            version: described.version,
            revision: described.revision,
            build: described.build,
            flags: described.flags,
            ops: described.ops,
            description: described.document.map(|document| *document),
        }
    }

    /// The names of the descriptor's flags; a flag without a name is its number.
    #[must_use]
    pub fn flag_names(&self) -> Vec<String> {
        flags::DESCRIPTOR.of(self.flags)
    }

    /// The operations that actors call.
    pub(crate) fn called_ops(&self) -> impl Iterator<Item = &OpIdentity> {
        self.ops.iter().filter(|op| op.actor_to_provider)
    }
}

/// Why no check can be made of a file: one line.
#[derive(Debug)]
pub struct Unusable {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a file that is no provider.
#[derive(Debug)]
#[non_exhaustive]
pub enum Problem {
    /// There is no such file.
    Missing,
    /// It is a folder or a device.
    NotAFile,
    /// It cannot be read: what the operating system says.
    Unreadable(String),
    /// It has no contents.
    Empty,
    /// It is a text.
    Text,
    /// It is for another operating system, or for no linker at all.
    Foreign {
        /// What it is.
        found: String,
    },
    /// It is for another processor.
    Architecture {
        /// The processor that it is for.
        found: String,
    },
    /// It begins like a library and is none.
    Damaged {
        /// What is wrong.
        reason: String,
    },
    /// It is no shared library.
    NotShared {
        /// What it is.
        found: &'static str,
    },
    /// It does not export what a provider exports.
    NoSymbols {
        /// The function that is missing.
        missing: &'static str,
        /// An exported function of a similar name.
        nearest: Option<String>,
    },
    /// It needs a library that is not there.
    Needed {
        /// The library, with its path.
        missing: String,
    },
    /// It was built for the interface of 2020 and 2021.
    OldInterface,
    /// It speaks another major version of the ABI.
    Abi {
        /// Its major and minor version.
        theirs: (u32, u32),
    },
    /// The loader does not take it: what the loader says.
    Load(String),
    /// What it says of itself breaks the ABI's rules: which, and where.
    Descriptor(String),
    /// It crashed, hung, panicked or ended the process while it was loaded or described itself.
    Died(Box<CheckReport>),
    /// The options do not fit it: which, and why.
    Options(String),
    /// The testkit itself went wrong.
    Testkit(String),
}

impl Unusable {
    /// The check whose rule it breaks.
    #[must_use]
    pub fn check(&self) -> &'static str {
        match &self.problem {
            Problem::NoSymbols { .. } | Problem::OldInterface => "abi::exports",
            Problem::Needed { .. } => "abi::needed",
            Problem::Load(_) | Problem::Died(_) | Problem::Testkit(_) => "load::now",
            Problem::Abi { .. } | Problem::Descriptor(_) => "load::describe",
            _ => "abi::format",
        }
    }

    /// The exit code of a program that stops because of it: 1 when the provider has failed a check,
    /// 2 when the file is none that can be used or the options are wrong, 4 when the testkit itself
    /// went wrong.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match &self.problem {
            // The loader or we could take it, had it not broken a rule.
            Problem::Needed { .. }
            | Problem::Load(_)
            | Problem::Descriptor(_)
            | Problem::Died(_) => 1,
            Problem::Testkit(_) => 4,
            _ => 2,
        }
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.path.display(), self.problem)
    }
}

impl std::error::Error for Unusable {}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("there is no such file"),
            Self::NotAFile => f.write_str("not a file: the path of a shared library is expected"),
            Self::Unreadable(reason) => write!(f, "cannot be read: {reason}"),
            Self::Empty => f.write_str("the file is empty"),
            Self::Text => f.write_str("a text and no shared library"),
            Self::Foreign { found } => {
                write!(f, "{found}, a shared library ({}) is needed", image::native())
            }
            Self::Architecture { found } => {
                write!(f, "built for {found}, this machine is {}", image::native())
            }
            Self::Damaged { reason } => write!(f, "a damaged library: {reason}"),
            Self::NotShared { found } => {
                write!(f, "{found} and no shared library (crate-type \"cdylib\" makes one)")
            }
            Self::NoSymbols { missing, nearest } => {
                write!(f, "no capability provider: it exports no function `{missing}`")?;
                match nearest {
                    Some(nearest) => write!(f, ", the nearest name is `{nearest}`"),
                    None => Ok(()),
                }
            }
            Self::Needed { missing } => write!(f, "it needs `{missing}`, which is not there"),
            Self::OldInterface => write!(
                f,
                "built for the Rust-only interface of 2021 (it exports `{}` and not `{}`), this testkit \
                 speaks ABI {}.{}: rebuild it with provider-core",
                abi::CREATE_SYMBOL,
                abi::DESCRIBE_SYMBOL,
                abi::ABI_MAJOR,
                abi::ABI_MINOR
            ),
            Self::Abi { theirs: (major, minor) } => write!(
                f,
                "speaks ABI {major}.{minor}, this testkit speaks {}.{}",
                abi::ABI_MAJOR,
                abi::ABI_MINOR
            ),
            Self::Load(reason) => write!(f, "cannot be loaded: {reason}"),
            Self::Descriptor(problem) => write!(f, "describes itself wrongly: {problem}"),
            Self::Died(report) => {
                let during =
                    report.steps.last().map_or("while the process began", |step| {
                        match step.call.as_str() {
                            "dlopen" => "while it was loaded",
                            _ => "while it described itself",
                        }
                    });
                write!(f, "{during}: {}", report.summary)
            }
            Self::Options(reason) => write!(f, "`{CONFIG_FILE}` does not fit it: {reason}"),
            Self::Testkit(reason) => write!(f, "the testkit went wrong: {reason}"),
        }
    }
}
