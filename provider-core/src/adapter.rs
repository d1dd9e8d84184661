//! From a [`Provider`] with its contract to a capability provider that keeps the specification's
//! promises.

use std::{
    collections::HashMap,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::Arc,
};

use foldhash::fast::RandomState;
use once_cell::sync::OnceCell;

use crate::{
    codec,
    context::Cx,
    contract::{Contract, Op, Thunk},
    dispatcher::{Dispatcher, NullDispatcher},
    error::{BoxError, Error, ErrorKind},
    lifecycle::Provider,
    link::{Actor, LinkConfig, Linked},
    links::Links,
    logs,
    ops::{
        CapabilityConfiguration, HealthRequest, OP_BIND_ACTOR, OP_HEALTH_REQUEST, OP_REMOVE_ACTOR,
        SYSTEM_ACTOR,
    },
    panics,
    provider::CapabilityProvider,
    reply::Reply,
    reply_buffer::ReplyBuffer,
    service::{Call, Phases, Service},
};

/// How much of an operation's name an error repeats.
const SHOWN_NAME: usize = 128;

/// Answers the standard operations, unknown operations, actors that are not linked and payloads that
/// cannot be decoded, and calls the provider's method for everything else.
///
/// A clone is another handle to the same provider.
pub struct Adapter<P: Provider>(Arc<Inner<P>>);

struct Inner<P: Provider> {
    provider: P,
    contract: &'static Contract<P>,
    /// From each name and alias to the position in the contract's table.
    names: HashMap<&'static str, usize, RandomState>,
    links: Links<P::Link>,
    dispatcher: Arc<DispatcherSlot>,
    phases: Phases,
}

/// The host's dispatcher once there is one.
#[derive(Default)]
pub(crate) struct DispatcherSlot(OnceCell<Box<dyn Dispatcher>>);

impl DispatcherSlot {
    /// Puts the dispatcher there. The phases let one caller through, so the slot is empty.
    pub(crate) fn set(&self, dispatcher: Box<dyn Dispatcher>) {
        let _ = self.0.set(dispatcher);
    }
}

impl Dispatcher for DispatcherSlot {
    fn dispatch(&self, actor: &str, op: &str, msg: &[u8]) -> Result<Vec<u8>, BoxError> {
        match self.0.get() {
            Some(dispatcher) => dispatcher.dispatch(actor, op, msg),
            None => NullDispatcher.dispatch(actor, op, msg),
        }
    }
}

impl<P: Provider> Adapter<P> {
    /// Serves `contract` with `provider`.
    #[must_use]
    pub fn new(provider: P, contract: &'static Contract<P>) -> Self {
        Self(Arc::new(Inner {
            provider,
            contract,
            names: names(contract),
            links: Links::new(),
            dispatcher: Arc::default(),
            phases: Phases::default(),
        }))
    }

    /// The provider.
    #[must_use]
    pub fn provider(&self) -> &P {
        &self.0.provider
    }

    /// The linked actors.
    #[must_use]
    pub fn links(&self) -> &Links<P::Link> {
        &self.0.links
    }
}

impl<P: Provider> Inner<P> {
    #[inline]
    fn run(&self, op: &Op<Thunk<P>>, call: &Call<'_>, reply: &mut Reply<'_>) -> Result<(), Error> {
        let Some(linked) = self.links.get(call.actor) else {
            return Err(not_linked(call.actor));
        };
        op.run(&self.provider, Cx::new(&linked), call.msg, reply)
    }

    fn by_name(&self, call: &Call<'_>, reply: &mut Reply<'_>) -> Result<(), Error> {
        match call.op {
            OP_BIND_ACTOR => self.bind(call),
            OP_REMOVE_ACTOR => self.remove(call),
            OP_HEALTH_REQUEST => self.health(call, reply),
            name => match self.names.get(name).and_then(|position| self.contract.op(*position)) {
                Some(op) => self.run(&op, call, reply),
                None => Err(unknown(name)),
            },
        }
    }

    fn bind(&self, call: &Call<'_>) -> Result<(), Error> {
        let configuration = configuration(call)?;
        let actor = configuration.module;
        self.links.bind(&actor, || {
            let dispatcher = Arc::clone(&self.dispatcher) as Arc<dyn Dispatcher>;
            let config = LinkConfig::new(Actor::new(&actor, dispatcher), configuration.values);
            P::LINK.check(config.values())?;
            let link = logs::for_actor(&actor, || self.provider.link(&config))
                .map_err(Error::from_boxed)?;
            Ok(Linked { config, link })
        })?;
        Ok(())
    }

    fn remove(&self, call: &Call<'_>) -> Result<(), Error> {
        self.unlink(&configuration(call)?.module)
    }

    fn unlink(&self, actor: &str) -> Result<(), Error> {
        let end = |linked: &Linked<P::Link>| self.provider.unlink(actor, &linked.link);
        logs::for_actor(actor, || self.links.remove(actor, end)).map(drop)
    }

