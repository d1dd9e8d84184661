//! One error, one numbering: in the ABI, in the traits, in every report.

use std::{error::Error as StdError, fmt};

use arrayvec::ArrayString;

use crate::abi::{Status, status};

/// Any error, as the specification's signatures have it.
pub type BoxError = Box<dyn StdError + Send + Sync + 'static>;

/// What an operation of a contract returns.
pub type OpResult<T> = Result<T, BoxError>;

/// Why something failed. Each kind is a [`Status`] of the ABI, in both directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The operation failed.
    Failed,
    /// The provider has no operation of that name.
    UnknownOperation,
    /// The payload cannot be understood.
    BadRequest,
    /// The actor is not linked to this provider.
    NotLinked,
    /// The implementing side panicked; it is still usable.
    Panic,
    /// What stands behind it cannot be reached at present.
    Unavailable,
    /// It took too long.
    Timeout,
    /// The caller gave up.
    Cancelled,
    /// Stopped, or about to be.
    Stopping,
    /// A message is larger than the limit.
    TooLarge,
    /// No memory.
    NoMemory,
    /// A structure is not what the ABI describes.
    AbiMismatch,
    /// It cannot be done now without waiting.
    WouldBlock,
    /// The caller may not do this.
    Denied,
    /// It was done before and can be done only once.
    Already,
    /// A number that belongs to the contract: 1000 to 1999.
    Contract(u16),
}

impl ErrorKind {
    /// Every kind that the ABI numbers, in the order of the numbers.
    pub const ALL: [Self; 15] = [
        Self::Failed,
        Self::UnknownOperation,
        Self::BadRequest,
        Self::NotLinked,
        Self::Panic,
        Self::Unavailable,
        Self::Timeout,
        Self::Cancelled,
        Self::Stopping,
        Self::TooLarge,
        Self::NoMemory,
        Self::AbiMismatch,
        Self::WouldBlock,
        Self::Denied,
        Self::Already,
    ];

    /// The number in the ABI. A contract's number outside 1000 to 1999 counts as `FAILED`.
    #[must_use]
    pub fn status(self) -> Status {
        match self {
            Self::Failed => status::FAILED,
            Self::UnknownOperation => status::UNKNOWN_OPERATION,
            Self::BadRequest => status::BAD_REQUEST,
            Self::NotLinked => status::NOT_LINKED,
            Self::Panic => status::PANIC,
            Self::Unavailable => status::UNAVAILABLE,
            Self::Timeout => status::TIMEOUT,
            Self::Cancelled => status::CANCELLED,
            Self::Stopping => status::STOPPING,
            Self::TooLarge => status::TOO_LARGE,
            Self::NoMemory => status::NO_MEMORY,
            Self::AbiMismatch => status::ABI_MISMATCH,
            Self::WouldBlock => status::WOULD_BLOCK,
            Self::Denied => status::DENIED,
            Self::Already => status::ALREADY,
            Self::Contract(number) => match Status::from(number) {
                number @ status::CONTRACT_FIRST..=status::CONTRACT_LAST => number,
                _ => status::FAILED,
            },
        }
    }

    /// The kind of a number that is not `OK`. One that the ABI does not list counts as
    /// [`Failed`](Self::Failed).
    #[must_use]
    pub fn from_status(status: Status) -> Self {
        match status {
            status::UNKNOWN_OPERATION => Self::UnknownOperation,
            status::BAD_REQUEST => Self::BadRequest,
            status::NOT_LINKED => Self::NotLinked,
            status::PANIC => Self::Panic,
            status::UNAVAILABLE => Self::Unavailable,
            status::TIMEOUT => Self::Timeout,
            status::CANCELLED => Self::Cancelled,
            status::STOPPING => Self::Stopping,
            status::TOO_LARGE => Self::TooLarge,
            status::NO_MEMORY => Self::NoMemory,
            status::ABI_MISMATCH => Self::AbiMismatch,
            status::WOULD_BLOCK => Self::WouldBlock,
            status::DENIED => Self::Denied,
            status::ALREADY => Self::Already,
            status::CONTRACT_FIRST..=status::CONTRACT_LAST => {
                u16::try_from(status).map_or(Self::Failed, Self::Contract)
            }
            _ => Self::Failed,
        }
    }

