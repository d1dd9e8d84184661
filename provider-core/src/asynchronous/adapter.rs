//! From an [`AsyncProvider`] with its contract to a capability provider that keeps the specification's
//! promises.

use std::{
    collections::HashMap,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::pin,
    sync::Arc,
    task::Poll,
    thread,
};

use foldhash::fast::RandomState;

use super::{
    chain::Chain,
    dispatch::places,
    engine::Engine,
    flight::{Flight, Landing},
    flights::{Flights, Waiter, run, where_waiting_is_allowed},
    form::{AsyncThunk, collected},
    lifecycle::AsyncProvider,
    turns::Turns,
};
use crate::{
    adapter::{DispatcherSlot, check_health, configuration, names, not_linked, unknown},
    context::Cx,
    contract::{Contract, Op},
    dispatcher::Dispatcher,
    error::{BoxError, Error},
    link::{Actor, LinkConfig, Linked},
    links::Links,
    logs::{self, LogScope},
    ops::{CapabilityConfiguration, OP_BIND_ACTOR, OP_HEALTH_REQUEST, OP_REMOVE_ACTOR},
    panics,
    provider::CapabilityProvider,
    reply::Reply,
    reply_buffer::ReplyBuffer,
    service::{Call, Phases, Service},
};

/// Takes the outcome of a call that was started: the reply's bytes, or why there are none. It is called
/// once, on any thread, and must not block.
pub type Answer = Box<dyn FnOnce(Result<Vec<u8>, Error>) + Send>;

/// A provider behind the doorway whose calls can be started.
pub(crate) trait AsyncService: Service {
    /// Begins a call. With an error it was not taken, and `answer` is dropped.
    fn start(&self, call: &Call<'_>, number: u64, answer: Answer) -> Result<(), Error>;

    /// The caller of a started call gave up.
    fn cancel(&self, number: u64);
}

/// [`Adapter`](crate::Adapter) for an asynchronous provider: answers the standard operations, unknown
/// operations, actors that are not linked and payloads that cannot be decoded, and runs the provider's
/// methods on a runtime of its own.
///
/// A clone is another handle to the same provider. When the last one is dropped the runtime ends, and
/// what was not stopped is dropped with it.
pub struct AsyncAdapter<P: AsyncProvider>(Arc<Inner<P>>);

struct Inner<P: AsyncProvider> {
    core: Arc<Core<P>>,
    engine: Engine,
}

/// What calls in flight keep.
struct Core<P: AsyncProvider> {
    provider: P,
    contract: &'static Contract<P, AsyncThunk<P>>,
    /// From each name and alias to the position in the contract's table.
    names: HashMap<&'static str, usize, RandomState>,
    links: Links<P::Link>,
    turns: Turns,
    dispatcher: Arc<DispatcherSlot>,
    flights: Arc<Flights>,
    phases: Phases,
}

/// What a call asks for.
enum Work<P: AsyncProvider> {
    Operation { op: Op<AsyncThunk<P>>, linked: Arc<Linked<P::Link>> },
    Bind(CapabilityConfiguration),
    Remove(CapabilityConfiguration),
    Health,
}

impl<P: AsyncProvider> Work<P> {
    /// Nobody interrupts it: a link is ended once.
    fn is_firm(&self) -> bool {
        matches!(self, Self::Remove(_))
    }
}

impl<P: AsyncProvider> AsyncAdapter<P> {
    /// Serves `contract` with `provider`.
    #[must_use]
    pub fn new(provider: P, contract: &'static Contract<P, AsyncThunk<P>>) -> Self {
        let core = Arc::new(Core {
            provider,
            contract,
            names: names(contract),
            links: Links::new(),
            turns: Turns::default(),
            dispatcher: Arc::default(),
            flights: Arc::default(),
            phases: Phases::default(),
        });
        Self(Arc::new(Inner { core, engine: Engine::new() }))
    }

    /// The provider.
    #[must_use]
    pub fn provider(&self) -> &P {
        &self.0.core.provider
    }

    /// The linked actors.
    #[must_use]
    pub fn links(&self) -> &Links<P::Link> {
        &self.0.core.links
    }

    /// Begins a call and does not wait for its end: `answer` is called once, perhaps before this
    /// returns. `number` is for [`cancel`](Self::cancel), unique among the calls in flight.
    ///
    /// # Errors
    ///
    /// Whatever keeps the call from being begun; `answer` is dropped then and not called.
    pub fn start(
        &self,
        call: &Call<'_>,
        number: u64,
        answer: impl FnOnce(Result<Vec<u8>, Error>) + Send + 'static,
    ) -> Result<(), Error> {
        AsyncService::start(self, call, number, Box::new(answer))
    }

