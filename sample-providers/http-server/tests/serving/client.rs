//! Clients: HTTP/1.1 by hand, so that a test can send whatever it likes, and HTTP/2 of hyper.
#![allow(dead_code, reason = "each test uses its part of the module")]

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

/// How long anything may take.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

/// A response.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) reason: String,
    /// Names in lower case, as often as they came.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

/// A connection of HTTP/1.1.
#[derive(Debug)]
pub(crate) struct Connection(BufReader<TcpStream>);

impl Connection {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self::try_new(address).unwrap()
    }

    pub(crate) fn try_new(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, LIMIT)?;
        // A body that follows its head must not wait until that is acknowledged.
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(LIMIT))?;
        stream.set_write_timeout(Some(LIMIT))?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Sends bytes as they are.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.0.get_mut().write_all(bytes.as_ref())
    }

    /// Sends a request with a body.
    pub(crate) fn post(&mut self, body: &[u8]) -> io::Result<Reply> {
        let length = body.len();
        self.send(format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n"))?;
        self.send(body)?;
        self.reply()
    }

    /// Sends a request without one.
    pub(crate) fn get(&mut self) -> io::Result<Reply> {
        self.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")?;
        self.reply()
    }

    /// The next response.
    pub(crate) fn reply(&mut self) -> io::Result<Reply> {
        let mut line = || {
            let mut line = String::new();
            match self.0.read_line(&mut line)? {
                0 => Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
                _ => Ok(line.trim_end().to_owned()),
            }
        };
        let start = line()?;
        let mut words = start.splitn(3, ' ');
        assert_eq!(words.next(), Some("HTTP/1.1"), "{start}");
        let status = words.next().unwrap().parse().unwrap();
        let reason = words.next().unwrap_or_default().to_owned();
        let mut headers = Vec::new();
        loop {
            let line = line()?;
            let Some((name, value)) = line.split_once(':') else { break };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut reply = Reply { status, reason, headers, body: Vec::new() };
        let length = reply.header("content-length").map_or(0, |length| length.parse().unwrap());
        reply.body.resize(length, 0);
        self.0.read_exact(&mut reply.body)?;
        Ok(reply)
    }

    /// The next byte.
    pub(crate) fn byte(&mut self) -> io::Result<u8> {
        let mut byte = [0];
        self.0.read_exact(&mut byte).map(|()| byte[0])
    }

    /// What comes until the other side closes the connection.
    pub(crate) fn rest(&mut self, limit: Duration) -> io::Result<Vec<u8>> {
        self.0.get_ref().set_read_timeout(Some(limit))?;
        let mut rest = Vec::new();
        match self.0.read_to_end(&mut rest) {
            Err(error) if error.kind() != io::ErrorKind::ConnectionReset => Err(error),
            _ => Ok(rest),
        }
    }

    /// Whether a byte comes within that time.
    pub(crate) fn has_byte_within(&mut self, limit: Duration) -> bool {
        self.0.get_ref().set_read_timeout(Some(limit)).unwrap();
        let came = self.0.fill_buf().is_ok_and(|bytes| !bytes.is_empty());
        self.0.get_ref().set_read_timeout(Some(LIMIT)).unwrap();
        came
    }

    /// Whether the other side closes the connection within that time, having said nothing more.
    pub(crate) fn is_closed_within(&mut self, limit: Duration) -> bool {
        self.0.get_ref().set_read_timeout(Some(limit)).unwrap();
        let outcome = self.0.read(&mut [0]);
        self.0.get_ref().set_read_timeout(Some(LIMIT)).unwrap();
        match outcome {
            Ok(count) => count == 0,
            Err(error) => error.kind() == io::ErrorKind::ConnectionReset,
        }
    }
}

/// Sends one request without a body.
pub(crate) fn get(address: SocketAddr) -> Reply {
    Connection::new(address).get().unwrap()
}

/// Waits until something outside of the test's hands has come about.
pub(crate) fn until(what: &str, come: impl Fn() -> bool) {
    let began = Instant::now();
    while !come() {
        assert!(began.elapsed() < LIMIT, "{what} has not come about");
        std::thread::sleep(Duration::from_millis(5));
    }
}
