//! A link's socket with its sessions.

use std::{
    collections::HashMap,
    fmt,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;
use provider_core::{Actor, LogScope, prelude::*};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::{
    net::{TcpListener, TcpStream},
    select,
    sync::Semaphore,
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    session::{GONE, Outgoing, Session},
    settings::Settings,
};

/// How many connections wait to be accepted.
const BACKLOG: i32 = 1024;
/// How long nobody is accepted after the system refused to.
const PAUSE: Duration = Duration::from_millis(100);
/// How long `RemoveActor` waits for sessions that are in the middle of something.
const REMOVE: Duration = Duration::from_millis(500);

/// What is kept for a linked actor: its socket listens until the link ends, or until it is dropped.
pub struct Listening {
    shared: Arc<Shared>,
    tasks: TaskTracker,
}

pub(crate) struct Shared {
    pub(crate) actor: Actor,
    pub(crate) settings: Settings,
    pub(crate) scope: LogScope,
    pub(crate) ending: CancellationToken,
    /// What is to be sent, by session.
    sessions: Mutex<HashMap<String, Outgoing>>,
    /// What tells the sessions of this link from those of any other.
    mark: u64,
    count: AtomicU64,
}

impl Listening {
    /// Listens as a link wants it.
    ///
    /// # Errors
    ///
    /// *Unavailable* when the socket cannot listen.
    pub(crate) fn begin(settings: Settings, actor: Actor) -> Result<Self, Error> {
        let address = settings.socket();
        let socket = listen(address).map_err(|error| {
            let context = format!("cannot listen on {address}");
            Error::with_source(ErrorKind::Unavailable, error).context(context)
        })?;
        log::info!(address:%; "listens for telnet");
        let shared = Arc::new(Shared {
            actor,
            settings,
            scope: LogScope::current(),
            ending: CancellationToken::new(),
            sessions: Mutex::default(),
            mark: fastrand::u64(..),
            count: AtomicU64::new(0),
        });
        let tasks = TaskTracker::new();
        tasks.spawn(accept(Arc::clone(&shared), socket, tasks.clone()));
        tasks.close();
        Ok(Self { shared, tasks })
    }

    /// Puts a text into the queue of a session.
    ///
    /// # Errors
    ///
    /// Why it cannot be sent.
    pub(crate) fn send(&self, session: &str, text: String) -> Result<(), String> {
        let outgoing = self.shared.sessions.lock().get(session).cloned();
        let outgoing = outgoing.ok_or(GONE)?;
        // UTF-8 has no byte 255, so nothing in a text is a command.
        outgoing.put(text.into_bytes())
    }

    /// Closes the socket and ends the sessions.
    pub(crate) async fn end(&self) {
        self.shared.ending.cancel();
        // A session ends where it waits. None works for long in between.
        if timeout(REMOVE, self.tasks.wait()).await.is_err() {
            log::warn!("{} sessions are still about to end", self.tasks.len());
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.shared.ending.cancel();
    }
}

impl fmt::Debug for Listening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listening").field("tasks", &self.tasks.len()).finish_non_exhaustive()
    }
}

impl Shared {
    /// A session's name: nobody else has it, nor had.
    fn enter(&self, outgoing: Outgoing) -> String {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let name = format!("{:016x}-{count}", self.mark);
        self.sessions.lock().insert(name.clone(), outgoing);
        name
    }

    fn leave(&self, session: &str) {
        self.sessions.lock().remove(session);
    }
}

fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // Connections that were closed a while ago keep no port. On Windows this would mean another thing.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    TcpListener::from_std(socket.into())
}

/// Accepts clients until the link ends.
async fn accept(shared: Arc<Shared>, socket: TcpListener, tasks: TaskTracker) {
    let places = Arc::new(Semaphore::new(shared.settings.max_sessions));
    let accepting = async {
        loop {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
            match socket.accept().await {
                Ok((stream, from)) => {
                    let shared = Arc::clone(&shared);
                    tasks.spawn(async move {
                        serve(&shared, stream, from).await;
                        drop(place);
                    });
                }
                Err(error) => {
                    shared.scope.enter(|| log::warn!("cannot accept: {error}"));
                    sleep(PAUSE).await;
                }
            }
        }
    };
    select! {
        () = shared.ending.cancelled() => {}
        () = accepting => {}
    }
}

async fn serve(shared: &Shared, stream: TcpStream, from: SocketAddr) {
    let (outgoing, waiting) = Outgoing::new(shared.settings.max_unread_bytes);
    let name = &*shared.enter(outgoing.clone());
    shared.scope.enter(|| log::debug!(session = name, from:%; "a session begins"));
    let session = Session { name, shared, outgoing };
    let end = select! {
        () = shared.ending.cancelled() => "the link ends".to_owned(),
        end = session.run(stream, waiting) => end,
    };
    shared.leave(name);
    shared.scope.enter(|| log::debug!(session = name; "a session ends: {end}"));
}
