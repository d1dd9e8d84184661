//! What goes on on a connection, as far as it decides whether the connection is closed.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, sleep_until},
};

/// How long a client may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// For the head of a request, from its first byte; for the first one, from the connection's begin.
    pub(crate) head: Duration,
    /// Between requests, and to take what it is sent.
    pub(crate) idle: Duration,
}

/// Moments are milliseconds since the connection began, and one more, so that zero is none.
#[derive(Debug)]
pub(crate) struct Activity {
    began: Instant,
    limits: Limits,
    requests: AtomicUsize,
    /// Heads are not told apart from other frames.
    is_http2: AtomicBool,
    /// When the last request ended.
    idle_since: AtomicU64,
    /// When the first byte after it came.
    head_since: AtomicU64,
    /// Since when the client takes nothing more.
    stuck_since: AtomicU64,
}

impl Activity {
    pub(crate) fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self {
            began: Instant::now(),
            limits,
            requests: AtomicUsize::new(0),
            is_http2: AtomicBool::new(false),
            idle_since: AtomicU64::new(1),
            head_since: AtomicU64::new(1),
            stuck_since: AtomicU64::new(0),
        })
    }

    /// A request is under way until what is returned is dropped.
    pub(crate) fn request(self: &Arc<Self>, is_http2: bool) -> UnderWay {
        self.requests.fetch_add(1, Relaxed);
        self.is_http2.store(is_http2, Relaxed);
        UnderWay(Arc::clone(self))
    }

    /// Nothing is under way, in neither direction.
    pub(crate) fn is_quiet(&self) -> bool {
        self.requests.load(Relaxed) == 0 && self.stuck_since.load(Relaxed) == 0
    }

    /// Returns when the client has taken too long.
    pub(crate) async fn exhausted(&self) {
        while let Some(next) = self.next_look() {
            sleep_until(next).await;
        }
    }

    /// When to look again, nothing when the client has taken too long.
    fn next_look(&self) -> Option<Instant> {
        let now = Instant::now();
        let Limits { head, idle } = self.limits;
        // What begins meanwhile is late no sooner than this.
        let soonest = now + head.min(idle);
        let stuck = self.stuck_since.load(Relaxed);
        let head_since = self.head_since.load(Relaxed);
        let (since, limit) = if stuck != 0 {
            (stuck, idle)
        } else if self.requests.load(Relaxed) > 0 {
            // These have limits of their own.
            return Some(soonest);
        } else if head_since != 0 && !self.is_http2.load(Relaxed) {
            (head_since, head)
        } else {
            (self.idle_since.load(Relaxed), idle)
        };
        let end = self.began + Duration::from_millis(since.saturating_sub(1)) + limit;
        (end > now).then(|| end.min(soonest))
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX - 1) + 1
    }
}

/// A request that is under way.
#[derive(Debug)]
pub(crate) struct UnderWay(Arc<Activity>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.idle_since.store(self.0.now(), Relaxed);
        self.0.head_since.store(0, Relaxed);
        self.0.requests.fetch_sub(1, Relaxed);
    }
}

/// A stream whose bytes are noted.
#[derive(Debug)]
pub(crate) struct Watched<I> {
    stream: I,
    activity: Arc<Activity>,
}

impl<I> Watched<I> {
    pub(crate) fn new(stream: I, activity: Arc<Activity>) -> Self {
        Self { stream, activity }
    }

    fn wrote<T>(&self, outcome: Poll<T>) -> Poll<T> {
        let stuck = &self.activity.stuck_since;
        let since = stuck.load(Relaxed);
        match outcome {
            Poll::Ready(_) if since != 0 => stuck.store(0, Relaxed),
            Poll::Pending if since == 0 => stuck.store(self.activity.now(), Relaxed),
            _ => {}
        }
        outcome
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Watched<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut self.stream).poll_read(cx, buffer);
        let Activity { requests, head_since, .. } = &*self.activity;
        if buffer.filled().len() > before
            && requests.load(Relaxed) == 0
            && head_since.load(Relaxed) == 0
        {
            head_since.store(self.activity.now(), Relaxed);
        }
        outcome
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Watched<I> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.wrote(outcome)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_flush(cx);
        self.wrote(outcome)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.wrote(outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(cx, pieces);
        self.wrote(outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
