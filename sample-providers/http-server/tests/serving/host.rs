//! A host with the provider linked in, whose actors are functions.
#![allow(dead_code, reason = "each test uses its part of the module")]

use std::{
    collections::HashMap,
    net::{SocketAddr, TcpListener},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use provider_contracts::http_server::{Request, Response};
use provider_core::{BoxError, Dispatcher, Error, codec};
use provider_host::{Library, Running};

type Answer = dyn Fn(Request) -> Result<Vec<u8>, BoxError> + Send + Sync;

/// The actors by their names.
#[derive(Clone, Default)]
struct Actors(Arc<Mutex<HashMap<String, Arc<Answer>>>>);

impl Actors {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Answer>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Dispatcher for Actors {
    fn dispatch(&self, actor: &str, op: &str, msg: &[u8]) -> Result<Vec<u8>, BoxError> {
        assert_eq!(op, "HandleRequest");
        let answer = self.lock().get(actor).cloned();
        answer.expect("only linked actors are called")(codec::decode(msg)?)
    }
}

/// A provider that is being used.
pub(crate) struct Host {
    provider: Running,
    actors: Actors,
}

impl Host {
    pub(crate) fn new() -> Self {
        let actors = Actors::default();
        let created = Library::linked(&http_server::ENTRY).unwrap().create().unwrap();
        Self { provider: created.configure(actors.clone()).unwrap(), actors }
    }

    /// Gives `actor` another answer.
    pub(crate) fn answer(
        &self,
        actor: &str,
        answer: impl Fn(Request) -> Result<Vec<u8>, BoxError> + Send + Sync + 'static,
    ) {
        self.actors.lock().insert(actor.into(), Arc::new(answer));
    }

    /// Links `actor` as it is.
    pub(crate) fn bind(&self, actor: &str, values: &[(&str, &str)]) -> Result<(), Error> {
        self.provider.bind(actor, values.iter().copied())
    }

    /// Links `actor`, which answers like that, to a free port.
    pub(crate) fn serve(
        &self,
        actor: &str,
        values: &[(&str, &str)],
        answer: impl Fn(Request) -> Result<Response, BoxError> + Send + Sync + 'static,
    ) -> SocketAddr {
        self.answer(actor, move |request| Ok(codec::encode(&answer(request)?)?));
        loop {
            let address = free();
            let port = address.port().to_string();
            let values: Vec<_> = [("PORT", port.as_str())].iter().chain(values).copied().collect();
            match self.bind(actor, &values) {
                Ok(()) => return address,
                // Somebody else was faster.
                Err(error) if error.message().contains("in use") => {}
                Err(error) => panic!("{error}"),
            }
        }
    }

    pub(crate) fn remove(&self, actor: &str) {
        self.provider.remove(actor).unwrap();
    }

    pub(crate) fn stop(self) {
        self.provider.stop().unwrap().destroy().unwrap();
    }

    pub(crate) fn is_healthy(&self) -> bool {
        self.provider.health().unwrap().healthy
    }
}

/// An address that was free a moment ago.
pub(crate) fn free() -> SocketAddr {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap()
}

/// Sends the body back.
#[expect(clippy::unnecessary_wraps, reason = "it is what every actor returns")]
pub(crate) fn echo(request: Request) -> Result<Response, BoxError> {
    Ok(Response::new(200, request.body))
}
