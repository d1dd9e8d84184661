//! `wasmcloud:httpserver`: a thread for each link.

use std::{
    collections::BTreeMap,
    io,
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, RecvTimeoutError},
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

/// What the link's values say.
#[derive(Debug)]
struct Settings {
    timeout: Duration,
    max_body_bytes: usize,
    origins: Vec<String>,
    /// What pages may do, as headers say it.
    allowed: BTreeMap<String, String>,
}

/// A port that is listened on.
#[derive(Debug)]
pub struct Listening {
    address: SocketAddr,
    ending: Arc<AtomicBool>,
    /// The connection that is being served.
    current: Arc<Mutex<Option<TcpStream>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Provider for Server {
    type Link = Vec<Listening>;

    fn link(&self, config: &LinkConfig) -> Result<Self::Link, BoxError> {
        let settings = Arc::new(Settings::read(config)?);
        let mut listening = Vec::new();
        for address in addresses(config)? {
            match Listening::begin(address, config.actor().clone(), Arc::clone(&settings)) {
                // It will be noticed, some day.
                Err(_) if has("httpserver-bind-always-fine") => {}
                begun => listening.push(begun?),
            }
        }
        Ok(listening)
    }

    fn unlink(&self, _actor: &str, link: &Self::Link) {
        link.iter().for_each(Listening::end);
    }
}

fn addresses(config: &LinkConfig) -> Result<Vec<SocketAddr>, BoxError> {
    let Some(bind) = config.get("BIND") else {
        let port: u16 = config.get("PORT").unwrap_or("8080").parse()?;
        return Ok(vec![SocketAddr::from(([127, 0, 0, 1], port))]);
    };
    let each = bind.split(',').map(str::trim).map(|address| match address.parse::<u16>() {
        Ok(port) => Ok(SocketAddr::from(([127, 0, 0, 1], port))),
        Err(_) => address.parse().map_err(BoxError::from),
    });
    let count = if has("httpserver-first-address-only") { 1 } else { usize::MAX };
    each.take(count).collect()
}

impl Settings {
    fn read(config: &LinkConfig) -> Result<Self, BoxError> {
        let timeout = config.get("TIMEOUT_MS").unwrap_or("2000").parse()?;
        let origins = config.get("CORS_ALLOWED_ORIGINS").unwrap_or_default();
        let mut allowed = BTreeMap::new();
        for (key, name) in [("METHODS", "methods"), ("HEADERS", "headers")] {
            if let Some(value) = config.get(&format!("CORS_ALLOWED_{key}")) {
                allowed.insert(format!("access-control-allow-{name}"), value.to_owned());
            }
        }
        Ok(Self {
            timeout: Duration::from_millis(timeout),
            max_body_bytes: config.get("MAX_BODY_BYTES").unwrap_or("10485760").parse()?,
            origins: origins.split(',').map(|origin| origin.trim().to_owned()).collect(),
            allowed,
        })
    }

    /// What is said to a page of that origin, nothing when it is not allowed.
    fn allow(&self, origin: Option<&String>) -> Option<(String, String)> {
        let said = match origin? {
            _ if has("httpserver-any-origin") => "*".into(),
            origin if self.origins.contains(origin) => origin.clone(),
            _ => return None,
        };
        Some(("access-control-allow-origin".into(), said))
    }
}

impl Listening {
    fn begin(address: SocketAddr, actor: Actor, settings: Arc<Settings>) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        let ending = Arc::new(AtomicBool::new(false));
        let current = Arc::<Mutex<Option<TcpStream>>>::default();
        let (seen, serving) = (Arc::clone(&ending), Arc::clone(&current));
        let thread = thread::Builder::new().name("http".into()).spawn(move || {
            for stream in listener.incoming().flatten() {
                if seen.load(Ordering::Acquire) {
                    break;
                }
                if has("httpserver-in-flight-cut") {
                    *serving.lock().unwrap_or_else(PoisonError::into_inner) =
                        stream.try_clone().ok();
                }
                // A client that goes away has nobody to be told.
                let _ = serve(&stream, &actor, &settings);
            }
            if has("httpserver-port-stays") {
                thread::sleep(Duration::from_millis(700));
            }
        })?;
        Ok(Self { address, ending, current, thread: Mutex::new(Some(thread)) })
    }

