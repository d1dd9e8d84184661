//! The listener of this library's copy of `tracing`.
//!
//! Events are records. The fields of the spans around an event are added to its own, the nearest
//! first, without those that are there already.

use std::{
    cell::RefCell,
    collections::HashMap,
    fmt, iter,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use parking_lot::{Mutex, RwLock};
use tracing_core::{
    Event, Level, LevelFilter, Metadata, Subscriber,
    callsite::rebuild_interest_cache,
    dispatcher::{Dispatch, set_global_default},
    field::{Field, Visit},
    span::{Attributes, Current, Id, Record},
};

use super::{Origin, Said, send, text};
use crate::abi::{log_level, log_limit};

/// The field that is an event's message.
const MESSAGE: &str = "message";

thread_local! {
    /// The spans that this thread is in.
    static ENTERED: RefCell<Vec<Id>> = const { RefCell::new(Vec::new()) };
}

/// Listens, unless somebody else does already.
pub(super) fn install() {
    let listener = Listener { spans: RwLock::default(), next: AtomicU64::new(1) };
    // The author set a subscriber: it stays, and what it does is the author's affair.
    let _ = set_global_default(Dispatch::new(listener));
}

/// What is made is decided anew.
pub(super) fn level_changed() {
    rebuild_interest_cache();
}

fn number(level: Level) -> u32 {
    match level {
        Level::ERROR => log_level::ERROR,
        Level::WARN => log_level::WARN,
        Level::INFO => log_level::INFO,
        Level::DEBUG => log_level::DEBUG,
        Level::TRACE => log_level::TRACE,
    }
}

struct Listener {
    spans: RwLock<HashMap<u64, Arc<Span>>>,
    next: AtomicU64,
}

/// A span that was made and not closed yet.
struct Span {
    metadata: &'static Metadata<'static>,
    parent: Option<Arc<Span>>,
    said: Mutex<Said>,
    handles: AtomicUsize,
}

impl Listener {
    fn span(&self, id: &Id) -> Option<Arc<Span>> {
        self.spans.read().get(&id.into_u64()).cloned()
    }

    /// The innermost span that this thread is in.
    fn innermost(&self) -> Option<(Id, Arc<Span>)> {
        // A thread that ends has left its spans.
        let id = ENTERED.try_with(|entered| entered.borrow().last().cloned()).ok()??;
        let span = self.span(&id)?;
        Some((id, span))
    }

    fn around(&self, contextual: bool, parent: Option<&Id>) -> Option<Arc<Span>> {
        match parent {
            Some(parent) => self.span(parent),
            None if contextual => self.innermost().map(|(_, span)| span),
            None => None,
        }
    }
}

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        number(*metadata.level()) <= super::level()
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(match super::level() {
            log_level::OFF => LevelFilter::OFF,
            log_level::ERROR => LevelFilter::ERROR,
            log_level::WARN => LevelFilter::WARN,
            log_level::INFO => LevelFilter::INFO,
            log_level::DEBUG => LevelFilter::DEBUG,
            _ => LevelFilter::TRACE,
        })
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut said = Said::default();
        attributes.record(&mut Words(&mut said));
        let span = Span {
            metadata: attributes.metadata(),
            parent: self.around(attributes.is_contextual(), attributes.parent()),
            said: Mutex::new(said),
            handles: AtomicUsize::new(1),
        };
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        self.spans.write().insert(id, Arc::new(span));
        Id::from_u64(id)
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        if let Some(span) = self.span(id) {
            // Put into words before anything is locked: foreign code does it.
            let mut said = Said::default();
            values.record(&mut Words(&mut said));
            let mut known = span.said.lock();
            for (key, value) in said.fields {
                match known.fields.iter_mut().find(|(other, _)| *other == key) {
                    Some((_, old)) => *old = value,
                    None => known.add(&key, || value),
                }
            }
        }
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let metadata = event.metadata();
        let origin = Origin {
            level: number(*metadata.level()),
            target: metadata.target(),
            file: metadata.file(),
            module: metadata.module_path(),
            line: metadata.line(),
        };
        send(&origin, || {
            let mut said = Said::default();
            event.record(&mut Words(&mut said));
            let innermost = self.around(event.is_contextual(), event.parent());
            for span in iter::successors(innermost, |span| span.parent.clone()) {
                for (key, value) in &span.said.lock().fields {
                    said.add(key, || value.clone());
                }
            }
            said
        });
    }

    fn enter(&self, id: &Id) {
        let _ = ENTERED.try_with(|entered| entered.borrow_mut().push(id.clone()));
    }

    fn exit(&self, id: &Id) {
        let _ = ENTERED.try_with(|entered| {
            let mut entered = entered.borrow_mut();
            if let Some(position) = entered.iter().rposition(|other| other == id) {
                entered.remove(position);
            }
        });
    }

    fn clone_span(&self, id: &Id) -> Id {
        if let Some(span) = self.span(id) {
            span.handles.fetch_add(1, Ordering::Relaxed);
        }
        id.clone()
    }

    fn try_close(&self, id: Id) -> bool {
        let last =
            self.span(&id).is_some_and(|span| span.handles.fetch_sub(1, Ordering::AcqRel) == 1);
        if last {
            let closed = self.spans.write().remove(&id.into_u64());
            drop(closed);
        }
        last
    }

    fn current_span(&self) -> Current {
        match self.innermost() {
            Some((id, span)) => Current::new(id, span.metadata),
            None => Current::none(),
        }
    }
}

/// Puts fields into words. Each value is guarded by itself.
struct Words<'a>(&'a mut Said);

impl Words<'_> {
    fn add(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        if field.name() == MESSAGE {
            self.0.message = text::shown(value, log_limit::MESSAGE);
        } else {
            self.0.add(field.name(), || text::shown(value, log_limit::VALUE));
        }
    }
}

impl Visit for Words<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, format_args!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, format_args!("{value}"));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.add(field, format_args!("{value}"));
    }
}
