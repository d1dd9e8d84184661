//! The provider.

use std::{
    env, fmt,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, ThreadId},
    time::Duration,
};

use provider_core::{
    BoxError, CapabilityProvider, Dispatcher, Error, ErrorKind, HealthResponse, codec,
    ops::{HealthRequest, OP_BIND_ACTOR, OP_HEALTH_REQUEST, OP_REMOVE_ACTOR, SYSTEM_ACTOR},
};

use faulty_defects::{Defect, Kind, VARIABLE};

use crate::{
    crossing::Crossing,
    ending,
    links::Links,
    opened::Opened,
    operations::{OP_ECHO, OP_NEST, OP_RELAY},
    outside,
};

/// How often in a row is too often, for some.
const TOO_OFTEN: usize = 9;

/// A provider with at most one defect. A clone is another handle to the same provider.
#[derive(Debug, Clone)]
pub struct Faulty(Arc<Inner>);

pub(crate) struct Inner {
    defect: Option<Kind>,
    links: Arc<Mutex<Links>>,
    made_on: ThreadId,
    pub(crate) dispatcher: OnceLock<Box<dyn Dispatcher>>,
    pub(crate) stopped: AtomicBool,
    /// How many calls are in progress.
    pub(crate) calls: AtomicUsize,
    /// How often it was asked how it is since it was asked something else.
    asked: AtomicUsize,
    /// What some lock while they do something slow.
    pub(crate) everything: Mutex<()>,
    /// Whether links were made on other threads than the one that it was made on.
    pub(crate) busy: AtomicBool,
    /// Whether somebody waits to hear how it is.
    pub(crate) awaited: AtomicBool,
    /// Where some put every reply.
    pub(crate) reply: Mutex<Vec<u8>>,
    /// What some forget to close in `stop`.
    pub(crate) opened: Mutex<Option<Opened>>,
    /// Where a call and `stop` meet, for some.
    pub(crate) crossing: Crossing,
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner").field("defect", &self.defect).finish_non_exhaustive()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if self.defect == Some(Kind::CrashAtExit) {
            ending::crash_at_exit(false);
        }
        if self.defect == Some(Kind::SharesItsLinks) {
            // The next life begins without links: only one that goes on at the same time shares them.
            self.links.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
    }
}

impl Faulty {
    /// The provider with the defect that `FAULTY_DEFECT` names.
    #[must_use]
    pub fn from_environment() -> Self {
        let name = env::var(VARIABLE).unwrap_or_default();
        Self::new(Defect::find(&name))
    }

    /// The provider with this defect, or with none.
    ///
    /// # Panics
    ///
    /// Where that is the defect; others end the process.
    #[must_use]
    pub fn new(defect: Option<&Defect>) -> Self {
        let defect = defect.and_then(Defect::kind);
        match defect {
            Some(Kind::CrashInConstructor) => std::process::abort(),
            Some(Kind::ExitInConstructor) => std::process::exit(0),
            Some(Kind::PanicInConstructor) => panic!("no configuration file, on purpose"),
            Some(Kind::ThreadFromConstructor) => {
                drop(thread::spawn(|| -> () { ending::wait_for_ever() }));
            }
            Some(Kind::NeedsAHome) => outside::need_a_home(),
            Some(Kind::LeaksInstances) => outside::lose(),
            _ => {}
        }
        let shared = defect == Some(Kind::SharesItsLinks);
        Self(Arc::new(Inner {
            defect,
            links: outside::links(shared),
            made_on: thread::current().id(),
            dispatcher: OnceLock::new(),
            stopped: AtomicBool::new(false),
            calls: AtomicUsize::new(0),
            asked: AtomicUsize::new(0),
            everything: Mutex::default(),
            busy: AtomicBool::new(false),
            awaited: AtomicBool::new(false),
            reply: Mutex::default(),
            opened: Mutex::default(),
            crossing: Crossing::default(),
        }))
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }

    /// What this provider breaks.
    pub(crate) fn defect(&self) -> Option<Kind> {
        self.0.defect
    }

    /// Whether this is another thread than the one that it was made on.
    pub(crate) fn is_elsewhere(&self) -> bool {
        thread::current().id() != self.0.made_on
    }

    pub(crate) fn everything(&self) -> MutexGuard<'_, ()> {
        self.0.everything.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it breaks this rule.
    pub(crate) fn has(&self, kind: Kind) -> bool {
        self.0.defect == Some(kind)
    }

