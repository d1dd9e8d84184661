//! Requests a second of this provider with an actor in the same process that sends the body back, and of
//! the same handler in plain axum: `cargo bench -p http-server`. Needs `h2load` (Debian: `nghttp2-client`).
//!
//! The two take turns, so that what else goes on on the machine troubles both. What is printed is each
//! one's median, the ratio of the two, and the processor time that each request cost.
#![expect(clippy::unwrap_used, reason = "in a benchmark, where it fails is the message")]
#![expect(clippy::print_stdout, reason = "it prints what it measured")]

use std::{
    net::{SocketAddr, TcpListener},
    process::Command,
    thread,
};

use provider_contracts::http_server::Response;
use provider_core::{BoxError, Dispatcher, codec};
use provider_host::Library;
use serde::Deserialize;

/// How often each of the two takes its turn.
const ROUNDS: usize = 7;
/// How long a turn takes, in seconds.
const SECONDS: &str = "3";

/// What is sent: a name, and the arguments of `h2load`.
const LOADS: [(&str, &[&str]); 4] = [
    ("HTTP/1.1, 64 connections, no body", &["--h1", "-c64"]),
    ("HTTP/1.1, 64 connections, 1 KiB", &["--h1", "-c64", "-d"]),
    ("HTTP/1.1, 1 connection, no body", &["--h1", "-c1"]),
    ("HTTP/2, 8 connections of 16 streams", &["-c8", "-m16"]),
];

/// What the actor reads.
#[derive(Deserialize)]
struct Echoed<'a> {
    #[serde(with = "serde_bytes")]
    body: &'a [u8],
}

/// The actor.
struct Echo;

impl Dispatcher for Echo {
    fn dispatch(&self, _actor: &str, _op: &str, msg: &[u8]) -> Result<Vec<u8>, BoxError> {
        let Echoed { body } = codec::decode(msg)?;
        let mut response = Response::new(200, body);
        response.header.insert("content-type".into(), "text/plain".into());
        Ok(codec::encode(&response)?)
    }
}

/// The same handler.
async fn echo(request: axum::extract::Request) -> axum::response::Response {
    let body = axum::body::to_bytes(request.into_body(), 10 << 20).await.unwrap_or_default();
    let reply = http::Response::builder().header("content-type", "text/plain");
    reply.body(axum::body::Body::from(body)).unwrap()
}

fn free() -> SocketAddr {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap()
}

/// Serves with axum until the process ends.
fn axum() -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    listener.set_nonblocking(true).unwrap();
    thread::spawn(move || {
        let workers = thread::available_parallelism().map_or(1, |count| count.get().min(4));
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        runtime.worker_threads(workers).enable_all().build().unwrap().block_on(async {
            use axum::serve::ListenerExt as _;
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
            axum::serve(listener, axum::Router::new().fallback(echo)).await.unwrap();
        });
    });
    address
}

/// What a turn was like.
struct Turn {
    /// Requests a second.
    rate: f64,
    /// Microseconds of this process's processor time for each request. Other processes do not count, so it
    /// is the steadier of the two.
    cost: f64,
}

/// Processor time of this process so far, in hundredths of a second: fields 14 and 15 of proc(5)'s `stat`.
fn spent() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let (_, fields) = stat.rsplit_once(')').unwrap_or_default();
    fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum()
}

fn measure(address: SocketAddr, arguments: &[&str], body: &str) -> Turn {
    let before = spent();
    let mut load = Command::new("h2load");
    load.args(["-t1", "-D", SECONDS]);
    for argument in arguments {
        load.arg(argument);
        if *argument == "-d" {
            load.arg(body);
        }
    }
    let output = load.arg(format!("http://{address}/a/path?query=1")).output();
    let output = output.expect("h2load runs: install Debian's `nghttp2-client`");
    let text = String::from_utf8_lossy(&output.stdout);
    let ok = text.lines().find(|line| line.starts_with("status codes:")).unwrap();
    assert!(ok.ends_with("0 3xx, 0 4xx, 0 5xx"), "{text}");
    let line = text.lines().find(|line| line.starts_with("finished in")).unwrap();
    let rate = line.split(", ").find_map(|part| part.strip_suffix(" req/s")).unwrap();
    let line = text.lines().find(|line| line.starts_with("requests:")).unwrap();
    let done = line.split(", ").find_map(|part| part.strip_suffix(" done")).unwrap();
    let cost = (spent() - before) * 10_000.0 / done.parse::<f64>().unwrap();
    Turn { rate: rate.parse().unwrap(), cost }
}

fn median(turns: &[Turn], of: impl Fn(&Turn) -> f64) -> f64 {
    let mut values: Vec<f64> = turns.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    // `cargo test --benches` builds and starts it as well, and there is nothing to test.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let folder = tempfile::tempdir().unwrap();
    let body = folder.path().join("body");
    std::fs::write(&body, vec![b'x'; 1024]).unwrap();
    let body = body.to_str().unwrap();

    let provider = Library::linked(&http_server::ENTRY).unwrap().create().unwrap();
    let provider = provider.configure(Echo).unwrap();
    let ours = free();
    provider.bind("MACTOR", [("PORT", &*ours.port().to_string())]).unwrap();
    let theirs = axum();
    println!(
        "{:40} {:>9} {:>9} {:>6} {:>9} {:>9}",
        "requests a second", "provider", "axum", "ratio", "µs each", "axum"
    );
    for (name, arguments) in LOADS {
        if wanted.as_ref().is_some_and(|wanted| !name.contains(wanted.as_str())) {
            continue;
        }
        let (mut provider, mut plain) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            provider.push(measure(ours, arguments, body));
            plain.push(measure(theirs, arguments, body));
        }
        let rates = (median(&provider, |turn| turn.rate), median(&plain, |turn| turn.rate));
        let costs = (median(&provider, |turn| turn.cost), median(&plain, |turn| turn.cost));
        println!(
            "{name:40} {:9.0} {:9.0} {:6.2} {:9.1} {:9.1}",
            rates.0,
            rates.1,
            rates.0 / rates.1,
            costs.0,
            costs.1
        );
    }
    provider.remove("MACTOR").unwrap();
    provider.stop().unwrap().destroy().unwrap();
}
