//! Where a provider's records go.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use parking_lot::RwLock;
use provider_core::{__private::discard, abi::log_level};

/// How important a record is, or up to which records are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u32)]
pub enum LogLevel {
    /// Nothing is wanted. No record has it.
    Off = log_level::OFF,
    /// Something failed.
    Error = log_level::ERROR,
    /// Something may fail soon, or was mended.
    Warn = log_level::WARN,
    /// Worth knowing in operation.
    Info = log_level::INFO,
    /// For whoever looks for a mistake.
    Debug = log_level::DEBUG,
    /// Everything.
    Trace = log_level::TRACE,
}

impl LogLevel {
    /// All of them, from nothing to everything.
    pub const ALL: [Self; 6] =
        [Self::Off, Self::Error, Self::Warn, Self::Info, Self::Debug, Self::Trace];

    /// Its name: `off`, `error`, `warn`, `info`, `debug` or `trace`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }

    /// The level of a record with this number.
    pub(crate) fn of_record(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|level| *level != Self::Off && *level as u32 == number)
    }
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for LogLevel {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|level| level.name().eq_ignore_ascii_case(text)).ok_or_else(
            || format!("`{text}` is no level: off, error, warn, info, debug and trace are"),
        )
    }
}

/// What a provider said, checked. It is borrowed from the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogRecord<'a> {
    /// How important it is.
    pub level: LogLevel,
    /// What it is about, for filters: as a rule the module.
    pub target: &'a str,
    /// What is said. It may have line breaks and control characters: escape it for a terminal.
    pub message: &'a str,
    /// Keys with their values as text, those of the spans around it included.
    pub fields: Vec<(&'a str, &'a str)>,
    /// Public key of the actor on whose behalf the provider works, if it is on anybody's.
    pub actor: Option<&'a str>,
    /// The operation that is served, if one is.
    pub op: Option<&'a str>,
    /// The module.
    pub module: Option<&'a str>,
    /// The source file.
    pub file: Option<&'a str>,
    /// The line in the source file.
    pub line: Option<u32>,
}

impl<'a> LogRecord<'a> {
    /// A record of the host's own about the provider.
    #[must_use]
    pub fn new(level: LogLevel, target: &'a str, message: &'a str) -> Self {
        let fields = Vec::new();
        Self {
            level,
            target,
            message,
            fields,
            actor: None,
            op: None,
            module: None,
            file: None,
            line: None,
        }
    }
}

/// Takes what a provider says: [`Created::log_to`](crate::Created::log_to).
///
/// It is called on the provider's threads, many at a time, within the provider's calls and outside of
/// them. It waits for nothing slow, and it does not call the provider. A panic in it ends nothing.
///
/// A closure that takes a record is one.
pub trait LogSink: Send + Sync + 'static {
    /// Takes a record of a wanted level.
    fn record(&self, record: &LogRecord<'_>);

    /// Takes a record above the wanted level. One that is on its way while the level changes is no
    /// mistake; a provider that never asks for the level makes one. Does nothing by default.
    fn unwanted(&self, record: &LogRecord<'_>) {
        let _ = record;
    }

    /// A record broke the rules of the ABI, or its table did. By default a record of level
    /// [`Warn`](LogLevel::Warn) with target `provider_host` says so.
    fn refused(&self, problem: &str) {
        self.record(&LogRecord::new(LogLevel::Warn, "provider_host", problem));
    }
}

