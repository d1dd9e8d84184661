//! Each server answers, dies, comes back at its port, stops answering and goes on, and is gone with
//! its owner.

use std::{
    io::{Read, Write},
    net::TcpStream,
    process::ExitCode,
    time::Duration,
};

use test_servers::{Held, Program, Server};

fn main() -> ExitCode {
    test_servers::main(
        &["redis-server"],
        &[
            ("a_server_that_was_killed_comes_back_at_its_port", killed),
            ("a_server_that_is_paused_accepts_and_does_not_answer", paused),
            ("a_server_is_gone_with_its_owner", gone),
            ("a_server_that_does_not_start_says_why", refused),
        ],
    )
}

fn ping(server: &Server) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(server.address())?;
    stream.set_read_timeout(Some(Duration::from_millis(300)))?;
    stream.write_all(b"PING\r\n")?;
    let mut answer = [0; 7];
    stream.read_exact(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

fn killed() {
    let mut server = Server::start(Program::Redis).expect("it starts");
    assert_eq!(ping(&server).expect("it answers"), "+PONG\r\n");
    server.kill();
    ping(&server).expect_err("nobody is there");
    let address = server.address();
    server.restart().expect("it starts again");
    assert_eq!(server.address(), address);
    assert_eq!(ping(&server).expect("it answers again"), "+PONG\r\n");
}

fn paused() {
    let server = Server::start(Program::Redis).expect("it starts");
    server.pause();
    let error = ping(&server).expect_err("it does not answer");
    assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock, "{error}");
    server.resume();
    assert_eq!(ping(&server).expect("it goes on"), "+PONG\r\n");
}

fn gone() {
    let held = Held::now();
    let server = Server::start(Program::Redis).expect("it starts");
    let (address, folder) = (server.address(), server.folder().to_owned());
    drop(server);
    TcpStream::connect(address).expect_err("nobody is there");
    assert!(!folder.exists());
    held.nothing_more();
}

fn refused() {
    let error = Server::start_with(Program::Redis, &["--no-such-setting", "1"]).expect_err("wrong");
    assert!(error.to_string().contains("no-such-setting"), "{error}");
}
