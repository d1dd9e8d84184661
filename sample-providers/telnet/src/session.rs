//! One session: what a client types goes to the actor, and what the actor says to the client.

use std::{pin::pin, sync::Arc, time::Duration};

use provider_contracts::telnet::TelnetResult;
use provider_core::prelude::*;
use serde::Serialize;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    select,
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use crate::{lines::Lines, listening::Shared, protocol::Protocol};

/// How much is read at once.
const PIECE: usize = 4096;
/// How long a session that is over may take to send what the actor said before.
const LAST_WORDS: Duration = Duration::from_millis(400);

/// Why nothing can be sent to a session that has ended, or never was.
pub(crate) const GONE: &str = "there is no such session of this actor";

/// A text in the queue, with the room that it takes there.
type Waiting = (Vec<u8>, OwnedSemaphorePermit);

/// The end of a session's queue that texts are put into.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing {
    queue: mpsc::UnboundedSender<Waiting>,
    /// The room in the queue, in bytes.
    room: Arc<Semaphore>,
    most: usize,
}

impl Outgoing {
    /// A queue with room for `most` bytes, and its other end.
    pub(crate) fn new(most: usize) -> (Self, mpsc::UnboundedReceiver<Waiting>) {
        let (queue, waiting) = mpsc::unbounded_channel();
        (Self { queue, room: Arc::new(Semaphore::new(most)), most }, waiting)
    }

    /// Puts bytes into the queue, or leaves it as it is.
    ///
    /// # Errors
    ///
    /// Why there is no room.
    pub(crate) fn put(&self, bytes: Vec<u8>) -> Result<(), String> {
        let length = bytes.len();
        if length == 0 {
            return Ok(());
        }
        let permits = u32::try_from(length).ok().filter(|_| length <= self.most);
        let Some(permits) = permits else {
            return Err(format!("the text has {length} bytes, at most {} can wait", self.most));
        };
        let Ok(room) = Arc::clone(&self.room).try_acquire_many_owned(permits) else {
            let unread = self.most - self.room.available_permits();
            return Err(format!("the client has not read {unread} bytes of what it was sent"));
        };
        self.queue.send((bytes, room)).map_err(|_| GONE.to_owned())
    }
}

/// A session in progress.
pub(crate) struct Session<'a> {
    pub(crate) name: &'a str,
    pub(crate) shared: &'a Shared,
    pub(crate) outgoing: Outgoing,
}

#[derive(Serialize)]
struct Started<'a> {
    session: &'a str,
}

#[derive(Serialize)]
struct Line<'a> {
    session: &'a str,
    text: &'a str,
}

impl Session<'_> {
    /// Runs it to its end, and says why it ended.
    pub(crate) async fn run(
        &self,
        stream: TcpStream,
        waiting: mpsc::UnboundedReceiver<Waiting>,
    ) -> String {
        // Whoever types wants to see the answer at once.
        let _ = stream.set_nodelay(true);
        let (from, to) = stream.into_split();
        let listened = CancellationToken::new();
        let mut speaking = pin!(self.speak(to, waiting, &listened));
        select! {
            end = self.listen(from) => {
                // What the actor said last is still on its way.
                listened.cancel();
                let _ = timeout(LAST_WORDS, speaking).await;
                end
            }
            end = &mut speaking => end,
        }
    }

    /// Takes what the client types to the actor.
    async fn listen(&self, mut from: OwnedReadHalf) -> String {
        let settings = &self.shared.settings;
        if let Err(reason) = self.outgoing.put(settings.greeting()) {
            return reason;
        }
        match self.ask("SessionStarted", &Started { session: self.name }).await {
            Ok(TelnetResult { success: true, .. }) => {}
            Ok(TelnetResult { error, .. }) => {
                return format!("the actor refuses it: {}", error.unwrap_or_default());
            }
            Err(error) => return format!("the actor cannot be told of it: {error}"),
        }
        let (mut protocol, mut lines) = (Protocol::new(), Lines::new(settings.max_line_bytes));
        let (mut piece, mut data) = (vec![0; PIECE], Vec::new());
        loop {
            let length = match timeout(settings.idle_timeout, from.read(&mut piece)).await {
                Ok(Ok(0)) => return "the client has closed it".into(),
                Ok(Ok(length)) => length,
                Ok(Err(error)) => return format!("the client is gone: {error}"),
                Err(_) => return format!("nobody typed for {:?}", settings.idle_timeout),
            };
            let (mut answer, mut typed) = (Vec::new(), Vec::new());
            data.clear();
            protocol.receive(&piece[..length], &mut data, &mut answer);
            // A client that asks and does not read the answers gets no more of them.
            if let Err(reason) = self.outgoing.put(answer) {
                return reason;
            }
            let read = lines.receive(&data, |line| typed.push(line));
            for text in typed {
                if let Some(end) = self.hand_over(&text).await {
                    return end;
                }
            }
            if read.is_err() {
                return format!("a line has more than {} bytes", settings.max_line_bytes);
            }
        }
    }

    /// Gives the actor a line. Returns why the session cannot go on.
    async fn hand_over(&self, text: &str) -> Option<String> {
        let refused = match self.ask("ReceiveText", &Line { session: self.name, text }).await {
            Ok(TelnetResult { success: true, .. }) => return None,
            Ok(TelnetResult { error, .. }) => error.unwrap_or_default(),
            // The lines of a session come one after the other, and this one does not come to its end.
            Err(error) if error.kind() == ErrorKind::Timeout => return Some(error.to_string()),
            Err(error) => error.to_string(),
        };
        let session = self.name;
        self.shared.scope.enter(|| log::warn!(session; "the actor did not take a line: {refused}"));
        None
    }

    async fn ask(
        &self,
        op: &str,
        message: &(impl Serialize + Sync),
    ) -> Result<TelnetResult, Error> {
        let limit = self.shared.settings.timeout;
        let asked = self.shared.actor.dispatch_async(op, message);
        timeout(limit, asked).await.unwrap_or_else(|_| {
            let text = format!("the actor has not answered `{op}` for {limit:?}");
            Err(Error::new(ErrorKind::Timeout, text))
        })
    }

    /// Writes what is in the queue, until it is empty after the client was `listened` to for the last time.
    async fn speak(
        &self,
        mut to: OwnedWriteHalf,
        mut waiting: mpsc::UnboundedReceiver<Waiting>,
        listened: &CancellationToken,
    ) -> String {
        let limit = self.shared.settings.timeout;
        loop {
            let next = select! {
                biased;
                next = waiting.recv() => next,
                () = listened.cancelled() => None,
            };
            let Some((bytes, _room)) = next else { return "all is said".into() };
            match timeout(limit, to.write_all(&bytes)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => return format!("the client is gone: {error}"),
                Err(_) => return format!("the client has read nothing for {limit:?}"),
            }
        }
    }
}
