//! The listener of this library's copy of `log`.

use log::{
    Level, LevelFilter, Log, Metadata, Record,
    kv::{self, VisitSource},
};

use super::{Origin, Said, send, text};
use crate::abi::{log_level, log_limit};

struct Listener;

/// Listens, unless somebody else does already.
pub(super) fn install() {
    // The author set a logger: it stays, and what it does with the records is the author's affair.
    let _ = log::set_logger(&Listener);
}

/// From now on records up to `level` are made.
pub(super) fn set_level(level: u32) {
    log::set_max_level(match level {
        log_level::OFF => LevelFilter::Off,
        log_level::ERROR => LevelFilter::Error,
        log_level::WARN => LevelFilter::Warn,
        log_level::INFO => LevelFilter::Info,
        log_level::DEBUG => LevelFilter::Debug,
        _ => LevelFilter::Trace,
    });
}

fn number(level: Level) -> u32 {
    match level {
        Level::Error => log_level::ERROR,
        Level::Warn => log_level::WARN,
        Level::Info => log_level::INFO,
        Level::Debug => log_level::DEBUG,
        Level::Trace => log_level::TRACE,
    }
}

impl Log for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        number(metadata.level()) <= super::level()
    }

    fn log(&self, record: &Record<'_>) {
        let origin = Origin {
            level: number(record.level()),
            target: record.target(),
            file: record.file(),
            module: record.module_path(),
            line: record.line(),
        };
        send(&origin, || {
            let message = text::shown(*record.args(), log_limit::MESSAGE);
            let mut said = Said { message, fields: Vec::new() };
            // A source that fails has given what it could; each value is guarded by itself.
            let _ = record.key_values().visit(&mut Fields(&mut said));
            said
        });
    }

    fn flush(&self) {}
}

struct Fields<'a>(&'a mut Said);

impl<'kvs> VisitSource<'kvs> for Fields<'_> {
    fn visit_pair(&mut self, key: kv::Key<'kvs>, value: kv::Value<'kvs>) -> Result<(), kv::Error> {
        self.0.add(key.as_str(), || text::shown(format_args!("{value}"), log_limit::VALUE));
        Ok(())
    }
}
