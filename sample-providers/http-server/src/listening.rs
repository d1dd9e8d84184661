//! A link's sockets with their connections.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use hyper::service::service_fn;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use provider_core::{LogScope, prelude::*};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    select,
    sync::Semaphore,
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    activity::{Activity, Limits, Watched},
    calls::Calls,
    cors,
    serving::Serving,
    settings::{Settings, milliseconds},
    sockets, tls,
    troubles::Troubles,
    workers::Workers,
};

/// How long nobody is accepted after the system refused to.
const PAUSE: Duration = Duration::from_millis(100);
/// How often a connection that is to end is looked at.
const GLANCE: Duration = Duration::from_millis(20);
/// How many requests one connection of HTTP/2 may have under way.
const MAX_STREAMS: u32 = 200;

/// What is kept for a linked actor: its sockets listen until the link ends, or until it is dropped.
pub struct Listening {
    shared: Arc<Shared>,
    tasks: TaskTracker,
    remove_timeout: Duration,
}

struct Shared {
    serving: Arc<Serving>,
    tls: Option<TlsAcceptor>,
    http: auto::Builder<TokioExecutor>,
    limits: Limits,
    connections: Arc<Semaphore>,
    troubles: Arc<Troubles>,
    scope: LogScope,
    /// Connections end after the requests that are under way.
    ending: CancellationToken,
    /// They end at once.
    cutting: CancellationToken,
}

impl Listening {
    /// Listens as a link wants it.
    ///
    /// # Errors
    ///
    /// *Bad request* for values that cannot be used, *unavailable* when a socket cannot listen.
    pub(crate) async fn begin(
        config: &LinkConfig,
        troubles: &Arc<Troubles>,
        workers: Workers,
    ) -> Result<Self, Error> {
        let settings: Settings = config.read()?;
        let addresses = settings.addresses()?;
        let cors = cors::allowed(&settings)?;
        let (tls, settings) = if settings.tls_certificate.is_some() || settings.tls_key.is_some() {
            // It may read files.
            let read = tokio::task::spawn_blocking(|| (tls::acceptor(&settings), settings));
            let (tls, settings) =
                read.await.map_err(|error| Error::with_source(ErrorKind::Failed, error))?;
            (tls?, settings)
        } else {
            (None, settings)
        };
        let sockets = sockets::listen(&addresses)?;
        let mut http = auto::Builder::new(TokioExecutor::new());
        let max_header_bytes = settings.max_header_bytes;
        http.http1().max_buf_size(max_header_bytes as usize);
        http.http2().max_header_list_size(max_header_bytes).max_concurrent_streams(MAX_STREAMS);
        let calls = Calls::new(config.actor().clone(), settings.max_calls, workers);
        let shared = Arc::new(Shared {
            serving: Arc::new(Serving::new(calls, &settings, cors)),
            tls,
            http,
            limits: Limits {
                head: milliseconds(settings.header_timeout_ms),
                idle: milliseconds(settings.idle_timeout_ms),
            },
            connections: Arc::new(Semaphore::new(settings.max_connections)),
            troubles: Arc::clone(troubles),
            scope: LogScope::current(),
            ending: CancellationToken::new(),
            cutting: CancellationToken::new(),
        });
        let tasks = TaskTracker::new();
        for socket in sockets {
            let address = socket
                .local_addr()
                .map_err(|error| Error::with_source(ErrorKind::Failed, error))?;
            let scheme = if shared.tls.is_some() { "https" } else { "http" };
            log::info!(address:%; "listens for {scheme}");
            tasks.spawn(accept(Arc::clone(&shared), socket, address, tasks.clone()));
        }
        tasks.close();
        Ok(Self { shared, tasks, remove_timeout: settings.remove_timeout() })
    }

    /// Closes the sockets and waits for the requests that are under way, but not for longer than the link
    /// allows. Afterwards no connection is open, and no thread is there but those whose calls of the actor
    /// have not returned.
    pub(crate) async fn end(&self) {
        self.shared.ending.cancel();
        if timeout(self.remove_timeout, self.tasks.wait()).await.is_err() {
            let limit = self.remove_timeout.as_millis();
            log::warn!("requests that were in flight for {limit} ms more are cut off");
            self.shared.cutting.cancel();
            self.tasks.wait().await;
        }
        let left = self.shared.serving.calls.close(PAUSE).await;
        if left > 0 {
            log::warn!("the actor has not returned from {left} calls, which keep a thread each");
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.shared.ending.cancel();
        self.shared.cutting.cancel();
    }
}

impl std::fmt::Debug for Listening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listening").field("tasks", &self.tasks.len()).finish_non_exhaustive()
    }
}

/// Accepts connections until the link ends.
async fn accept(shared: Arc<Shared>, socket: TcpListener, address: SocketAddr, tasks: TaskTracker) {
    let accepting = async {
        loop {
            let Ok(place) = Arc::clone(&shared.connections).acquire_owned().await else { return };
            match socket.accept().await {
                Ok((stream, _)) => {
                    shared.troubles.over(address);
                    let shared = Arc::clone(&shared);
                    tasks.spawn(async move {
                        shared.serve(stream).await;
                        drop(place);
                    });
                }
                Err(error) if is_of_the_client(&error) => {}
                Err(error) => {
                    shared.scope.enter(|| log::error!(address:%; "cannot accept: {error}"));
                    shared.troubles.has(address, format!("{address}: cannot accept: {error}"));
                    sleep(PAUSE).await;
                }
            }
        }
    };
    select! {
        () = shared.ending.cancelled() => {}
        () = accepting => {}
    }
    shared.troubles.over(address);
}

/// Whether the connection is to blame, and not the system.
fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

impl Shared {
    /// Serves one connection to its end. How it ends is the client's matter.
    async fn serve(self: Arc<Self>, stream: TcpStream) {
        // Replies are written in one piece, and what is left of one must not wait for the next.
        let _ = stream.set_nodelay(true);
        let Some(tls) = &self.tls else { return self.speak(stream).await };
        let secured = select! {
            () = self.ending.cancelled() => return,
            secured = timeout(self.limits.head, tls.accept(stream)) => secured,
        };
        match secured {
            Ok(Ok(stream)) => self.speak(stream).await,
            Ok(Err(error)) => self.scope.enter(|| log::debug!("no TLS: {error}")),
            Err(_) => self.scope.enter(|| log::debug!("no TLS in time")),
        }
    }

    async fn speak(&self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let activity = Activity::new(self.limits);
        let noted = Arc::clone(&activity);
        let serving = Arc::clone(&self.serving);
        let service = service_fn(move |request: http::Request<_>| {
            let under_way = noted.request(request.version() == http::Version::HTTP_2);
            Arc::clone(&serving).reply(request, under_way)
        });
        let stream = TokioIo::new(Watched::new(stream, Arc::clone(&activity)));
        let mut connection = std::pin::pin!(self.http.serve_connection(stream, service));
        select! {
            biased;
            _ = connection.as_mut() => return,
            () = activity.exhausted() => return,
            () = self.ending.cancelled() => {}
        }
        connection.as_mut().graceful_shutdown();
        let mut was_quiet = false;
        loop {
            select! {
                _ = connection.as_mut() => return,
                () = self.cutting.cancelled() => return,
                () = sleep(GLANCE) => {}
            }
            // Whoever began to say something has had its time. What is written now gets a glance more.
            if activity.is_quiet() && was_quiet {
                return;
            }
            was_quiet = activity.is_quiet();
        }
    }
}