    /// The name that reports and logs use, for example `not linked`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::UnknownOperation => "unknown operation",
            Self::BadRequest => "bad request",
            Self::NotLinked => "not linked",
            Self::Panic => "panic",
            Self::Unavailable => "unavailable",
            Self::Timeout => "timeout",
            Self::Cancelled => "cancelled",
            Self::Stopping => "stopping",
            Self::TooLarge => "too large",
            Self::NoMemory => "no memory",
            Self::AbiMismatch => "abi mismatch",
            Self::WouldBlock => "would block",
            Self::Denied => "denied",
            Self::Already => "already",
            Self::Contract(_) => "error of the contract",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// As the [`source`](StdError::source) of another error, its kind: see [`Error::from_boxed`].
impl StdError for ErrorKind {}

/// An error with a kind and a message, as it travels between a host and a provider.
///
/// It is one address wide, so that a call that succeeds pays nothing for it.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: Message,
    source: Option<BoxError>,
}

/// So many bytes of a message need no allocation of their own.
const SHORT: usize = 44;

/// A message. Most are short, and errors are no rarity: actors probe.
enum Message {
    Short(ArrayString<SHORT>),
    Long(String),
}

impl Message {
    fn as_str(&self) -> &str {
        match self {
            Self::Short(text) => text,
            Self::Long(text) => text,
        }
    }
}

impl Error {
    /// An error of `kind` that says `message`: one clause, lower case, without a full stop.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl AsRef<str> + Into<String>) -> Self {
        let message = match ArrayString::from(message.as_ref()) {
            Ok(short) => Message::Short(short),
            Err(_) => Message::Long(message.into()),
        };
        Self(Box::new(Inner { kind, message, source: None }))
    }

    /// An error of `kind` whose message is `parts`, one after the other.
    #[cfg(feature = "export")]
    pub(crate) fn joined(kind: ErrorKind, parts: &[&str]) -> Self {
        let mut short = ArrayString::new();
        let message = if parts.iter().all(|part| short.try_push_str(part).is_ok()) {
            Message::Short(short)
        } else {
            Message::Long(parts.concat())
        };
        Self(Box::new(Inner { kind, message, source: None }))
    }

    /// An error of `kind` with the message of `source`, which stays reachable as its
    /// [`source`](StdError::source).
    #[must_use]
    pub fn with_source(kind: ErrorKind, source: impl Into<BoxError>) -> Self {
        let source = source.into();
        let mut error = Self::new(kind, chain(&*source));
        error.0.source = Some(source);
        error
    }

    /// `error` itself if it is an [`Error`], else an error with the messages of `error` and its sources.
    /// Its kind is that of the first [`Error`] or [`ErrorKind`] among the sources, or
    /// [`Failed`](ErrorKind::Failed).
    ///
    /// So an error type says of what kind it is with its [`source`](StdError::source):
    ///
    /// ```
    /// use std::{error, fmt};
    ///
    /// use provider_core::{BoxError, Error, ErrorKind};
    ///
    /// #[derive(Debug)]
    /// enum StoreError {
    ///     Full,
    ///     Gone,
    /// }
    ///
    /// impl fmt::Display for StoreError {
    ///     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    ///         f.write_str(match self {
    ///             Self::Full => "the store is full",
    ///             Self::Gone => "the store is gone",
    ///         })
    ///     }
    /// }
    ///
    /// impl error::Error for StoreError {
    ///     fn source(&self) -> Option<&(dyn error::Error + 'static)> {
    ///         Some(match self {
    ///             Self::Full => &ErrorKind::Contract(1001),
    ///             Self::Gone => &ErrorKind::Unavailable,
    ///         })
    ///     }
    /// }
    ///
    /// fn put() -> Result<(), BoxError> {
    ///     Err(StoreError::Gone)?
    /// }
    ///
    /// let error = Error::from_boxed(put().unwrap_err());
    /// assert_eq!(error.kind(), ErrorKind::Unavailable);
    /// assert_eq!(error.message(), "the store is gone");
    /// ```
    #[must_use]
    pub fn from_boxed(error: BoxError) -> Self {
        match error.downcast::<Self>() {
            Ok(error) => *error,
            Err(error) => {
                let kind = kind_of(&*error).unwrap_or(ErrorKind::Failed);
                Self::with_source(kind, error)
            }
        }
    }

    /// Whether it was made from another error.
    #[cfg(feature = "export")]
    pub(crate) fn has_origin(&self) -> bool {
        self.0.source.is_some()
    }

    /// Why it failed.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What it says.
    #[must_use]
    pub fn message(&self) -> &str {
        self.0.message.as_str()
    }

    /// The same error with `context` and a colon before its message.
    #[must_use]
    pub fn context(mut self, context: impl fmt::Display) -> Self {
        self.0.message = Message::Long(format!("{context}: {}", self.message()));
        self
    }
}

