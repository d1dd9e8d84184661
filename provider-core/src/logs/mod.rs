//! What a provider has to say reaches its host.
//!
//! A library has its own copy of `log` and of `tracing`, in which nobody listens: when a host that
//! wants records configures a provider, one listener for each is put there, once for the library, and
//! every record goes to the host through the extension `cp.log/1`. A logger that the provider's author
//! set is left alone.
//!
//! A library may have made several providers, of several hosts even. A record belongs to the provider
//! on whose call the thread works ([`LogScope`]), and where it works on none, to the one that was
//! configured first and still lives.
//!
//! Nothing costs more than a comparison while no host wants to hear anything.

#![cfg_attr(
    not(any(feature = "log", feature = "tracing")),
    expect(dead_code, reason = "nobody makes records")
)]

mod host;
#[cfg(feature = "log")]
mod log_crate;
mod scope;
mod text;
#[cfg(feature = "tracing")]
mod tracing_crate;

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use once_cell::sync::OnceCell;
use parking_lot::{Mutex, RwLock};

pub use self::scope::LogScope;
pub(crate) use self::{
    host::{Ear, PROVIDER_LOG},
    scope::{Frame, for_actor, within},
};
use crate::abi::{LogRecord, Str, log_level, log_limit};

/// The providers' ways to their hosts, in the order in which they were configured.
static EARS: RwLock<Vec<Arc<Ear>>> = RwLock::new(Vec::new());
/// The highest level that any of them wants.
static LEVEL: AtomicU32 = AtomicU32::new(log_level::OFF);
/// Keeps levels from being changed by two threads at once.
static CHANGE: Mutex<()> = Mutex::new(());

/// Whether records are made at all.
pub(crate) const MADE: bool = cfg!(any(feature = "log", feature = "tracing"));

/// Whether any host wants to hear anything.
#[inline]
pub(crate) fn on() -> bool {
    level() != log_level::OFF
}

#[inline]
fn level() -> u32 {
    LEVEL.load(Ordering::Relaxed)
}

/// A provider's way to its host, once it is configured.
#[derive(Debug, Default)]
pub(crate) struct Connection(OnceCell<Arc<Ear>>);

impl Connection {
    /// From now on records go to `ear`, if it is the first one.
    pub(crate) fn connect(&self, ear: Ear) {
        if !MADE {
            return;
        }
        let ear = Arc::new(ear);
        if self.0.set(Arc::clone(&ear)).is_ok() {
            install();
            EARS.write().push(ear);
            refresh();
        }
    }

    /// Where records go.
    pub(crate) fn ear(&self) -> Option<&Arc<Ear>> {
        self.0.get()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let Some(ear) = self.0.take() else {
            return;
        };
        let mut ears = EARS.write();
        ears.retain(|other| !Arc::ptr_eq(other, &ear));
        // The last one leaves nothing behind.
        ears.shrink_to_fit();
        drop(ears);
        refresh();
    }
}

/// Listens to this library's copies of `log` and `tracing`.
fn install() {
    static INSTALLED: OnceCell<()> = OnceCell::new();
    INSTALLED.get_or_init(|| {
        #[cfg(feature = "log")]
        log_crate::install();
        #[cfg(feature = "tracing")]
        tracing_crate::install();
    });
}

/// Asks every host again how much it wants to hear.
pub(crate) fn refresh() {
    let _change = CHANGE.lock();
    let ears = EARS.read().clone();
    let highest = ears.iter().map(|ear| ear.ask()).max().unwrap_or(log_level::OFF);
    if LEVEL.swap(highest, Ordering::Relaxed) != highest {
        #[cfg(feature = "log")]
        log_crate::set_level(highest);
        #[cfg(feature = "tracing")]
        tracing_crate::level_changed();
    }
}

/// What a listener knows of a record before it is put into words.
#[derive(Debug, Clone, Copy)]
struct Origin<'a> {
    level: u32,
    target: &'a str,
    file: Option<&'a str>,
    module: Option<&'a str>,
    line: Option<u32>,
}

/// What a record says.
#[derive(Debug, Default)]
struct Said {
    message: String,
    /// The nearest first.
    fields: Vec<(String, String)>,
}

impl Said {
    /// Adds a field, unless there are too many or it is there already.
    fn add(&mut self, key: &str, value: impl FnOnce() -> String) {
        if self.fields.len() < log_limit::FIELDS as usize
            && !self.fields.iter().any(|(other, _)| other == key)
        {
            self.fields.push((text::shortened(key, log_limit::NAME).to_owned(), value()));
        }
    }
}

/// Sends a record to whom it belongs, if he wants it: only then it is put into words.
fn send(origin: &Origin<'_>, say: impl FnOnce() -> Said) {
    scope::current(|frame| {
        // No lock is held while foreign code puts the record into words, or takes it.
        let first = if frame.is_none() { EARS.read().first().cloned() } else { None };
        let Some(ear) = frame.map(|frame| frame.ear).or(first.as_ref()) else {
            return;
        };
        if origin.level > ear.level() {
            return;
        }
        let said = say();
        let (actor, op) = frame.map_or(("", ""), |frame| (frame.actor, frame.op));
        let name = |text| Str::new(text::shortened(text, log_limit::NAME));
        let fields = host::fields(&said.fields);
        ear.write(&LogRecord {
            size: host::size::<LogRecord>(),
            level: origin.level,
            line: origin.line.unwrap_or(0),
            // At most `log_limit::FIELDS`.
            field_count: u32::try_from(fields.len()).unwrap_or(0),
            fields: fields.as_ptr(),
            field_stride: size_of_val(&fields[..]).checked_div(fields.len()).unwrap_or(0),
            target: name(origin.target),
            message: Str::new(&said.message),
            file: name(origin.file.unwrap_or("")),
            module: name(origin.module.unwrap_or("")),
            actor: name(actor),
            op: name(op),
        });
    });
}
