//! A server in this process that does as a test says, also what no server should do.

use std::{
    collections::BTreeMap,
    io::{self, BufRead, BufReader, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// How long anything may take to happen.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

/// A request that came.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    /// The first line.
    pub(crate) start: String,
    /// The headers, their names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

/// What becomes of a connection after a response.
pub(crate) enum Then {
    /// The next request is read.
    Next,
    Close,
    /// Nothing more is said until the client closes it.
    Hold,
}

type Answer = dyn Fn(&Received, &mut dyn Write) -> io::Result<Then> + Send + Sync;

#[derive(Default)]
struct Seen {
    requests: Vec<Received>,
    accepted: usize,
    open: BTreeMap<usize, TcpStream>,
    ended: bool,
}

struct State {
    seen: Mutex<Seen>,
    changed: Condvar,
    answer: Box<Answer>,
    tls: Option<Arc<ServerConfig>>,
}

pub(crate) struct Server {
    address: SocketAddr,
    state: Arc<State>,
    listens: Option<thread::JoinHandle<()>>,
}

trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

impl Server {
    pub(crate) fn new(
        answer: impl Fn(&Received, &mut dyn Write) -> io::Result<Then> + Send + Sync + 'static,
    ) -> Self {
        Self::at(SocketAddr::from(([127, 0, 0, 1], 0)), None, answer)
    }

    pub(crate) fn at(
        address: SocketAddr,
        tls: Option<Arc<ServerConfig>>,
        answer: impl Fn(&Received, &mut dyn Write) -> io::Result<Then> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State {
            seen: Mutex::default(),
            changed: Condvar::new(),
            answer: Box::new(answer),
            tls,
        });
        let listening = Arc::clone(&state);
        let listens = thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if listening.seen().ended {
                    return;
                }
                let state = Arc::clone(&listening);
                thread::spawn(move || state.serve(stream));
            }
        });
        Self { address, state, listens: Some(listens) }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn url(&self, path: &str) -> String {
        let scheme = if self.state.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://127.0.0.1:{}{path}", self.address.port())
    }

    /// The requests that came.
    pub(crate) fn requests(&self) -> Vec<Received> {
        self.state.seen().requests.clone()
    }

    /// How many connections came.
    pub(crate) fn accepted(&self) -> usize {
        self.state.seen().accepted
    }

    /// Waits until so many requests came.
    pub(crate) fn await_requests(&self, count: usize) {
        self.wait("requests", |seen| seen.requests.len() == count);
    }

    /// Waits until so many connections are open.
    pub(crate) fn await_open(&self, count: usize) {
        self.wait("open connections", |seen| seen.open.len() == count);
    }

    /// Closes the connections that are there.
    pub(crate) fn disconnect(&self) {
        for stream in self.state.seen().open.values() {
            let _ = stream.shutdown(Shutdown::Both);
        }
        self.await_open(0);
    }

    fn wait(&self, what: &str, met: impl Fn(&Seen) -> bool) {
        let began = Instant::now();
        let mut seen = self.state.seen();
        while !met(&seen) {
            let (requests, open) = (seen.requests.len(), seen.open.len());
            assert!(began.elapsed() < LIMIT, "{what}: {requests} requests, {open} open");
            seen = self.state.changed.wait_timeout(seen, Duration::from_millis(100)).unwrap().0;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.state.seen().ended = true;
        let _ = TcpStream::connect(self.address);
        if let Some(listens) = self.listens.take() {
            let _ = listens.join();
        }
        for stream in self.state.seen().open.values() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

impl State {
    /// A test that failed while it looked is failure enough.
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Seen)) {
        change(&mut self.seen());
        self.changed.notify_all();
    }

    fn serve(&self, stream: TcpStream) {
        let (mine, mut number) = (stream.try_clone().unwrap(), 0);
        self.change(|seen| {
            seen.accepted += 1;
            number = seen.accepted;
            seen.open.insert(number, mine);
        });
        let stream: Box<dyn Stream> = match &self.tls {
            None => Box::new(stream),
            Some(config) => {
                let connection = ServerConnection::new(Arc::clone(config)).unwrap();
                Box::new(StreamOwned::new(connection, stream))
            }
        };
        // However it ended, it has ended.
        let _ = self.talk(stream);
        self.change(|seen| drop(seen.open.remove(&number)));
    }

    fn talk(&self, stream: Box<dyn Stream>) -> io::Result<()> {
        let mut reader = BufReader::new(stream);
        while let Some(request) = read(&mut reader)? {
            self.change(|seen| seen.requests.push(request.clone()));
            let then = (self.answer)(&request, reader.get_mut())?;
            reader.get_mut().flush()?;
            match then {
                Then::Next => {}
                Then::Close => break,
                Then::Hold => return io::copy(&mut reader, &mut io::sink()).map(|_| ()),
            }
        }
        Ok(())
    }
}

fn read(reader: &mut impl BufRead) -> io::Result<Option<Received>> {
    let mut start = String::new();
    if reader.read_line(&mut start)? == 0 {
        return Ok(None);
    }
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").map_or(0, |length: &String| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some(Received { start: start.trim_end().to_owned(), headers, body }))
}

/// Writes a whole response. `head` is its first line and headers, with `\n` between them.
pub(crate) fn respond(to: &mut dyn Write, head: &str, body: &[u8]) -> io::Result<Then> {
    let head = head.replace('\n', "\r\n");
    write!(to, "HTTP/1.1 {head}\r\ncontent-length: {}\r\n\r\n", body.len())?;
    to.write_all(body)?;
    Ok(Then::Next)
}