    /// Gives a started call up: it is answered all the same, as a rule soon and with
    /// [`Cancelled`](crate::ErrorKind::Cancelled). A number that is not in flight does nothing.
    pub fn cancel(&self, number: u64) {
        AsyncService::cancel(self, number);
    }
}

impl<P: AsyncProvider> Core<P> {
    fn work(&self, call: &Call<'_>) -> Result<Work<P>, Error> {
        // The number is a hint that saves looking the name up; the caller vouches for it.
        if let Some(op) = call.op_id.and_then(|id| self.contract.op(id as usize)) {
            return self.operation(op, call);
        }
        match call.op {
            OP_BIND_ACTOR => Ok(Work::Bind(configuration(call)?)),
            OP_REMOVE_ACTOR => Ok(Work::Remove(configuration(call)?)),
            OP_HEALTH_REQUEST => check_health(call).map(|()| Work::Health),
            name => match self.names.get(name).and_then(|position| self.contract.op(*position)) {
                Some(op) => self.operation(op, call),
                None => Err(unknown(name)),
            },
        }
    }

    fn operation(&self, op: Op<AsyncThunk<P>>, call: &Call<'_>) -> Result<Work<P>, Error> {
        let linked = self.links.hold(call.actor).ok_or_else(|| not_linked(call.actor))?;
        Ok(Work::Operation { op, linked })
    }

    async fn run(&self, work: Work<P>, msg: &[u8]) -> Result<Vec<u8>, Error> {
        match work {
            Work::Operation { op, linked } => {
                op.begin(&self.provider, Cx::asynchronous(&linked), msg)?.await
            }
            // In boxes of their own: they may be large, and an operation's call would be as large.
            Work::Bind(configuration) => {
                Box::pin(self.bind(configuration)).await.map(|()| Vec::new())
            }
            Work::Remove(configuration) => {
                Box::pin(self.remove(&configuration.module.into())).await.map(|()| Vec::new())
            }
            Work::Health => {
                let health = Box::pin(self.provider.health()).await;
                collected(|reply| reply.send(&health))
            }
        }
    }

    async fn bind(
        &self,
        CapabilityConfiguration { module, values }: CapabilityConfiguration,
    ) -> Result<(), Error> {
        let name: Arc<str> = module.into();
        if self.links.hold(&name).is_some() {
            return Ok(());
        }
        let _turn = self.turns.take(&name).await?;
        if self.links.hold(&name).is_some() {
            return Ok(());
        }
        let dispatcher = Arc::clone(&self.dispatcher) as Arc<dyn Dispatcher>;
        let actor = Actor::new(&name, dispatcher).at_places(places());
        let config = LinkConfig::new(actor, values);
        P::LINK.check(config.values())?;
        let made = on_behalf_of(&name, self.provider.link(&config)).await;
        let linked = Linked { link: made.map_err(Error::from_boxed)?, config };
        // From here on nobody can give up. `stop` waits for calls before it looks at the links.
        self.phases.running()?;
        self.links.put(&name, linked);
        Ok(())
    }

    async fn remove(&self, name: &Arc<str>) -> Result<(), Error> {
        let _turn = self.turns.take(name).await?;
        let Some(linked) = self.links.take(name) else { return Ok(()) };
        // A panic in here and one in the link's destructor would be one too many.
        let ended = caught(on_behalf_of(name, self.provider.unlink(name, &linked.link))).await;
        drop(linked);
        ended.unwrap_or_else(|panic| resume_unwind(panic));
        Ok(())
    }

    /// Ends all links and then the provider.
    async fn end(&self) -> thread::Result<Result<(), Error>> {
        // A link that cannot be ended keeps neither the others nor the provider from ending.
        let mut outcome = Ok(());
        let mut panicked = None;
        for actor in self.links.actors() {
            match caught(self.remove(&actor)).await {
                Ok(ended) => outcome = outcome.and(ended),
                Err(panic) => panics::discard(panicked.replace(panic)),
            }
        }
        let stopped = caught(self.provider.stop()).await;
        match panicked.map_or(stopped, Err) {
            Ok(()) => Ok(outcome),
            Err(panic) => Err(panic),
        }
    }
}

/// `future`, in which the link of `actor` is changed, and whose records are said on the actor's behalf.
async fn on_behalf_of<F: Future>(actor: &str, future: F) -> F::Output {
    let scope = logs::for_actor(actor, LogScope::current);
    let mut future = pin!(Chain::current().changing(actor).around(future));
    std::future::poll_fn(|cx| scope.enter(|| future.as_mut().poll(cx))).await
}

/// What `future` ends with, or its panic.
async fn caught<F: Future>(future: F) -> thread::Result<F::Output> {
    let mut future = pin!(future);
    std::future::poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(polled) => polled.map(Ok),
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}

impl<P: AsyncProvider> Service for AsyncAdapter<P> {
    fn configure_dispatch(&self, dispatcher: Box<dyn Dispatcher>) -> Result<(), Error> {
        let Inner { core, engine } = &*self.0;
        core.phases.configure()?;
        core.dispatcher.set(dispatcher);
        engine.handle().map(drop)
    }