impl<F: Fn(&LogRecord<'_>) + Send + Sync + 'static> LogSink for F {
    fn record(&self, record: &LogRecord<'_>) {
        self(record);
    }
}

/// Where the records of one provider go, and which are wanted.
pub(crate) struct Logs {
    level: AtomicU32,
    sink: RwLock<Option<Arc<dyn LogSink>>>,
}

impl Default for Logs {
    fn default() -> Self {
        #[cfg(feature = "log")]
        let (level, sink) = (own::level(), Some(Arc::new(own::Logger) as Arc<dyn LogSink>));
        #[cfg(not(feature = "log"))]
        let (level, sink) = (LogLevel::Off, None);
        Self { level: AtomicU32::new(level as u32), sink: RwLock::new(sink) }
    }
}

impl Logs {
    pub(crate) fn level(&self) -> LogLevel {
        let number = self.level.load(Ordering::SeqCst);
        LogLevel::of_record(number).unwrap_or(LogLevel::Off)
    }

    pub(crate) fn set_level(&self, level: LogLevel) {
        self.level.store(level as u32, Ordering::SeqCst);
    }

    pub(crate) fn set_sink(&self, sink: Option<Arc<dyn LogSink>>) {
        let before = std::mem::replace(&mut *self.sink.write(), sink);
        // Outside the lock: dropping a sink runs foreign code.
        discard(before);
    }

    /// The provider is gone: nothing is wanted any more, and nobody takes it.
    pub(crate) fn close(&self) {
        self.set_level(LogLevel::Off);
        self.set_sink(None);
    }

    /// Passes on what the provider said.
    pub(crate) fn take(&self, record: &Result<LogRecord<'_>, String>) {
        // The lock is not held while the sink takes it.
        let Some(sink) = self.sink.read().clone() else {
            return;
        };
        let taken = catch_unwind(AssertUnwindSafe(|| match record {
            Ok(record) if record.level <= self.level() => sink.record(record),
            Ok(record) => sink.unwanted(record),
            Err(problem) => sink.refused(problem),
        }));
        if let Err(panic) = taken {
            // The panic's hook has said it.
            discard(panic);
        }
        // If it was replaced meanwhile, this is the last of it.
        discard(sink);
    }
}

/// This program's own logger.
#[cfg(feature = "log")]
mod own {
    use log::{
        Level, Record,
        kv::{Error, Source, ToKey, ToValue, VisitSource},
    };

    use super::{LogLevel, LogRecord, LogSink};

    pub(super) struct Logger;

    /// What it wants now.
    pub(super) fn level() -> LogLevel {
        LogLevel::ALL[log::max_level() as usize]
    }

    impl LogSink for Logger {
        fn record(&self, record: &LogRecord<'_>) {
            let level = match record.level {
                LogLevel::Off => return,
                LogLevel::Error => Level::Error,
                LogLevel::Warn => Level::Warn,
                LogLevel::Info => Level::Info,
                LogLevel::Debug => Level::Debug,
                LogLevel::Trace => Level::Trace,
            };
            let logger = log::logger();
            let mut metadata = log::Metadata::builder();
            let metadata = metadata.level(level).target(record.target).build();
            if level <= log::max_level() && logger.enabled(&metadata) {
                logger.log(
                    &Record::builder()
                        .metadata(metadata)
                        .args(format_args!("{}", record.message))
                        .module_path(record.module)
                        .file(record.file)
                        .line(record.line)
                        .key_values(&Fields(record))
                        .build(),
                );
            }
        }
    }

    struct Fields<'a>(&'a LogRecord<'a>);

    impl Source for Fields<'_> {
        fn visit<'kvs>(&'kvs self, visitor: &mut dyn VisitSource<'kvs>) -> Result<(), Error> {
            let about = [("actor", self.0.actor), ("op", self.0.op)];
            let about = about.iter().filter_map(|(key, value)| Some((*key, (*value)?)));
            // A record that names its actor itself, for programs that it is linked into, says it once.
            let fields = self.0.fields.iter().copied();
            let fields = fields.filter(|field| !about.clone().any(|known| known == *field));
            for (key, value) in about.clone().chain(fields) {
                visitor.visit_pair(key.to_key(), value.to_value())?;
            }
            Ok(())
        }
    }

    #[cfg(test)]
    mod tests {
        use std::collections::BTreeMap;

        use log::kv::{Key, Value};

        use super::*;

        /// Fails when a key comes twice.
        struct Once(BTreeMap<String, String>);

        impl<'kvs> VisitSource<'kvs> for Once {
            fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
                assert_eq!(self.0.insert(key.to_string(), value.to_string()), None);
                Ok(())
            }
        }

        #[test]
        fn a_record_that_names_its_actor_itself_says_it_once() {
            let mut record = LogRecord::new(LogLevel::Info, "t", "m");
            record.actor = Some("MACTOR");
            record.fields = vec![("actor", "MACTOR"), ("part", "1")];
            let mut seen = Once(BTreeMap::new());
            Fields(&record).visit(&mut seen).unwrap();
            let expected = [("actor", "MACTOR"), ("part", "1")];
            let expected = expected.map(|(key, value)| (key.to_owned(), value.to_owned()));
            assert_eq!(seen.0, expected.into());
        }
    }
}