    fn health(&self, call: &Call<'_>, reply: &mut Reply<'_>) -> Result<(), Error> {
        check_health(call)?;
        reply.send(&self.provider.health())
    }
}

/// From each name and alias of a contract's operations to its position in the table.
pub(crate) fn names<P, C>(contract: &Contract<P, C>) -> HashMap<&'static str, usize, RandomState> {
    let mut names = HashMap::default();
    for (position, op) in contract.ops().iter().enumerate() {
        for name in op.other_names() {
            names.entry(*name).or_insert(position);
        }
    }
    for (position, op) in contract.ops().iter().enumerate() {
        names.insert(op.name(), position);
    }
    names
}

/// # Errors
///
/// Whatever is wrong with a request for the provider's health.
pub(crate) fn check_health(call: &Call<'_>) -> Result<(), Error> {
    from_system(call)?;
    if !call.msg.is_empty() {
        codec::decode::<HealthRequest>(call.msg).map_err(|error| error.context(call.op))?;
    }
    Ok(())
}

pub(crate) fn configuration(call: &Call<'_>) -> Result<CapabilityConfiguration, Error> {
    from_system(call)?;
    let configuration: CapabilityConfiguration =
        codec::decode(call.msg).map_err(|error| error.context(call.op))?;
    if configuration.module.is_empty() {
        let message = format!("{}: `module` is empty, the key of an actor is expected", call.op);
        return Err(Error::new(ErrorKind::BadRequest, message));
    }
    Ok(configuration)
}

fn from_system(call: &Call<'_>) -> Result<(), Error> {
    if call.actor == SYSTEM_ACTOR {
        return Ok(());
    }
    let message = format!(
        "`{}` is the host's to call (as actor `{SYSTEM_ACTOR}`), not actor `{}`'s",
        call.op,
        shown(call.actor)
    );
    Err(Error::new(ErrorKind::Denied, message))
}

/// As much of a name that came from outside as an error repeats.
fn shown(name: &str) -> &str {
    &name[..name.floor_char_boundary(SHOWN_NAME)]
}

#[cold]
pub(crate) fn not_linked(actor: &str) -> Error {
    let parts = ["actor `", shown(actor), "` is not linked to this provider"];
    Error::joined(ErrorKind::NotLinked, &parts)
}

#[cold]
pub(crate) fn unknown(op: &str) -> Error {
    Error::joined(ErrorKind::UnknownOperation, &["unknown operation `", shown(op), "`"])
}

impl<P: Provider> Service for Adapter<P> {
    fn configure_dispatch(&self, dispatcher: Box<dyn Dispatcher>) -> Result<(), Error> {
        self.0.phases.configure()?;
        self.0.dispatcher.set(dispatcher);
        Ok(())
    }

    #[inline]
    fn handle_call(&self, call: &Call<'_>, reply: &mut Reply<'_>) -> Result<(), Error> {
        let inner = &*self.0;
        inner.phases.running()?;
        // The number is a hint that saves looking the name up; the caller vouches for it.
        match call.op_id.and_then(|id| inner.contract.op(id as usize)) {
            Some(op) => inner.run(&op, call, reply),
            None => inner.by_name(call, reply),
        }
    }

    fn stop(&self) -> Result<(), Error> {
        let inner = &*self.0;
        inner.phases.stop()?;
        inner.links.close();
        // A link that cannot be ended keeps neither the others nor the provider from ending.
        let mut outcome = Ok(());
        let mut panicked = None;
        for actor in inner.links.actors() {
            match catch_unwind(AssertUnwindSafe(|| inner.unlink(&actor))) {
                Ok(ended) => outcome = outcome.and(ended),
                Err(panic) => panics::discard(panicked.replace(panic)),
            }
        }
        inner.provider.stop();
        if let Some(panic) = panicked {
            resume_unwind(panic);
        }
        outcome
    }
}

impl<P: Provider> CapabilityProvider for Adapter<P> {
    fn configure_dispatch(&self, dispatcher: Box<dyn Dispatcher>) -> Result<(), BoxError> {
        Ok(Service::configure_dispatch(self, dispatcher)?)
    }

    fn handle_call(&self, actor: &str, op: &str, msg: &[u8]) -> Result<Vec<u8>, BoxError> {
        let mut buffer = ReplyBuffer::new();
        let call = Call { op_id: None, actor, op, msg };
        Service::handle_call(self, &call, &mut Reply::into_buffer(&mut buffer))?;
        Ok(buffer.into_vec())
    }

    fn stop(&self) {
        // A second time does nothing, and the specification's signature has no room to say so.
        let _ = Service::stop(self);
    }
}

impl<P: Provider> Clone for Adapter<P> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<P: Provider> fmt::Debug for Adapter<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Adapter").field("contract", &self.0.contract.id()).finish_non_exhaustive()
    }
}
