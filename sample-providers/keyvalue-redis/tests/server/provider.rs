//! The provider in this process, and what else a test asks its server.

use std::{
    thread,
    time::{Duration, Instant},
};

use keyvalue_redis::RedisKv;
use provider_contracts::keyvalue::{KeyValueAsync, KeyValueClient};
use provider_core::{
    AsyncAdapter, CapabilityProvider, DirectCalls, Error, codec, contract_of,
    ops::{
        CapabilityConfiguration, HealthRequest, HealthResponse, OP_HEALTH_REQUEST, OP_REMOVE_ACTOR,
        SYSTEM_ACTOR,
    },
};
use redis::{Connection, FromRedisValue};
use test_servers::{Program, Server};

/// How long what must happen may take.
const SOON: Duration = Duration::from_secs(30);
/// How often is looked: nobody tells.
const AGAIN: Duration = Duration::from_millis(10);

pub(crate) type Provider = DirectCalls<AsyncAdapter<RedisKv>>;
pub(crate) type Keys = KeyValueClient<Provider>;

/// A provider.
#[derive(Clone)]
pub(crate) struct Running(pub(crate) Provider);

impl Running {
    pub(crate) fn new() -> Self {
        let provider = RedisKv::default();
        Self(DirectCalls(AsyncAdapter::new(provider, contract_of!(RedisKv: KeyValueAsync))))
    }

    /// Links an actor to a server.
    pub(crate) fn link(&self, actor: &str, server: &Server) -> Keys {
        self.link_with(actor, &[("URL", &server.url())]).unwrap()
    }

    pub(crate) fn link_with(&self, actor: &str, values: &[(&str, &str)]) -> Result<Keys, Error> {
        self.0.bind(actor, values.iter().copied())?;
        Ok(KeyValueClient::new(self.0.clone(), actor))
    }

    pub(crate) fn unlink(&self, actor: &str) {
        let link = CapabilityConfiguration { module: actor.into(), ..Default::default() };
        let reply = self.system(OP_REMOVE_ACTOR, &codec::encode(&link).unwrap());
        assert_eq!(reply, b"");
    }

    pub(crate) fn health(&self) -> HealthResponse {
        let request = codec::encode(&HealthRequest::default()).unwrap();
        codec::decode(&self.system(OP_HEALTH_REQUEST, &request)).unwrap()
    }

    fn system(&self, op: &str, payload: &[u8]) -> Vec<u8> {
        self.0.0.handle_call(SYSTEM_ACTOR, op, payload).unwrap()
    }

    pub(crate) fn stop(self) {
        CapabilityProvider::stop(&self.0.0);
    }
}

/// A Redis with further arguments.
pub(crate) fn server(arguments: &[&str]) -> Server {
    Server::start_with(Program::Redis, arguments).unwrap()
}

/// What the server says to a client of the test's own.
pub(crate) fn ask<T: FromRedisValue>(server: &Server, command: &[&str]) -> T {
    let mut words = command.iter();
    let mut asked = redis::cmd(words.next().unwrap());
    words.for_each(|word| {
        asked.arg(word);
    });
    asked.query(&mut client(server)).unwrap()
}

pub(crate) fn client(server: &Server) -> Connection {
    redis::Client::open(server.url()).unwrap().get_connection().unwrap()
}

/// How many connections the server has besides the one that asks.
pub(crate) fn connections(server: &Server) -> usize {
    ask::<String>(server, &["CLIENT", "LIST"]).lines().count() - 1
}

/// Waits until `happened`.
pub(crate) fn eventually(what: &str, mut happened: impl FnMut() -> bool) {
    let deadline = Instant::now() + SOON;
    while !happened() {
        assert!(Instant::now() < deadline, "it did not happen: {what}");
        thread::sleep(AGAIN);
    }
}
