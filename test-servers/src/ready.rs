//! Whether a server answers.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use crate::Program;

/// How long one question may take: a server that is loading its data accepts and does not answer.
const QUESTION: Duration = Duration::from_secs(2);

/// Asks what every client of the server asks first.
pub(crate) fn answers(program: Program, address: SocketAddr) -> io::Result<bool> {
    let mut stream = TcpStream::connect_timeout(&address, QUESTION)?;
    stream.set_read_timeout(Some(QUESTION))?;
    let (question, expected): (&[u8], &[&[u8]]) = match program {
        // With a password it refuses, and is there.
        Program::Redis | Program::Falkordb => (b"PING\r\n", &[b"+PONG", b"-NOAUTH"]),
        Program::Nats => (b"", &[b"INFO "]),
        Program::S3 => (b"GET / HTTP/1.0\r\n\r\n", &[b"HTTP/"]),
    };
    stream.write_all(question)?;
    let mut answer = [0; 16];
    let mut length = 0;
    while length < 7 {
        match stream.read(&mut answer[length..])? {
            0 => break,
            more => length += more,
        }
    }
    Ok(expected.iter().any(|expected| answer[..length].starts_with(expected)))
}
