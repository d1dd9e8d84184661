//! A provider without the macros: `impl CapabilityProvider` by hand.
//!
//! It says things back: `Echo` as they came, `Shout` in capitals, and `Shout` of a linked actor adds
//! the link value `MARK`. What a provider owes its host, and the SDK does for those who use
//! [`Provider`](provider_core::Provider) and the macros, stands here in full:
//!
//! - `BindActor` and `RemoveActor` answer no bytes, however often they come, and only the host may
//!   send them;
//! - `HealthRequest` is answered, also when its payload is empty;
//! - operations that it does not know, actors that are not linked and payloads that cannot be
//!   decoded are errors, each of its kind;
//! - nothing panics, least of all `stop`.

mod messages;

use std::{collections::HashMap, sync::Arc};

use parking_lot::RwLock;
use provider_core::{
    BoxError, CapabilityProvider, Dispatcher, Error, ErrorKind, HealthResponse, ProviderEntry,
    codec,
    ops::{
        CapabilityConfiguration, HealthRequest, OP_BIND_ACTOR, OP_HEALTH_REQUEST, OP_REMOVE_ACTOR,
        SYSTEM_ACTOR,
    },
};

pub use self::messages::{Said, Text};

/// The operation that says a text back.
pub const OP_ECHO: &str = "Echo";
/// The operation that says a text back in capitals.
pub const OP_SHOUT: &str = "Shout";
/// The link value that `Shout` ends with; `!` when the link has none.
pub const MARK: &str = "MARK";

/// For hosts that link this provider in.
pub const ENTRY: ProviderEntry = provider_core::provider_entry!(
    Echoes,
    Echoes::new,
    contract = "example:echo",
    ops = [OP_ECHO, OP_SHOUT]
);

#[cfg(feature = "export")]
provider_core::export_provider!(
    Echoes,
    Echoes::new,
    contract = "example:echo",
    ops = [OP_ECHO, OP_SHOUT]
);

/// Says things back. A clone is another handle to the same provider.
#[derive(Debug, Clone, Default)]
pub struct Echoes {
    /// What each linked actor's `Shout` ends with.
    marks: Arc<RwLock<HashMap<String, Arc<str>>>>,
}

impl Echoes {
    /// A provider without links.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn bind(&self, actor: &str, msg: &[u8]) -> Result<Vec<u8>, Error> {
        let mut configuration = configuration(OP_BIND_ACTOR, actor, msg)?;
        let mark = configuration.values.remove(MARK);
        let mark = mark.unwrap_or_else(|| String::from("!"));
        // A map of texts is whole whatever panicked while it was locked.
        let mut marks = self.marks.write();
        // Linked already: nothing changes, also when the values differ.
        marks.entry(configuration.module).or_insert_with(|| mark.into());
        Ok(Vec::new())
    }

    fn remove(&self, actor: &str, msg: &[u8]) -> Result<Vec<u8>, Error> {
        let configuration = configuration(OP_REMOVE_ACTOR, actor, msg)?;
        let mut marks = self.marks.write();
        marks.remove(&configuration.module);
        Ok(Vec::new())
    }

    /// What the actor's `Shout` ends with.
    fn mark(&self, actor: &str) -> Result<Arc<str>, Error> {
        let marks = self.marks.read();
        marks.get(actor).cloned().ok_or_else(|| {
            let message = format!("actor `{}` is not linked to this provider", shown(actor));
            Error::new(ErrorKind::NotLinked, message)
        })
    }

    fn echo(&self, actor: &str, msg: &[u8]) -> Result<Vec<u8>, Error> {
        self.mark(actor)?;
        let Text { text } = decode(OP_ECHO, msg)?;
        codec::encode(&Said { text })
    }

    fn shout(&self, actor: &str, msg: &[u8]) -> Result<Vec<u8>, Error> {
        let mark = self.mark(actor)?;
        let Text { text } = decode(OP_SHOUT, msg)?;
        let text = text.to_uppercase() + &mark;
        codec::encode(&Said { text })
    }
}

impl CapabilityProvider for Echoes {
    fn configure_dispatch(&self, _dispatcher: Box<dyn Dispatcher>) -> Result<(), BoxError> {
        // It calls no actor.
        Ok(())
    }

    fn handle_call(&self, actor: &str, op: &str, msg: &[u8]) -> Result<Vec<u8>, BoxError> {
        let reply = match op {
            OP_BIND_ACTOR => self.bind(actor, msg),
            OP_REMOVE_ACTOR => self.remove(actor, msg),
            OP_HEALTH_REQUEST => health(actor, msg),
            OP_ECHO => self.echo(actor, msg),
            OP_SHOUT => self.shout(actor, msg),
            unknown => {
                let message = format!("unknown operation `{}`", shown(unknown));
                Err(Error::new(ErrorKind::UnknownOperation, message))
            }
        };
        Ok(reply?)
    }

    fn stop(&self) {
        let mut marks = self.marks.write();
        marks.clear();
    }
}

fn health(actor: &str, msg: &[u8]) -> Result<Vec<u8>, Error> {
    from_system(OP_HEALTH_REQUEST, actor)?;
    if !msg.is_empty() {
        decode::<HealthRequest>(OP_HEALTH_REQUEST, msg)?;
    }
    codec::encode(&HealthResponse::healthy())
}

/// What `BindActor` and `RemoveActor` carry, from the host.
fn configuration(op: &str, actor: &str, msg: &[u8]) -> Result<CapabilityConfiguration, Error> {
    from_system(op, actor)?;
    let configuration: CapabilityConfiguration = decode(op, msg)?;
    if configuration.module.is_empty() {
        let message = format!("`{op}`: `module` is empty, the key of an actor is expected");
        return Err(Error::new(ErrorKind::BadRequest, message));
    }
    Ok(configuration)
}

fn from_system(op: &str, actor: &str) -> Result<(), Error> {
    if actor == SYSTEM_ACTOR {
        return Ok(());
    }
    let message = format!("`{op}` is the host's to call, not actor `{}`'s", shown(actor));
    Err(Error::new(ErrorKind::Denied, message))
}

fn decode<'a, T: serde::Deserialize<'a>>(op: &str, msg: &'a [u8]) -> Result<T, Error> {
    codec::decode(msg).map_err(|error| error.context(format_args!("`{op}`")))
}

/// As much of a name that came from outside as an error repeats.
fn shown(name: &str) -> &str {
    &name[..name.floor_char_boundary(128)]
}
