//! The provider.

use std::{
    env,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, ThreadId},
};

use provider_core::{
    BoxError, CapabilityProvider, Dispatcher, Error, ErrorKind, HealthResponse, codec,
    ops::{HealthRequest, OP_BIND_ACTOR, OP_HEALTH_REQUEST, OP_REMOVE_ACTOR, SYSTEM_ACTOR},
};

use crate::{
    defects::{Defect, Kind, VARIABLE},
    ending,
    links::Links,
    operations::{OP_ECHO, OP_NEST},
};

/// A provider with at most one defect. A clone is another handle to the same provider.
#[derive(Debug, Clone)]
pub struct Faulty(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    defect: Option<Kind>,
    links: Mutex<Links>,
    made_on: ThreadId,
}

impl Drop for Inner {
    fn drop(&mut self) {
        if self.defect == Some(Kind::CrashAtExit) {
            ending::crash_at_exit(false);
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
            _ => {}
        }
        Self(Arc::new(Inner { defect, links: Mutex::default(), made_on: thread::current().id() }))
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
        from_system(OP_HEALTH_REQUEST, actor)?;
        if !msg.is_empty() {
            decode::<HealthRequest>(OP_HEALTH_REQUEST, msg)?;
        }
        if self.has(Kind::ThreadBound) && thread::current().id() != self.0.made_on {
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
        } else {
            HealthResponse::healthy()
        };
        codec::encode(&health)
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
    fn configure_dispatch(&self, _dispatcher: Box<dyn Dispatcher>) -> Result<(), BoxError> {
        if self.has(Kind::ConfigureFails) {
            return Err("no use for a dispatcher".into());
        }
        Ok(())
    }

    fn handle_call(&self, actor: &str, op: &str, msg: &[u8]) -> Result<Vec<u8>, BoxError> {
        let reply = match op {
            OP_BIND_ACTOR => self.bind(actor, msg),
            OP_REMOVE_ACTOR => self.remove(actor, msg),
            OP_HEALTH_REQUEST => self.health(actor, msg),
            OP_ECHO => self.echo(actor, msg),
            OP_NEST => self.nest(actor, msg),
            unknown => self.unknown(unknown),
        };
        Ok(reply?)
    }

    fn stop(&self) {
        self.end();
    }
}

pub(crate) fn from_system(op: &str, actor: &str) -> Result<(), Error> {
    if actor == SYSTEM_ACTOR {
        return Ok(());
    }
    let message = format!("`{op}` is the host's to call, not actor `{}`'s", shown(actor));
    Err(Error::new(ErrorKind::Denied, message))
}

pub(crate) fn decode<'a, T: serde::Deserialize<'a>>(op: &str, msg: &'a [u8]) -> Result<T, Error> {
    codec::decode(msg).map_err(|error| error.context(format_args!("`{op}`")))
}

/// As much of a name that came from outside as an error repeats.
pub(crate) fn shown(name: &str) -> &str {
    &name[..name.floor_char_boundary(128)]
}
