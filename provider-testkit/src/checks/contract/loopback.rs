//! As much of HTTP as the checks need on their own side, on the loopback interface.

use std::{
    collections::BTreeMap,
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

use crate::{lab::Outcome, protocol::Failure};

/// How long anything may take.
const LIMIT: Duration = Duration::from_secs(5);
/// How much of a body is read.
const MAX_BODY: usize = 1 << 20;

/// A request or a response.
#[derive(Debug)]
pub(super) struct Message {
    /// The first line.
    pub(super) start: String,
    /// The headers, their names in lower case. One that came more than once has several lines.
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Vec<u8>,
}

impl Message {
    fn read(stream: impl Read) -> io::Result<Self> {
        let mut reader = BufReader::new(stream.take(2 * MAX_BODY as u64));
        let mut line = || {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            Ok::<_, io::Error>(line.trim_end().to_owned())
        };
        let start = line()?;
        let mut headers = BTreeMap::new();
        loop {
            let header = line()?;
            let Some((name, value)) = header.split_once(':') else {
                break;
            };
            let value = value.trim();
            headers
                .entry(name.to_ascii_lowercase())
                .and_modify(|before: &mut String| before.extend(["\n", value]))
                .or_insert_with(|| value.to_owned());
        }
        let chunked = headers
            .get("transfer-encoding")
            .is_some_and(|encoding: &String| encoding.eq_ignore_ascii_case("chunked"));
        let mut body = Vec::new();
        if chunked {
            while let Some(size) = size_of_chunk(&mut reader)? {
                reader.by_ref().take(size).read_to_end(&mut body)?;
                reader.read_line(&mut String::new())?;
            }
        } else if let Some(length) = headers.get("content-length").and_then(|n| n.parse().ok()) {
            reader.take(length).read_to_end(&mut body)?;
        } else if start.starts_with("HTTP/") {
            reader.read_to_end(&mut body)?;
        }
        Ok(Self { start, headers, body })
    }

    /// The word of that number in the first line: the method, or a response's status.
    pub(super) fn word(&self, number: usize) -> &str {
        self.start.split(' ').nth(number).unwrap_or_default()
    }

    /// For people.
    pub(super) fn shown(&self) -> String {
        format!("{}, body {:?}", self.start, String::from_utf8_lossy(&self.body))
    }
}

fn size_of_chunk(reader: &mut impl BufRead) -> io::Result<Option<u64>> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let digits = line.trim_end().split(';').next().unwrap_or_default();
    Ok(u64::from_str_radix(digits, 16).ok().filter(|size| *size > 0))
}

/// Sends a request to `port` of this machine and reads the response.
pub(super) fn request(port: u16, head: &str, body: &[u8]) -> io::Result<Message> {
    let mut stream = connect(port)?;
    let length = body.len();
    write!(
        stream,
        "{head}\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    stream.write_all(body)?;
    Message::read(stream)
}

/// A connection to `port` of this machine.
pub(super) fn connect(port: u16) -> io::Result<TcpStream> {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let stream = TcpStream::connect_timeout(&address, LIMIT)?;
    stream.set_read_timeout(Some(LIMIT))?;
    stream.set_write_timeout(Some(LIMIT))?;
    Ok(stream)
}

/// The port of a link that was removed can be listened on.
pub(super) fn must_be_free(port: u16) -> Outcome {
    let Err(error) = TcpListener::bind(("127.0.0.1", port)) else { return Ok(()) };
    Err(Failure::new("`RemoveActor` returned and the port is still taken")
        .expected(format!("port {port} can be listened on"))
        .got(error.kind().to_string())
        .into())
}

/// A server that answers every request as a check says.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) port: u16,
    requests: Receiver<Message>,
}

impl Server {
    /// Begins to serve every request alike; it ends with the worker.
    pub(super) fn new(response: &'static str) -> io::Result<Self> {
        Self::answering(move |_| Some(response.as_bytes().to_vec()))
    }

    /// The same, with the response to each request. Where there is none, the connection stays open and
    /// silent.
    pub(super) fn answering(
        answer: impl Fn(&Message) -> Option<Vec<u8>> + Send + 'static,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let port = listener.local_addr()?.port();
        let (send, requests) = mpsc::channel();
        thread::Builder::new().name("testkit-http".into()).spawn(move || {
            let mut silent = Vec::new();
            for stream in listener.incoming().flatten() {
                let _ = stream.set_read_timeout(Some(LIMIT));
                let Ok(message) = Message::read(&stream) else {
                    continue;
                };
                let response = answer(&message);
                // Before the client can know that it came.
                if send.send(message).is_err() {
                    return;
                }
                match response {
                    Some(response) => drop((&stream).write_all(&response)),
                    None => silent.push(stream),
                }
            }
        })?;
        Ok(Self { port, requests })
    }

    /// The next request that came.
    pub(super) fn next(&self) -> Option<Message> {
        self.requests.recv_timeout(LIMIT).ok()
    }

    /// The requests that came since.
    pub(super) fn came(&self) -> Vec<Message> {
        self.requests.try_iter().collect()
    }
}

/// Reads until `text` came, or nothing more comes: what came.
pub(super) fn read_until(stream: &mut TcpStream, text: &str) -> Vec<u8> {
    let mut came = Vec::new();
    read_on(stream, text.as_bytes(), &mut came);
    came
}

/// Adds what comes to what `came`, until that has the bytes `wanted`, or nothing more comes.
pub(super) fn read_on(stream: &mut TcpStream, wanted: &[u8], came: &mut Vec<u8>) {
    let began = Instant::now();
    let mut part = [0; 1024];
    while !contains(came, wanted) {
        match stream.read(&mut part) {
            Ok(count) if count > 0 && began.elapsed() < LIMIT => {
                came.extend_from_slice(&part[..count]);
            }
            _ => break,
        }
    }
}

/// Whether `wanted` is somewhere in `bytes`.
pub(super) fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len().max(1)).any(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_and_its_response_carry_their_bodies() {
        let server =
            Server::new("HTTP/1.1 201 Made\r\nA: b\r\nContent-Length: 2\r\n\r\nok").unwrap();
        let response = request(server.port, "PATCH /x?y HTTP/1.1", b"body").unwrap();
        assert_eq!((response.word(1), &response.body[..]), ("201", &b"ok"[..]));
        assert_eq!(response.headers["a"], "b");
        let request = server.next().unwrap();
        assert_eq!((request.word(0), request.word(1)), ("PATCH", "/x?y"));
        assert_eq!(request.body, b"body");
        assert!(must_be_free(server.port).is_err());
    }

    #[test]
    fn a_body_in_chunks_is_put_together() {
        let text = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1;x\r\nd\r\n0\r\n\r\n";
        let message = Message::read(text.as_bytes()).unwrap();
        assert_eq!(message.body, b"abcd");
    }
}
