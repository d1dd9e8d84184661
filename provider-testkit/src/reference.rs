//! A provider that keeps nothing: what it costs to make one is the host's own.

use provider_core::{
    BoxError, CapabilityProvider, Dispatcher, ErrorKind, ProviderEntry, ops::OP_BIND_ACTOR,
    ops::SYSTEM_ACTOR, provider_entry,
};
use provider_core::{Error, ReplyBuffer};
use provider_host::{Library, OpenError};

use crate::{native, recorder::Recorder};

/// How many lives are measured.
const LIVES: u32 = 16;
/// How many come before: the host's list of its objects has room for many then.
const BEFORE: u32 = 1200;

#[derive(Debug, Clone, Default)]
struct Nothing;

impl CapabilityProvider for Nothing {
    fn configure_dispatch(&self, _: Box<dyn Dispatcher>) -> Result<(), BoxError> {
        Ok(())
    }

    fn handle_call(&self, _: &str, op: &str, _: &[u8]) -> Result<Vec<u8>, BoxError> {
        match op {
            OP_BIND_ACTOR => Ok(Vec::new()),
            _ => Err(Error::new(ErrorKind::UnknownOperation, "it does nothing").into()),
        }
    }

    fn stop(&self) {}
}

const ENTRY: ProviderEntry =
    provider_entry!(Nothing, Nothing::default, contract = "testkit:nothing", ops = []);

/// How many bytes of the heap each provider's life leaves behind on the host's side, on purpose: a
/// provider may use what the host gave it as long as the process lives.
pub(crate) fn tare(recorder: &Recorder) -> Result<f64, OpenError> {
    let library = Library::linked(&ENTRY)?;
    for _ in 0..BEFORE {
        live(&library, recorder)?;
    }
    let before = native::heap().unwrap_or_default();
    for _ in 0..LIVES {
        live(&library, recorder)?;
    }
    let after = native::heap().unwrap_or_default();
    let bytes = u32::try_from(after.saturating_sub(before)).unwrap_or_default();
    Ok(f64::from(bytes) / f64::from(LIVES))
}

fn live(library: &Library, recorder: &Recorder) -> Result<(), OpenError> {
    let instance = library.create_instance()?;
    let mut reply = ReplyBuffer::new();
    // It answers, and what it answers does not matter.
    let _ = instance.configure_dispatch(recorder.clone());
    let _ = instance.call_status(SYSTEM_ACTOR, OP_BIND_ACTOR, &[], &mut reply);
    let _ = instance.stop();
    let _ = instance.destroy();
    Ok(())
}
