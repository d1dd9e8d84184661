//! What the provider costs beside the client library alone, and what one connection for each call costs,
//! as the provider of 2021 had it.
//!
//! `cargo bench -p keyvalue-redis` starts a server, lets the subjects take turns and prints the median of
//! the ratios of neighbours in time: these hold on a noisy machine, the calls a second beside them do not.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::{error::Error, fmt, sync::LazyLock, thread, time::Instant};

use keyvalue_redis::ENTRY;
use provider_core::{NullDispatcher, codec};
use provider_host::{Library, Running};
use redis::{Client, Cmd, Script, Value, aio::MultiplexedConnection};
use serde::Serialize;
use test_servers::{Program, Server};
use tokio::runtime::Runtime;

/// How many calls a turn has.
const CALLS: usize = 8_000;
/// How many calls a turn has that are each with a connection of their own. Closed connections keep their
/// ports for a minute, and there are 28,000 of them.
const CONNECTIONS: usize = 400;
const TURNS: usize = 8;
const ACTOR: &str = "MBENCH";

/// Who calls.
#[derive(Clone, Copy)]
enum Callers {
    /// So many threads, each of which waits for its answer, as most hosts and wasm engines call.
    Threads(usize),
    /// So many tasks of an asynchronous host.
    Tasks(usize),
}

impl fmt::Display for Callers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&match self {
            Self::Threads(1) => String::from("1 thread"),
            Self::Threads(threads) => format!("{threads} threads"),
            Self::Tasks(tasks) => format!("{tasks} tasks"),
        })
    }
}

const CALLERS: [Callers; 4] =
    [Callers::Threads(1), Callers::Threads(16), Callers::Tasks(16), Callers::Tasks(256)];

static ADD: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("../src/add.lua")));

#[derive(Serialize)]
struct Get<'a> {
    key: &'a str,
}

#[derive(Serialize)]
struct Add<'a> {
    key: &'a str,
    value: i32,
}

#[derive(Serialize)]
struct Set<'a> {
    key: &'a str,
    value: &'a str,
    expires: i32,
}

/// A call in its two forms.
struct Case {
    name: &'static str,
    op: &'static str,
    payload: Vec<u8>,
    /// The words of the command; a client puts them together for each call.
    command: Vec<String>,
}

impl Case {
    fn command(&self) -> Cmd {
        let mut command = Cmd::new();
        self.command.iter().for_each(|word| {
            command.arg(word);
        });
        command
    }
}

fn cases() -> Result<Vec<Case>, provider_core::Error> {
    let (small, large) = ("x".repeat(64), "x".repeat(16 * 1024));
    let key = |key| format!("kv:@{ACTOR}:{key}");
    let case = |name, op, payload, command: &[&str]| Case {
        name,
        op,
        payload,
        command: command.iter().map(|&word| word.into()).collect(),
    };
    let (k, n) = (key("k"), key("n"));
    let set = |value| codec::encode(&Set { key: "k", value, expires: 0 });
    let get = || codec::encode(&Get { key: "k" });
    let add = codec::encode(&Add { key: "n", value: 1 })?;
    Ok(vec![
        case("Set 64 B", "Set", set(&small)?, &["SET", &k, &small]),
        case("Get 64 B", "Get", get()?, &["GET", &k]),
        case("Add", "Add", add, &["EVALSHA", ADD.get_hash(), "1", &n, "1"]),
        case("Set 16 KiB", "Set", set(&large)?, &["SET", &k, &large]),
        case("Get 16 KiB", "Get", get()?, &["GET", &k]),
    ])
}

/// What is called.
#[derive(Clone, Copy)]
enum Subject {
    /// The client library, on one connection.
    Plain,
    /// The client library, each call as a task of a runtime that is not the caller's, as each call of a
    /// provider is.
    Elsewhere,
    /// The provider, through the ABI.
    Provider,
    /// The client library, with a connection for each call.
    ConnectionEach,
}

/// The subjects. They live as long as the program, so that tasks can share them.
struct Bench {
    runtime: Runtime,
    elsewhere: Runtime,
    provider: Running,
    connection: MultiplexedConnection,
    connection_elsewhere: MultiplexedConnection,
    client: Client,
}

