//! Clients that people have: each negotiates in its own way, types a line and sees a text.

use std::{
    io::{Read, Write},
    net::TcpListener,
    process::{Child, Command, ExitCode, Stdio},
    sync::{Mutex, mpsc},
    time::Duration,
};

use provider_contracts::telnet::{TelnetClient, TelnetResult};
use provider_core::{BoxError, Dispatcher, codec};
use provider_host::Library;
use test_servers::find;

const PATIENCE: Duration = Duration::from_secs(30);

fn main() -> ExitCode {
    test_servers::main(
        &["inetutils-telnet", "telnetlib3-client"],
        &[("inetutils", inetutils), ("telnetlib3", telnetlib3)],
    )
}

/// Tells what came, as operation and message.
struct Actor(Mutex<mpsc::Sender<(String, serde_json::Value)>>);

impl Dispatcher for Actor {
    fn dispatch(&self, _: &str, op: &str, msg: &[u8]) -> Result<Vec<u8>, BoxError> {
        let message = codec::decode(msg)?;
        self.0.lock().expect("nobody panics with it").send((op.into(), message))?;
        Ok(codec::encode(&TelnetResult::done())?)
    }
}

fn inetutils() {
    let telnet = find("inetutils-telnet").expect("it was there");
    // It wants a terminal: `script` gives it one.
    talk(|port| {
        let command = format!("{} 127.0.0.1 {port}", telnet.display());
        let mut script = Command::new("script");
        script.args(["-qec", &command, "/dev/null"]);
        script
    });
}

fn telnetlib3() {
    let telnet = find("telnetlib3-client").expect("it was there");
    talk(|port| {
        let mut script = Command::new("script");
        let command = format!("{} 127.0.0.1 {port}", telnet.display());
        script.args(["-qec", &command, "/dev/null"]);
        script
    });
}

/// Kills the client at the end.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A session with the client that `command` starts at a port.
fn talk(command: impl FnOnce(u16) -> Command) {
    let (sender, heard) = mpsc::channel();
    let library = Library::linked(&telnet::ENTRY).expect("it is linked in");
    let provider = library.create().expect("it is made");
    let provider = provider.configure(Actor(Mutex::new(sender))).expect("it is configured");
    let port = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
    let port = port.expect("there is a free port").port();
    let values = [("PORT", port.to_string()), ("MOTD", "good day".into())];
    provider.bind("MACTOR", values).expect("it listens");
    let mut client = command(port);
    let client = client.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    let mut client = Running(client.spawn().expect("the client starts"));
    let next = || heard.recv_timeout(PATIENCE).expect("the actor is called");
    let (op, message) = next();
    assert_eq!(op, "SessionStarted");
    let session = message["session"].as_str().expect("a name").to_owned();
    let mut typed = client.0.stdin.take().expect("a pipe");
    let mut shown = client.0.stdout.take().expect("a pipe");
    sees(&mut shown, "good day");
    typed.write_all(b"look around\n").expect("it reads");
    assert_eq!(
        next(),
        ("ReceiveText".into(), serde_json::json!({"session": session, "text": "look around"}))
    );
    let calls = TelnetClient::new(&provider, "MACTOR");
    let sent = calls.send_text(session, "a dark room\r\n".into()).expect("it is sent");
    assert_eq!(sent, TelnetResult::done());
    sees(&mut shown, "a dark room");
    drop(client);
    provider.remove("MACTOR").expect("it is removed");
    provider.stop().expect("it stops").destroy().expect("it goes");
}

/// Reads until the client shows a text.
fn sees(shown: &mut impl Read, text: &str) {
    let mut all = Vec::new();
    let mut byte = [0];
    while !String::from_utf8_lossy(&all).contains(text) {
        let read = shown.read(&mut byte).expect("it can be read");
        let so_far = String::from_utf8_lossy(&all);
        assert_ne!(read, 0, "the client ends without `{text}`: {so_far}");
        all.push(byte[0]);
    }
}
