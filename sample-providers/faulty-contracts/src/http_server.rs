//! `wasmcloud:httpserver`: a thread for each link.

use std::{
    collections::BTreeMap,
    io,
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use provider_contracts::http_server::Response;
use provider_core::{Actor, Contract, prelude::*};
use serde::Serialize;
use serde_bytes::ByteBuf;

use crate::{has, http};

/// What the actor is asked.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    method: String,
    path: String,
    query_string: String,
    header: BTreeMap<String, String>,
    body: ByteBuf,
}

/// Nothing that actors could call: the provider calls them.
pub static CONTRACT: Contract<Server> = Contract::new("wasmcloud:httpserver", "", &[], &[]);

/// Serves one request after the other.
#[derive(Debug, Default)]
pub struct Server;

/// A port that is listened on.
#[derive(Debug)]
pub struct Listening {
    address: SocketAddr,
    ending: Arc<AtomicBool>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Provider for Server {
    type Link = Option<Listening>;

    fn link(&self, config: &LinkConfig) -> Result<Self::Link, BoxError> {
        let port: u16 = config.get("PORT").unwrap_or("8080").parse()?;
        match Listening::begin(port, config.actor().clone()) {
            // It will be noticed, some day.
            Err(_) if has("httpserver-bind-always-fine") => Ok(None),
            listening => Ok(Some(listening?)),
        }
    }

    fn unlink(&self, _actor: &str, link: &Self::Link) {
        if let Some(listening) = link {
            listening.end();
        }
    }
}

impl Listening {
    fn begin(port: u16, actor: Actor) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port))?;
        let address = listener.local_addr()?;
        let ending = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&ending);
        let thread = thread::Builder::new().name("http".into()).spawn(move || {
            for stream in listener.incoming().flatten() {
                if seen.load(Ordering::Acquire) {
                    break;
                }
                // A client that goes away has nobody to be told.
                let _ = serve(&stream, &actor);
            }
            if has("httpserver-port-stays") {
                thread::sleep(Duration::from_millis(700));
            }
        })?;
        Ok(Self { address, ending, thread: Mutex::new(Some(thread)) })
    }

    fn end(&self) {
        self.ending.store(true, Ordering::Release);
        // It wakes the thread, which sees that it is to end.
        let woken = TcpStream::connect_timeout(&self.address, Duration::from_secs(1));
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            && !has("httpserver-port-stays")
        {
            // A thread that panicked has ended too.
            let _ = thread.join();
        }
        drop(woken);
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        if self.thread.get_mut().is_ok_and(|thread| thread.is_some()) {
            self.end();
        }
    }
}

fn serve(stream: &TcpStream, actor: &Actor) -> io::Result<()> {
    let message = http::read(stream)?;
    let mut words = message.start.split(' ');
    let method = words.next().unwrap_or_default().to_owned();
    let target = words.next().unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let query = if has("httpserver-query-lost") { "" } else { query };
    let request = Request {
        method,
        path: path.to_owned(),
        query_string: query.to_owned(),
        header: message.headers,
        body: ByteBuf::from(message.body),
    };
    let good = |response: &Response| (100..1000).contains(&response.status_code);
    match actor.dispatch::<Response>("HandleRequest", &request) {
        Ok(response) if good(&response) => {
            let start = format!("HTTP/1.1 {} {}", response.status_code, response.status);
            http::write(stream, &start, &response.header, &response.body)
        }
        outcome => {
            let text = match outcome {
                Err(error) if has("httpserver-error-text-to-client") => error.to_string(),
                _ => String::new(),
            };
            let headers = BTreeMap::new();
            http::write(stream, "HTTP/1.1 502 Bad Gateway", &headers, text.as_bytes())
        }
    }
}