impl Bench {
    async fn call(&self, subject: Subject, case: &'static Case) {
        let connection = match subject {
            Subject::Elsewhere => {
                let connection = self.connection_elsewhere.clone();
                let called = self.elsewhere.spawn(ask(connection, case));
                called.await.expect("calls do not panic");
                return;
            }
            Subject::Provider => {
                let reply = self.provider.start(ACTOR, case.op, &case.payload).await;
                reply.expect("the provider answers");
                return;
            }
            Subject::Plain => self.connection.clone(),
            Subject::ConnectionEach => {
                let made = self.client.get_multiplexed_async_connection().await;
                made.expect("the server takes connections")
            }
        };
        ask(connection, case).await;
    }

    /// The same on a thread, which waits for the answer.
    fn wait(&self, subject: Subject, case: &'static Case) {
        if let Subject::Provider = subject {
            let reply = self.provider.call(ACTOR, case.op, &case.payload);
            reply.expect("the provider answers");
        } else {
            self.runtime.block_on(self.call(subject, case));
        }
    }

    /// How many calls there are a second.
    fn pace(&'static self, subject: Subject, case: &'static Case, callers: Callers) -> f64 {
        let (Callers::Threads(at_once) | Callers::Tasks(at_once)) = callers;
        let all = if let Subject::ConnectionEach = subject { CONNECTIONS } else { CALLS };
        let each = all.div_ceil(at_once);
        let begin = Instant::now();
        match callers {
            Callers::Threads(_) => thread::scope(|scope| {
                for _ in 0..at_once {
                    scope.spawn(|| (0..each).for_each(|_| self.wait(subject, case)));
                }
            }),
            Callers::Tasks(_) => self.runtime.block_on(async {
                let calls = || async move {
                    for _ in 0..each {
                        self.call(subject, case).await;
                    }
                };
                let tasks: Vec<_> = (0..at_once).map(|_| tokio::spawn(calls())).collect();
                for task in tasks {
                    task.await.expect("calls do not panic");
                }
            }),
        }
        #[expect(clippy::cast_precision_loss, reason = "there are not that many calls")]
        let calls = (each * at_once) as f64;
        calls / begin.elapsed().as_secs_f64()
    }

    fn measure(&'static self, case: &'static Case, callers: Callers) {
        // Warm, with the script loaded and the key there.
        self.pace(Subject::Provider, case, callers);
        let turns: Vec<[f64; 4]> = (0..TURNS)
            .map(|_| {
                [Subject::Plain, Subject::Provider, Subject::Elsewhere, Subject::ConnectionEach]
                    .map(|subject| self.pace(subject, case, callers))
            })
            .collect();
        let plain = median(turns.iter().map(|[plain, ..]| *plain));
        let ratio = |subject: usize| median(turns.iter().map(|turn| turn[subject] / turn[0]));
        let (ours, elsewhere, each) = (ratio(1), ratio(2), ratio(3));
        let name = case.name;
        println!(
            "{name:<11} {callers:<11} {plain:>14.0} {ours:>14.2} {elsewhere:>19.2} {each:>21.3}"
        );
    }
}

async fn ask(mut connection: MultiplexedConnection, case: &'static Case) {
    let reply: Result<Value, _> = case.command().query_async(&mut connection).await;
    reply.expect("the server answers");
}

fn main() -> Result<(), Box<dyn Error>> {
    let server = Server::start(Program::Redis)?;
    let runtime = Runtime::new()?;
    let client = Client::open(server.url())?;
    let connection = runtime.block_on(client.get_multiplexed_async_connection())?;
    let elsewhere = Runtime::new()?;
    let connection_elsewhere = elsewhere.block_on(client.get_multiplexed_async_connection())?;
    let provider = Library::linked(&ENTRY)?.create()?.configure(NullDispatcher)?;
    provider.bind(ACTOR, [("URL", server.url())])?;
    let bench = &*Box::leak(Box::new(Bench {
        runtime,
        elsewhere,
        provider,
        connection,
        connection_elsewhere,
        client,
    }));
    println!(
        "{:<23} {:>14} {:>14} {:>19} {:>21}",
        "", "redis-rs, 1/s", "the provider", "on another runtime", "a connection a call"
    );
    for case in &*cases()?.leak() {
        for callers in CALLERS {
            bench.measure(case, callers);
        }
    }
    Ok(())
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