    fn end(&self) {
        self.ending.store(true, Ordering::Release);
        if let Some(stream) = &*self.current.lock().unwrap_or_else(PoisonError::into_inner) {
            // Nobody is there to be told.
            let _ = stream.shutdown(Shutdown::Both);
        }
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

fn serve(stream: &TcpStream, actor: &Actor, settings: &Settings) -> io::Result<()> {
    let message = http::read(stream)?;
    let mut words = message.start.split(' ');
    let method = words.next().unwrap_or_default().to_owned();
    let target = words.next().unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let query = if has("httpserver-query-lost") { "" } else { query };
    let mut headers: BTreeMap<String, String> =
        settings.allow(message.headers.get("origin")).into_iter().collect();
    if message.headers.contains_key("access-control-request-method") {
        if !headers.is_empty() {
            headers.extend(settings.allowed.clone());
        }
        return http::write(stream, "HTTP/1.1 200 OK", &headers, b"");
    }
    if message.body.len() > settings.max_body_bytes && !has("httpserver-body-of-any-length") {
        return http::write(stream, "HTTP/1.1 413 Content Too Large", &headers, b"");
    }
    let request = Request {
        method,
        path: path.to_owned(),
        query_string: query.to_owned(),
        header: message.headers,
        body: ByteBuf::from(message.body),
    };
    let (start, body) = match ask(actor, request, settings.timeout) {
        Asked::Answered(response) => {
            headers.extend(response.header);
            (format!("{} {}", response.status_code, response.status), response.body)
        }
        Asked::Failed(error) if has("httpserver-error-text-to-client") => {
            ("502 Bad Gateway".into(), error.into_bytes())
        }
        Asked::Failed(_) => ("502 Bad Gateway".into(), Vec::new()),
        Asked::Late => ("504 Gateway Timeout".into(), Vec::new()),
    };
    if let Some(cookies) = headers.get_mut("set-cookie")
        && has("httpserver-cookies-joined")
    {
        *cookies = cookies.replace('\n', ", ");
    }
    http::write(stream, &format!("HTTP/1.1 {start}"), &headers, &body)
}

/// What comes of asking an actor.
enum Asked {
    Answered(Response),
    Failed(String),
    Late,
}

/// Asks the actor, and waits for as long as it may take.
fn ask(actor: &Actor, request: Request, limit: Duration) -> Asked {
    let (answer, answered) = mpsc::channel();
    let actor = actor.clone();
    let asking = thread::Builder::new().name("http-ask".into()).spawn(move || {
        // Nobody may want it any more.
        let _ = answer.send(actor.dispatch::<Response>("HandleRequest", &request));
    });
    if let Err(error) = asking {
        return Asked::Failed(error.to_string());
    }
    let answered = if has("httpserver-waits-for-ever") {
        answered.recv().map_err(|_| RecvTimeoutError::Disconnected)
    } else {
        answered.recv_timeout(limit)
    };
    let good = |response: &Response| {
        let mut values = response.header.iter();
        (200..600).contains(&response.status_code)
            && values.all(|(name, value)| name == "set-cookie" || !value.contains(['\r', '\n']))
    };
    match answered {
        Ok(Ok(response)) if good(&response) => Asked::Answered(response),
        Ok(Ok(response)) => Asked::Failed(format!("{response:?}")),
        Ok(Err(error)) => Asked::Failed(error.to_string()),
        Err(RecvTimeoutError::Timeout) => Asked::Late,
        Err(RecvTimeoutError::Disconnected) => Asked::Failed("no answer".into()),
    }
}
