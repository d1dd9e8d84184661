//! As much of HTTP as the two providers need.

use std::{
    collections::BTreeMap,
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::Duration,
};

use crate::has;

/// How long a peer may keep silent.
const LIMIT: Duration = Duration::from_secs(2);
/// How much of a message is read.
const MAX_MESSAGE: u64 = 1 << 20;

/// A request or a response.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) start: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

pub(crate) fn read(stream: &TcpStream) -> io::Result<Message> {
    stream.set_read_timeout(Some(LIMIT))?;
    stream.set_write_timeout(Some(LIMIT))?;
    let mut reader = BufReader::new(stream.take(MAX_MESSAGE));
    let mut start = String::new();
    reader.read_line(&mut start)?;
    let mut headers = BTreeMap::<String, String>::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        let (name, value) = (name.to_ascii_lowercase(), value.trim());
        match headers.get_mut(&name) {
            Some(before) if !has("httpserver-last-header-wins") => {
                before.extend([", ", value]);
            }
            _ => _ = headers.insert(name, value.to_owned()),
        }
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = Vec::new();
    reader.take(length).read_to_end(&mut body)?;
    Ok(Message { start: start.trim_end().to_owned(), headers, body })
}

pub(crate) fn write(
    mut stream: &TcpStream,
    start: &str,
    headers: &BTreeMap<String, String>,
    body: &[u8],
) -> io::Result<()> {
    let mut head = format!("{start}\r\n").into_bytes();
    for (name, value) in headers {
        for line in value.lines() {
            write!(head, "{name}: {line}\r\n")?;
        }
    }
    write!(head, "content-length: {}\r\nconnection: close\r\n\r\n", body.len())?;
    stream.write_all(&head)?;
    stream.write_all(body)
}
