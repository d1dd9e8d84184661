//! What the provider costs beside the client library alone, and what one connection for each call costs,
//! as the provider of 2021 had it.
//!
//! `cargo bench -p keyvalue-redis` starts a server, lets the subjects take turns and prints the median of
//! the ratios of neighbours in time: these hold on a noisy machine, the calls a second beside them do not.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::{
    error::Error,
    sync::{Arc, LazyLock},
    time::{Duration, Instant},
};

use keyvalue_redis::ENTRY;
use provider_core::{NullDispatcher, codec};
use provider_host::{Library, Running};
use redis::{Client, Cmd, Script, aio::MultiplexedConnection, cmd};
use serde::Serialize;
use test_servers::{Program, Server};
use tokio::runtime::Runtime;

/// How many calls are in flight at once.
const CALLERS: [usize; 2] = [1, 64];
/// How many calls a turn has.
const CALLS: usize = 20_000;
/// How many calls a turn has that are each with a connection of their own. Closed connections keep their
/// ports for a minute, and there are 28,000 of them.
const CONNECTIONS: usize = 500;
const TURNS: usize = 9;
const ACTOR: &str = "MBENCH";

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
    command: Cmd,
}

fn cases() -> Result<Vec<Case>, Box<dyn Error>> {
    let (small, large) = ("x".repeat(64), "x".repeat(16 * 1024));
    let case =
        |name, op, payload, command: &Cmd| Case { name, op, payload, command: command.clone() };
    let key = |key| format!("kv:@{ACTOR}:{key}");
    let set = |value: &str| {
        let payload = codec::encode(&Set { key: "k", value, expires: 0 })?;
        Ok::<_, provider_core::Error>((payload, cmd("SET").arg(key("k")).arg(value).clone()))
    };
    let get = codec::encode(&Get { key: "k" })?;
    let add = codec::encode(&Add { key: "n", value: 1 })?;
    let (set_small, plain_small) = set(&small)?;
    let (set_large, plain_large) = set(&large)?;
    let run = cmd("EVALSHA").arg(ADD.get_hash()).arg(1).arg(key("n")).arg(1).clone();
    Ok(vec![
        case("Set 64 B", "Set", set_small, &plain_small),
        case("Get 64 B", "Get", get.clone(), cmd("GET").arg(key("k"))),
        case("Add", "Add", add, &run),
        case("Set 16 KiB", "Set", set_large, &plain_large),
        case("Get 16 KiB", "Get", get, cmd("GET").arg(key("k"))),
    ])
}

/// Makes `calls` calls, of which `callers` are in flight at once, and returns the time for each.
fn time<F>(
    runtime: &Runtime,
    callers: usize,
    calls: usize,
    call: impl Fn() -> F + Clone + Send + 'static,
) -> Duration
where
    F: Future<Output = ()> + Send,
{
    let begin = Instant::now();
    runtime.block_on(async {
        let one_after_the_other = || {
            let call = call.clone();
            tokio::spawn(async move {
                for _ in 0..calls / callers {
                    call().await;
                }
            })
        };
        let tasks: Vec<_> = (0..callers).map(|_| one_after_the_other()).collect();
        for task in tasks {
            task.await.expect("calls succeed");
        }
    });
    begin.elapsed() / u32::try_from(calls).unwrap_or(u32::MAX)
}

fn main() -> Result<(), Box<dyn Error>> {
    let server = Server::start(Program::Redis)?;
    let runtime = Runtime::new()?;
    let client = Client::open(server.url())?;
    let connection = runtime.block_on(client.get_multiplexed_async_connection())?;
    let library = Library::linked(&ENTRY)?;
    let provider = Arc::new(library.create()?.configure(NullDispatcher)?);
    provider.bind(ACTOR, [("URL", server.url())])?;
    println!(
        "{:<12} {:>9} {:>14} {:>24} {:>28}",
        "", "in flight", "redis-rs, 1/s", "the provider, of that", "a connection a call, of that"
    );
    for case in cases()?.into_iter().map(Arc::new) {
        for callers in CALLERS {
            line(&runtime, &provider, &connection, &client, &case, callers);
        }
    }
    Ok(())
}

fn line(
    runtime: &Runtime,
    provider: &Arc<Running>,
    connection: &MultiplexedConnection,
    client: &Client,
    case: &Arc<Case>,
    callers: usize,
) {
    let (held, called) = (Arc::clone(provider), Arc::clone(case));
    let ours = move || {
        let (provider, case) = (Arc::clone(&held), Arc::clone(&called));
        async move {
            provider.start(ACTOR, case.op, &case.payload).await.expect("the provider answers");
        }
    };
    let (held, called) = (connection.clone(), Arc::clone(case));
    let plain = move || {
        let (mut connection, case) = (held.clone(), Arc::clone(&called));
        async move {
            let _: redis::Value = case.command.query_async(&mut connection).await.expect("a reply");
        }
    };
    let (held, called) = (client.clone(), Arc::clone(case));
    let alone = move || {
        let (client, case) = (held.clone(), Arc::clone(&called));
        async move {
            let mut connection =
                client.get_multiplexed_async_connection().await.expect("a connection");
            let _: redis::Value = case.command.query_async(&mut connection).await.expect("a reply");
        }
    };
    // Warm, with the script loaded and the key there.
    time(runtime, callers, callers.max(100), ours.clone());
    let mut turns: Vec<[Duration; 3]> = (0..TURNS)
        .map(|_| {
            [
                time(runtime, callers, CALLS, plain.clone()),
                time(runtime, callers, CALLS, ours.clone()),
                time(runtime, callers, CONNECTIONS, alone.clone()),
            ]
        })
        .collect();
    turns.remove(0);
    let plainly = median(turns.iter().map(|[plain, ..]| 1.0 / plain.as_secs_f64()));
    let provider =
        median(turns.iter().map(|[plain, ours, _]| plain.as_secs_f64() / ours.as_secs_f64()));
    let alone =
        median(turns.iter().map(|[plain, _, alone]| plain.as_secs_f64() / alone.as_secs_f64()));
    println!("{:<12} {callers:>9} {plainly:>14.0} {provider:>24.2} {alone:>28.3}", case.name);
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