/// The kind that an error or one of its sources has.
fn kind_of(error: &(dyn StdError + 'static)) -> Option<ErrorKind> {
    let mut next = Some(error);
    for _ in 0..=SOURCES {
        let error = next?;
        if let Some(error) = error.downcast_ref::<Error>() {
            return Some(error.kind());
        }
        if let Some(kind) = error.downcast_ref::<ErrorKind>() {
            return Some(*kind);
        }
        next = error.source();
    }
    None
}

/// How many sources of an error are told. Some errors are their own source.
const SOURCES: usize = 16;

/// The messages of an error and its sources: an actor sees one line and nothing else.
fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    for _ in 0..SOURCES {
        let Some(source) = next else { break };
        next = source.source();
        // It says what the author says in words.
        if source.is::<ErrorKind>() {
            continue;
        }
        let message = source.to_string();
        // Many errors repeat their source; saying it twice helps nobody.
        if !text.contains(&message) {
            text.push_str(": ");
            text.push_str(&message);
        }
    }
    text
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("message", &self.message())
            .finish()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        // The message holds the source's own words already; what comes behind it is the source's
        // source.
        self.0.source.as_ref().and_then(|source| source.source())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_survives_the_way_through_its_number() {
        for kind in
            ErrorKind::ALL.into_iter().chain([ErrorKind::Contract(1000), ErrorKind::Contract(1999)])
        {
            assert_eq!(ErrorKind::from_status(kind.status()), kind);
        }
    }

    #[test]
    fn a_number_that_is_not_listed_counts_as_failed() {
        for number in [-1, 16, 999, 2000, i32::MIN, i32::MAX] {
            assert_eq!(ErrorKind::from_status(number), ErrorKind::Failed, "{number}");
        }
        assert_eq!(ErrorKind::Contract(7).status(), status::FAILED);
    }

    #[test]
    fn an_error_that_is_its_own_source_is_told_once() {
        #[derive(Debug)]
        struct Circular;

        impl fmt::Display for Circular {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("round and round")
            }
        }

        impl StdError for Circular {
            fn source(&self) -> Option<&(dyn StdError + 'static)> {
                Some(self)
            }
        }

        assert_eq!(Error::from_boxed(Circular.into()).message(), "round and round");
    }

    #[test]
    fn an_error_in_a_box_keeps_its_kind_and_any_other_becomes_failed_with_all_its_messages() {
        let kept = Error::from_boxed(Error::new(ErrorKind::Timeout, "no answer").into());
        assert_eq!((kept.kind(), kept.message()), (ErrorKind::Timeout, "no answer"));
        let other = Error::from_boxed("plain".into());
        assert_eq!((other.kind(), other.message()), (ErrorKind::Failed, "plain"));
    }
}