    /// The links. What is inside is whole whatever panicked before.
    pub(crate) fn links(&self) -> MutexGuard<'_, Links> {
        self.0.links.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn health(&self, actor: &str, msg: &[u8]) -> Result<Vec<u8>, Error> {
        self.refuse_to_actors(OP_HEALTH_REQUEST, actor)?;
        if self.has(Kind::StrictHealth) {
            decode::<Strict>(OP_HEALTH_REQUEST, msg)?;
        } else if !msg.is_empty() {
            decode::<HealthRequest>(OP_HEALTH_REQUEST, msg)?;
        }
        if self.has(Kind::DispatchLocksHealth) {
            drop(self.everything());
        }
        if self.has(Kind::BindLocksHealth) {
            self.wait_for_bind();
        }
        let asked = self.0.asked.fetch_add(1, Ordering::SeqCst) + 1;
        if self.has(Kind::SlowNowAndThen) && asked.is_multiple_of(20) {
            thread::sleep(Duration::from_millis(8));
        }
        let too_often = asked >= TOO_OFTEN;
        if too_often && self.has(Kind::HealthEndsLinks) {
            self.links().clear();
        }
        if self.has(Kind::ThreadBound) && self.is_elsewhere() {
            let message = "this is not the thread that it was made on";
            return Err(Error::new(ErrorKind::Failed, message));
        }
        if self.has(Kind::HealthAsArray) {
            return codec::encode(&(true, ""));
        }
        let health = if self.has(Kind::NeverHealthy) {
            HealthResponse::unhealthy("waiting for something that never comes")
        } else if self.has(Kind::MiscountsChangedLinks) && self.links().are_miscounted() {
            HealthResponse::unhealthy("there are links that nobody has")
        } else if too_often && self.has(Kind::HealthWearsOff) {
            HealthResponse::unhealthy("asked too often")
        } else if self.is_poisoned() {
            HealthResponse::unhealthy("it was stopped")
        } else {
            HealthResponse::healthy()
        };
        codec::encode(&health)
    }

    /// The host's operations are refused to actors.
    pub(crate) fn refuse_to_actors(&self, op: &str, actor: &str) -> Result<(), Error> {
        if actor == SYSTEM_ACTOR || self.has(Kind::AnybodyLinks) {
            return Ok(());
        }
        let message = format!("`{op}` is the host's to call, not actor `{}`'s", shown(actor));
        Err(Error::new(ErrorKind::Denied, message))
    }

    fn unknown(&self, op: &str) -> Result<Vec<u8>, Error> {
        if self.has(Kind::UnknownOpSucceeds) {
            return Ok(Vec::new());
        }
        let message = if self.has(Kind::ErrorTextEmpty) {
            String::new()
        } else {
            format!("unknown operation `{}`", shown(op))
        };
        Err(Error::new(ErrorKind::UnknownOperation, message))
    }
}

impl CapabilityProvider for Faulty {
    fn configure_dispatch(&self, dispatcher: Box<dyn Dispatcher>) -> Result<(), BoxError> {
        if self.has(Kind::ConfigureFails) {
            return Err("no use for a dispatcher".into());
        }
        let kept = self.0.dispatcher.set(dispatcher);
        assert!(kept.is_ok() || !self.has(Kind::SecondConfigurePanics), "there is one already");
        Ok(())
    }

    fn handle_call(&self, actor: &str, op: &str, msg: &[u8]) -> Result<Vec<u8>, BoxError> {
        if op != OP_HEALTH_REQUEST {
            self.0.asked.store(0, Ordering::SeqCst);
        }
        let reply = match op {
            OP_BIND_ACTOR if self.has(Kind::NoBind) => self.unknown(op),
            OP_HEALTH_REQUEST if self.has(Kind::NoHealth) => self.unknown(op),
            OP_BIND_ACTOR => self.bind(actor, msg),
            OP_REMOVE_ACTOR => self.remove(actor, msg),
            OP_HEALTH_REQUEST => self.health(actor, msg),
            OP_ECHO => self.echo(actor, msg),
            OP_NEST => self.nest(actor, msg),
            OP_RELAY => self.relay(actor, msg),
            unknown => self.unknown(unknown),
        };
        Ok(reply?)
    }

    fn stop(&self) {
        self.end();
    }
}

/// What `HealthRequest` carries, for those who know it all.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Strict {
    #[serde(rename = "placeholder")]
    _placeholder: bool,
}

pub(crate) fn decode<'a, T: serde::Deserialize<'a>>(op: &str, msg: &'a [u8]) -> Result<T, Error> {
    codec::decode(msg).map_err(|error| error.context(format_args!("`{op}`")))
}

/// As much of a name that came from outside as an error repeats.
pub(crate) fn shown(name: &str) -> &str {
    &name[..name.floor_char_boundary(128)]
}
