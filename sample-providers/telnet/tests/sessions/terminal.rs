//! A linked actor with clients, in the test's own process.

use std::{
    collections::HashMap,
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, mpsc},
    time::Duration,
};

use parking_lot::Mutex;
use provider_contracts::telnet::{TelnetClient, TelnetResult};
use provider_core::{
    AsyncAdapter, BoxError, CapabilityProvider, DirectCalls, Dispatcher, Error, codec, contract_of,
    ops::{CapabilityConfiguration, OP_REMOVE_ACTOR, SYSTEM_ACTOR},
};
use serde::Deserialize;
use socket2::SockRef;
use telnet::Terminals;

/// How long what is about to happen is waited for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// What the actor was called with.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Heard {
    pub(crate) actor: String,
    pub(crate) op: String,
    pub(crate) session: String,
    pub(crate) text: String,
}

type Answer = dyn Fn(&str, &str) -> Result<Vec<u8>, BoxError> + Send + Sync;

/// Tells the test what came, and answers as the test says.
#[derive(Clone)]
struct Actors {
    heard: mpsc::Sender<Heard>,
    answer: Arc<Mutex<Arc<Answer>>>,
}

impl Dispatcher for Actors {
    fn dispatch(&self, actor: &str, op: &str, msg: &[u8]) -> Result<Vec<u8>, BoxError> {
        #[derive(Deserialize)]
        struct Message {
            session: String,
            #[serde(default)]
            text: String,
        }

        let Message { session, text } = codec::decode(msg)?;
        self.heard.send(Heard {
            actor: actor.into(),
            op: op.into(),
            session,
            text: text.clone(),
        })?;
        let answer = Arc::clone(&self.answer.lock());
        answer(op, &text)
    }
}

/// A provider with its actors.
pub(crate) struct Terminal {
    pub(crate) provider: AsyncAdapter<Terminals>,
    heard: mpsc::Receiver<Heard>,
    actors: Actors,
}

/// What an actor answers that took it.
pub(crate) fn done() -> Vec<u8> {
    codec::encode(&TelnetResult::done()).unwrap()
}

/// A port that nobody listens at.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Terminal {
    pub(crate) fn new() -> Self {
        let (sender, heard) = mpsc::channel();
        let answer: Arc<Answer> = Arc::new(|_, _| Ok(done()));
        let actors = Actors { heard: sender, answer: Arc::new(Mutex::new(answer)) };
        let contract = contract_of!(Terminals: provider_contracts::telnet::TelnetAsync);
        let provider = AsyncAdapter::new(Terminals, contract);
        CapabilityProvider::configure_dispatch(&provider, Box::new(actors.clone())).unwrap();
        Self { provider, heard, actors }
    }

    /// What the actors answer from now on.
    pub(crate) fn answers(
        &self,
        answer: impl Fn(&str, &str) -> Result<Vec<u8>, BoxError> + Send + Sync + 'static,
    ) {
        *self.actors.answer.lock() = Arc::new(answer);
    }

    /// Links an actor at a free port.
    pub(crate) fn link(&self, actor: &str, values: &[(&str, &str)]) -> u16 {
        let port = free_port();
        self.link_at(port, actor, values).unwrap();
        port
    }

    pub(crate) fn link_at(
        &self,
        port: u16,
        actor: &str,
        values: &[(&str, &str)],
    ) -> Result<(), Error> {
        let port = port.to_string();
        let values = [&[("PORT", &*port)], values].concat();
        DirectCalls(self.provider.clone()).bind(actor, values)
    }

    pub(crate) fn remove(&self, actor: &str) {
        let values = HashMap::default();
        let msg = codec::encode(&CapabilityConfiguration { module: actor.into(), values }).unwrap();
        self.provider.handle_call(SYSTEM_ACTOR, OP_REMOVE_ACTOR, &msg).unwrap();
    }

    pub(crate) fn calls(&self, actor: &str) -> TelnetClient<DirectCalls<AsyncAdapter<Terminals>>> {
        TelnetClient::new(DirectCalls(self.provider.clone()), actor)
    }

    /// What an actor hears next.
    pub(crate) fn hears(&self) -> Heard {
        self.heard.recv_timeout(PATIENCE).unwrap()
    }

    /// The session that begins next.
    pub(crate) fn session(&self) -> String {
        let heard = self.hears();
        assert_eq!(heard.op, "SessionStarted");
        heard.session
    }

    /// The line that comes next.
    pub(crate) fn line(&self) -> String {
        let heard = self.hears();
        assert_eq!(heard.op, "ReceiveText");
        heard.text
    }

    pub(crate) fn stop(&self) {
        CapabilityProvider::stop(&self.provider);
    }
}

/// A client that negotiates nothing.
pub(crate) struct Client(TcpStream);

impl Client {
    pub(crate) fn new(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(stream)
    }

    pub(crate) fn types(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).unwrap();
    }

    /// Types, as far as somebody takes it.
    pub(crate) fn tries_to_type(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.write_all(bytes)
    }

    /// Is gone without a word.
    pub(crate) fn resets(self) {
        SockRef::from(&self.0).set_linger(Some(Duration::ZERO)).unwrap();
    }

    /// Reads exactly this.
    pub(crate) fn sees(&mut self, expected: &[u8]) {
        let mut seen = vec![0; expected.len()];
        self.0.read_exact(&mut seen).unwrap();
        assert_eq!(seen, expected, "{}", String::from_utf8_lossy(&seen));
    }

    /// Reads to the end, which must come.
    pub(crate) fn ends(mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        match self.0.read_to_end(&mut rest) {
            Ok(_) => {}
            // The server had something unread: its system says so.
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
            Err(error) => panic!("the session does not end: {error}"),
        }
        rest
    }

    pub(crate) fn says_no_more(&self) {
        self.0.shutdown(Shutdown::Write).unwrap();
    }
}

/// Waits for something that nobody tells.
pub(crate) fn until<T>(mut there: impl FnMut() -> Option<T>) -> T {
    let deadline = std::time::Instant::now() + PATIENCE;
    loop {
        if let Some(value) = there() {
            return value;
        }
        assert!(std::time::Instant::now() < deadline, "it does not come");
        std::thread::sleep(Duration::from_millis(5));
    }
}
