//! `wasmcloud:telnet`: a thread for each link, and one for each session.

use std::{
    collections::HashMap,
    io::{self, BufReader, Read, Write},
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
pub struct Terminals {
    /// The sessions of all links together, where they are kept like that.
    together: Arc<Sessions>,
}

type Sessions = Mutex<HashMap<String, TcpStream>>;

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
    sessions: Arc<Sessions>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Provider for Terminals {
    type Link = Option<Listening>;

    fn link(&self, config: &LinkConfig) -> Result<Self::Link, BoxError> {
        let port: u16 = config.get("PORT").unwrap_or("3000").parse()?;
        let welcome = config.get("MOTD").unwrap_or_default().to_owned();
        let sessions = if has("telnet-sessions-together") {
            Arc::clone(&self.together)
        } else {
            Arc::default()
        };
        let shared = Arc::new(Shared { ending: AtomicBool::new(false), sessions });
        match Listening::begin(port, welcome, config.actor().clone(), shared) {
            // It will be noticed, some day.
            Err(_) if has("telnet-bind-always-fine") => Ok(None),
            listening => Ok(Some(listening?)),
        }
    }

    fn unlink(&self, _actor: &str, link: &Self::Link) {
        if let Some(listening) = link {
            listening.end();
        }
    }
}

impl Telnet for Terminals {
    fn send_text(&self, cx: Cx<'_, Self>, session: String, text: String) -> OpResult<TelnetResult> {
        let client = cx
            .link()
            .as_ref()
            .and_then(|link| lock(&link.shared.sessions).get(&session).map(TcpStream::try_clone));
        let sent = match client {
            None if has("telnet-send-always-succeeds") => Ok(()),
            None => Err("there is no such session".to_owned()),
            Some(client) => client
                .and_then(|mut client| client.write_all(text.as_bytes()))
                .map_err(|error| error.to_string()),
        };
        Ok(TelnetResult { success: sent.is_ok(), error: sent.err() })
    }
}

impl Listening {
    fn begin(port: u16, welcome: String, actor: Actor, shared: Arc<Shared>) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port))?;
        let address = listener.local_addr()?;
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
                    let _ = converse(&stream, &session, &welcome, &shared, &actor);
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
    stream: &TcpStream,
    session: &str,
    welcome: &str,
    shared: &Shared,
    actor: &Actor,
) -> io::Result<()> {
    let mut to = stream;
    to.write_all(welcome.as_bytes())?;
    lock(&shared.sessions).insert(session.to_owned(), stream.try_clone()?);
    // It may have been too late for the one who shuts sessions down.
    if shared.ending.load(Ordering::Acquire) {
        return Ok(());
    }
    let reply = actor.dispatch_bytes("SessionStarted", &encoded(&Started { session }));
    if !reply.is_ok_and(|reply| taken(&reply)) {
        return Ok(());
    }
    let mut typed = Typed { line: Vec::new(), last: 0 };
    let mut bytes = BufReader::new(stream).bytes().map_while(Result::ok);
    while let Some(byte) = bytes.next() {
        if byte == IAC && !has("telnet-commands-in-text") {
            match command(&mut bytes) {
                Some(answer) => to.write_all(&answer)?,
                None => break,
            }
        } else if let Some(line) = typed.byte(byte) {
            let text = &String::from_utf8_lossy(&line);
            let _ = actor.dispatch_bytes("ReceiveText", &encoded(&Received { session, text }));
        }
    }
    Ok(())
}

/// Whether the actor took what it was told.
fn taken(reply: &[u8]) -> bool {
    let bare = || provider_core::codec::decode(reply).is_ok_and(|success: bool| success);
    match provider_core::codec::decode::<TelnetResult>(reply) {
        Ok(result) => result.success,
        Err(_) => !has("telnet-bare-reply-refused") && bare(),
    }
}

/// What was typed of a line.
struct Typed {
    line: Vec<u8>,
    last: u8,
}

impl Typed {
    /// The line that a byte ends, if it does.
    fn byte(&mut self, byte: u8) -> Option<Vec<u8>> {
        let last = std::mem::replace(&mut self.last, byte);
        let nul = byte == 0 && last == b'\r' && !has("telnet-nul-ends-no-line");
        if byte != b'\n' && !nul {
            self.line.push(byte);
            return None;
        }
        let mut line = std::mem::take(&mut self.line);
        if last == b'\r' && !has("telnet-line-end-stays") {
            line.pop();
        }
        Some(line)
    }
}

/// Begins a command.
const IAC: u8 = 255;

/// Reads a command to its end: its answer, and nothing where the client ends.
fn command(bytes: &mut impl Iterator<Item = u8>) -> Option<Vec<u8>> {
    const SE: u8 = 240;
    const SB: u8 = 250;
    const WILL: u8 = 251;
    const WONT: u8 = 252;
    const DO: u8 = 253;
    const DONT: u8 = 254;
    let verb = bytes.next()?;
    Some(match verb {
        WILL => vec![IAC, DONT, bytes.next()?],
        DO => vec![IAC, WONT, bytes.next()?],
        WONT | DONT => {
            bytes.next()?;
            vec![]
        }
        SB => {
            let mut last = 0;
            loop {
                let byte = bytes.next()?;
                if (last, byte) == (IAC, SE) {
                    break vec![];
                }
                last = byte;
            }
        }
        _ => vec![],
    })
}

fn encoded(message: &impl Serialize) -> Vec<u8> {
    // Strings can always be encoded.
    provider_core::codec::encode(message).unwrap_or_default()
}
