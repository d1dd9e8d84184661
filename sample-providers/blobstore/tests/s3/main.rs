//! Objects in S3, beside a real server.
#![expect(clippy::unwrap_used, reason = "in a test, where it fails is the message")]

#[path = "../linked/mod.rs"]
mod linked;

mod faults;
mod meaning;

use std::{
    io::{Read, Write},
    net::TcpStream,
    process::ExitCode,
};

use provider_core::Error;
use test_servers::{Program, Server};

use crate::linked::Provider;

fn main() -> ExitCode {
    test_servers::main(
        &[Program::S3.name()],
        &[
            ("s3_gives_the_transcript_of_files", meaning::s3_gives_the_transcript_of_files),
            ("objects_of_many_parts_come_back", meaning::objects_of_many_parts_come_back),
            ("a_server_that_is_not_there_fails_the_bind", faults::refused_at_bind),
            ("no_bucket_and_no_leave_fail_the_bind", faults::no_bucket_and_no_leave),
            ("a_server_that_is_killed_and_comes_back", faults::killed_and_restarted),
            ("a_server_that_does_not_answer", faults::stopped),
            ("nothing_is_left_over", faults::nothing_is_left_over),
        ],
    )
}

/// A server with the bucket `bucket`.
fn server() -> Server {
    let server = Server::start(Program::S3).unwrap();
    make_bucket(&server);
    server
}

fn make_bucket(server: &Server) {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream
        .write_all(b"PUT /bucket HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

/// Links an actor with a bucket of the server.
fn bind(provider: &Provider, server: &Server, url: &str, secret: &str) -> Result<(), Error> {
    let values = [
        ("URL", url),
        ("ENDPOINT", &*server.url()),
        ("ACCESS_KEY_ID", "testing"),
        ("SECRET_ACCESS_KEY", secret),
        ("TIMEOUT", "2s"),
        ("SPOOL", server.folder().to_str().unwrap()),
    ];
    provider.bind("MALICE", values)
}

fn linked(server: &Server) -> Provider {
    let provider = Provider::start();
    bind(&provider, server, "s3://bucket/prefix", "testing").unwrap();
    provider
}