    fn handle_call(&self, call: &Call<'_>, reply: &mut Reply<'_>) -> Result<(), Error> {
        let Inner { core, engine } = &*self.0;
        core.phases.running()?;
        let work = core.work(call)?;
        let firm = work.is_firm();
        // On this thread, which has to wait anyway: the call costs neither a task nor a copy.
        let running = Chain::current().around(core.run(work, call.msg));
        let runtime = engine.handle()?;
        let wait = || core.flights.wait(&runtime, firm, running);
        let bytes = where_waiting_is_allowed(&runtime, wait)??;
        reply.give(bytes)
    }

    fn stop(&self) -> Result<(), Error> {
        let Inner { core, engine } = &*self.0;
        core.phases.stop()?;
        core.flights.close();
        core.flights.settle();
        let ended = engine.handle().map(|runtime| {
            let end = Chain::current().around(core.end());
            where_waiting_is_allowed(&runtime, || run(&runtime, &Arc::new(Waiter::new(true)), end))
        });
        let left = engine.end();
        match ended? {
            Some(Ok(outcome)) => outcome.and(left),
            Some(Err(panic)) => resume_unwind(panic),
            // Nobody interrupts this waiter.
            None => left,
        }
    }
}

impl<P: AsyncProvider> AsyncService for AsyncAdapter<P> {
    fn start(&self, call: &Call<'_>, number: u64, answer: Answer) -> Result<(), Error> {
        let Inner { core, engine } = &*self.0;
        core.phases.running()?;
        let work = core.work(call)?;
        let runtime = engine.handle()?;
        let sequence = core.flights.enter(number, work.is_firm())?;
        let flights = Arc::clone(&core.flights);
        let landing = Landing { flights, number, sequence, answer: Some(answer) };
        let (core, msg) = (Arc::clone(core), Box::<[u8]>::from(call.msg));
        let running = async move { core.run(work, &msg).await };
        let flight = Flight::new(Box::pin(Chain::current().around(running)), landing);
        self.0.core.flights.started(number, sequence, runtime.spawn(flight).abort_handle());
        Ok(())
    }

    fn cancel(&self, number: u64) {
        self.0.core.flights.cancel(number);
    }
}

impl<P: AsyncProvider> CapabilityProvider for AsyncAdapter<P> {
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

impl<P: AsyncProvider> Drop for Inner<P> {
    fn drop(&mut self) {
        self.core.flights.close();
        // Nobody is there to be told.
        let _ = self.engine.end();
    }
}

impl<P: AsyncProvider> Clone for AsyncAdapter<P> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<P: AsyncProvider> fmt::Debug for AsyncAdapter<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.0.core.contract.id();
        f.debug_struct("AsyncAdapter").field("contract", &id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BoxError;

    const LARGE: usize = 8 << 10;

    /// Its links, ends of links and health take much room while they wait.
    struct Roomy;

    async fn room() -> usize {
        let room = [1u8; LARGE];
        tokio::task::yield_now().await;
        std::hint::black_box(&room).len()
    }

    impl AsyncProvider for Roomy {
        type Link = usize;

        async fn link(&self, _: &LinkConfig) -> Result<usize, BoxError> {
            Ok(room().await)
        }

        async fn unlink(&self, _: &str, _: &usize) {
            room().await;
        }

        async fn health(&self) -> crate::ops::HealthResponse {
            room().await;
            crate::ops::HealthResponse::healthy()
        }
    }

    #[test]
    fn a_call_of_an_operation_is_not_as_large_as_what_links_take() {
        static CONTRACT: Contract<Roomy, AsyncThunk<Roomy>> =
            Contract::new("test:roomy", "", &[], &[]);
        let core = AsyncAdapter::new(Roomy, &CONTRACT).0.core.clone();
        assert!(size_of_val(&Roomy.health()) > LARGE);
        assert!(size_of_val(&core.run(Work::Health, &[])) < 1024);
    }
}
