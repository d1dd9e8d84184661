//! `wasmcloud:telnet`: a thread for each link, and one for each session.

use std::{
    collections::HashMap,
    io::{self, BufRead, BufReader, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use provider_core::{Actor, prelude::*};
use serde::{Deserialize, Serialize};

use crate::has;

/// What `SendText` returns.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct TelnetResult {
    /// Whether it was done.
    pub success: bool,
    /// Why not.
    pub error: Option<String>,
}

/// Talks to the clients of actors.
#[contract("wasmcloud:telnet")]
pub trait Telnet {
    /// Sends a text to a session, and nothing else.
    fn send_text(&self, cx: Cx<'_, Self>, session: String, text: String) -> OpResult<TelnetResult>;
}

/// Listens on a port for each link.
#[derive(Debug, Default)]
pub struct Terminals;

/// A port that is listened on, and its sessions.
#[derive(Debug)]
pub struct Listening {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug, Default)]
struct Shared {
    ending: AtomicBool,
    sessions: Mutex<HashMap<String, TcpStream>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Provider for Terminals {
    type Link = Listening;

    fn link(&self, config: &LinkConfig) -> Result<Listening, BoxError> {
        let port: u16 = config.get("PORT").unwrap_or("3000").parse()?;
        let welcome = config.get("MOTD").unwrap_or_default().to_owned();
        Ok(Listening::begin(port, welcome, config.actor().clone())?)
    }

    fn unlink(&self, _actor: &str, link: &Listening) {
        link.end();
    }
}

impl Telnet for Terminals {
    fn send_text(&self, cx: Cx<'_, Self>, session: String, text: String) -> OpResult<TelnetResult> {
        let client = lock(&cx.link().shared.sessions).get(&session).map(TcpStream::try_clone);
        let sent = match client {
            None => Err("there is no such session".to_owned()),
            Some(client) => client
                .and_then(|mut client| client.write_all(text.as_bytes()))
                .map_err(|error| error.to_string()),
        };
        Ok(TelnetResult { success: sent.is_ok(), error: sent.err() })
    }
}

impl Listening {
    fn begin(port: u16, welcome: String, actor: Actor) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let kept = Arc::clone(&shared);
        let thread = thread::Builder::new().name("telnet".into()).spawn(move || {
            let mut threads = Vec::new();
            for (number, stream) in listener.incoming().flatten().enumerate() {
                if kept.ending.load(Ordering::Acquire) {
                    break;
                }
                let (shared, actor, welcome) = (Arc::clone(&kept), actor.clone(), welcome.clone());
                threads.push(thread::spawn(move || {
                    let session = format!("{}-{number}", actor.id());
                    // A client that goes away ends its session, and that is all.
                    let _ = converse(stream, &session, &welcome, &shared, &actor);
                    lock(&shared.sessions).remove(&session);
                }));
            }
            drop(listener);
            if !has("telnet-remove-hangs") {
                for client in lock(&kept.sessions).values() {
                    let _ = client.shutdown(Shutdown::Both);
                }
            }
            for thread in threads {
                let _ = thread.join();
            }
        })?;
        Ok(Self { address, shared, thread: Mutex::new(Some(thread)) })
    }

    fn end(&self) {
        self.shared.ending.store(true, Ordering::Release);
        // It wakes the thread, which sees that it is to end.
        let woken = TcpStream::connect_timeout(&self.address, Duration::from_secs(1));
        let thread = lock(&self.thread).take();
        if let Some(thread) = thread {
            let _ = thread.join();
        }
        drop(woken);
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        if lock(&self.thread).is_some() {
            self.end();
        }
    }
}

#[derive(Serialize)]
struct Started<'a> {
    session: &'a str,
}

#[derive(Serialize)]
struct Received<'a> {
    session: &'a str,
    text: &'a str,
}

fn converse(
    stream: TcpStream,
    session: &str,
    welcome: &str,
    shared: &Shared,
    actor: &Actor,
) -> io::Result<()> {
    (&stream).write_all(welcome.as_bytes())?;
    lock(&shared.sessions).insert(session.to_owned(), stream.try_clone()?);
    // It may have been too late for the one who shuts sessions down.
    if shared.ending.load(Ordering::Acquire) {
        return Ok(());
    }
    let _ = actor.dispatch_bytes("SessionStarted", &encoded(&Started { session }));
    for line in BufReader::new(stream).split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        let end = if has("telnet-line-end-stays") { '\0' } else { '\r' };
        let text = line.trim_end_matches(end);
        let _ = actor.dispatch_bytes("ReceiveText", &encoded(&Received { session, text }));
    }
    Ok(())
}

fn encoded(message: &impl Serialize) -> Vec<u8> {
    // Strings can always be encoded.
    provider_core::codec::encode(message).unwrap_or_default()
}
