//! Ten thousand connections at once. The provider is in a process of its own, since each end of a connection
//! takes a descriptor. Where fewer are allowed it is as many as that, and the output says how many.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "in a test, where it fails is the message")]
#![expect(
    clippy::print_stdout,
    reason = "the process tells its port, and the test how many it made"
)]

#[path = "../serving/client.rs"]
mod client;
#[path = "../serving/host.rs"]
mod host;

use std::{
    env, fs,
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    thread,
};

use client::{Connection, get};
use host::{Host, echo};
use libtest_mimic::{Arguments, Failed, Trial};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Tells the program that it is the provider's process.
const SERVES: &str = "HTTP_SERVER_SERVES";
/// How many connections.
const WANTED: u64 = 10_000;
/// How many calls of the actor are made at once.
const CALLS: u64 = 4;
/// Descriptors for everything else.
const OTHER: u64 = 100;
/// How many threads send requests.
const SENDERS: usize = 8;

fn main() {
    if env::var_os(SERVES).is_some() {
        return serve();
    }
    let trial = Trial::test("ten_thousand_connections_are_kept_alive", connections_are_kept_alive);
    libtest_mimic::run(&Arguments::from_args(), vec![trial]).exit();
}

/// Raises the soft limit of descriptors to the hard one, and returns how many connections that allows.
fn allowed() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).unwrap();
    limit.maximum.map_or(WANTED, |most| most.saturating_sub(OTHER).min(WANTED))
}

/// The provider's process: tells its address, and ends with its standard input.
fn serve() {
    allowed();
    let host = Host::new();
    let calls = CALLS.to_string();
    let values =
        [("IDLE_TIMEOUT_MS", "600000"), ("TIMEOUT_MS", "60000"), ("MAX_CALLS", calls.as_str())];
    println!("{}", host.serve("MACTOR", &values, echo));
    let _ = std::io::stdin().read(&mut [0]);
    host.remove("MACTOR");
    host.stop();
}

/// A process that ends with the test.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

impl Serving {
    /// The number after `key` in the file of its status.
    fn status(&self, key: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap();
        line.trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap()
    }
}

fn connections_are_kept_alive() -> Result<(), Failed> {
    let count = allowed();
    let mut serving = Command::new(env::current_exe()?)
        .env(SERVES, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut address = String::new();
    BufReader::new(serving.stdout.take().unwrap()).read_line(&mut address)?;
    let serving = Serving(serving);
    let address: SocketAddr = address.trim().parse()?;
    assert_eq!(get(address).status, 200);
    let (threads, memory) = (serving.status("Threads:"), serving.status("VmRSS:"));
    let mut clients = (0..count).map(|_| Connection::new(address)).collect::<Vec<_>>();
    // Twice on each, with all of them open.
    for round in 0..2_u8 {
        thread::scope(|scope| {
            for clients in clients.chunks_mut(usize::try_from(count).unwrap() / SENDERS + 1) {
                scope.spawn(move || {
                    for client in clients {
                        assert_eq!(client.post(&[round]).unwrap().body, [round]);
                    }
                });
            }
        });
    }
    let more = serving.status("Threads:") - threads;
    let kib = (serving.status("VmRSS:") - memory) / count;
    println!("{count} connections, {more} more threads, {kib} KiB each");
    assert!(more <= CALLS, "a connection takes a thread: {more} more");
    Ok(())
}
