//! The graphs through their operations, with a server that is killed, stopped and restarted.
#![expect(clippy::unwrap_used, reason = "in a test, where it fails is the message")]

use std::{
    collections::HashMap,
    net::TcpListener,
    process::ExitCode,
    thread,
    time::{Duration, Instant},
};

use graphdb_falkordb::FalkorGraphDb;
use provider_contracts::graphdb::{
    GraphDbAsync, GraphDbClient, MAX_QUERY_BYTES, Scalar, scenario::pinned,
};
use provider_core::{
    AsyncAdapter, DirectCalls, Dispatcher, Error, ErrorKind, codec, contract_of,
    ops::{
        CapabilityConfiguration, HealthResponse, OP_HEALTH_REQUEST, OP_REMOVE_ACTOR, SYSTEM_ACTOR,
    },
};
use test_servers::{Held, Program, Server};

fn main() -> ExitCode {
    test_servers::main(
        &["falkordb.so"],
        &[
            ("every_pinned_rule_holds", every_pinned_rule_holds),
            ("links_of_a_server_share_its_graphs", links_of_a_server_share_its_graphs),
            ("a_server_that_is_not_there_fails_the_bind", a_server_that_is_not_there),
            ("a_server_that_is_no_falkordb_fails_the_bind", a_server_that_is_no_falkordb),
            ("what_was_acknowledged_outlives_a_killed_server", killed_in_traffic),
            ("a_server_that_does_not_answer_is_a_timeout", stopped),
            ("a_query_that_takes_too_long_holds_up_nobody_else", too_long),
            ("a_reply_has_the_links_limits", limits),
            ("a_query_of_one_mebibyte_is_taken_and_a_longer_one_refused", large),
            ("nothing_is_left_over", nothing_left_over),
        ],
    )
}

/// How long something that happens at the server is waited for.
const SOON: Duration = Duration::from_secs(30);

type Provider = DirectCalls<AsyncAdapter<FalkorGraphDb>>;
type Graphs = GraphDbClient<Provider>;

fn provider() -> Provider {
    let contract = contract_of!(FalkorGraphDb: GraphDbAsync);
    DirectCalls(AsyncAdapter::new(FalkorGraphDb::default(), contract))
}

fn link(
    provider: &Provider,
    actor: &str,
    url: &str,
    values: &[(&str, &str)],
) -> Result<Graphs, Error> {
    provider.bind(actor, values.iter().copied().chain([("URL", url)]))?;
    Ok(GraphDbClient::new(provider.clone(), actor))
}

fn unlink(provider: &Provider, actor: &str) {
    let configuration = CapabilityConfiguration { module: actor.into(), values: HashMap::new() };
    let payload = codec::encode(&configuration).unwrap();
    provider.dispatch(SYSTEM_ACTOR, OP_REMOVE_ACTOR, &payload).unwrap();
}

fn health(provider: &Provider) -> HealthResponse {
    let reply = provider.dispatch(SYSTEM_ACTOR, OP_HEALTH_REQUEST, b"").unwrap();
    codec::decode(&reply).unwrap()
}

fn run(graphs: &Graphs, query: &str) -> Result<(), Error> {
    graphs.query_graph("g".into(), query.into()).map(drop)
}

fn one(graphs: &Graphs, query: &str) -> Result<Scalar, Error> {
    let columns = graphs.query_graph("g".into(), query.into())?.result_set.columns;
    Ok(columns.into_iter().next().unwrap().scalars.unwrap().remove(0))
}

/// Waits until it is so.
fn until(what: &str, so: impl Fn() -> bool) {
    let deadline = Instant::now() + SOON;
    while !so() {
        assert!(Instant::now() < deadline, "never: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// A server that has on its disk what it has acknowledged.
fn durable() -> Server {
    Server::start_with(Program::Falkordb, &["--appendonly", "yes", "--appendfsync", "always"])
        .unwrap()
}

fn every_pinned_rule_holds() {
    let server = Server::start(Program::Falkordb).unwrap();
    let graphs = link(&provider(), "MACTOR", &server.url(), &[]).unwrap();
    for scenario in pinned() {
        scenario.run(&graphs, "t").unwrap_or_else(|failure| panic!("{failure}"));
    }
}

fn links_of_a_server_share_its_graphs() {
    let server = Server::start(Program::Falkordb).unwrap();
    let provider = provider();
    let one_link = link(&provider, "MONE", &server.url(), &[]).unwrap();
    let other = link(&provider, "MTWO", &server.url(), &[]).unwrap();
    run(&one_link, "CREATE (:A {n: 1})").unwrap();
    assert_eq!(one(&other, "MATCH (a:A) RETURN a.n AS n").unwrap(), 1.into());
}

fn a_server_that_is_not_there() {
    let provider = provider();
    // A port that nobody listens at, as long as nobody else takes it.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("falkor://user:hunter2@{free}");
    let error = link(&provider, "MACTOR", &url, &[]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    assert!(error.message().contains(&free.to_string()), "{error}");
    assert!(!error.message().contains("hunter2"), "{error}");
    // One that takes connections and says nothing.
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("falkor://{}", mute.local_addr().unwrap());
    let error = link(&provider, "MACTOR", &url, &[("CONNECT_TIMEOUT", "200ms")]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Unavailable), "{error}");
    for url in ["", "no url", "http://127.0.0.1:80", "falkor://"] {
        let error = link(&provider, "MACTOR", url, &[]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadRequest, "{url}: {error}");
    }
    // It can be tried again, and nothing that failed is part of the health.
    assert!(health(&provider).healthy);
    let server = Server::start(Program::Falkordb).unwrap();
    link(&provider, "MACTOR", &server.url(), &[]).unwrap();
}

fn a_server_that_is_no_falkordb() {
    let Ok(server) = Server::start(Program::Redis) else { return };
    let error = link(&provider(), "MACTOR", &server.url(), &[]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Failed, "{error}");
    assert!(error.message().contains("unknown command"), "{error}");
}

fn killed_in_traffic() {
    let mut server = durable();
    let provider = provider();
    let graphs = link(&provider, "MACTOR", &server.url(), &[("TIMEOUT", "5s")]).unwrap();
    assert!(health(&provider).healthy);
    let acknowledged = thread::scope(|scope| {
        let writers: Vec<_> = (0..3)
            .map(|writer| {
                let graphs = &graphs;
                scope.spawn(move || {
                    let mut acknowledged = Vec::new();
                    for number in 0.. {
                        let key = writer * 1_000_000 + number;
                        match run(graphs, &format!("CREATE (:A {{key: {key}}})")) {
                            Ok(()) => acknowledged.push(key),
                            Err(error) => {
                                assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
                                break;
                            }
                        }
                    }
                    acknowledged
                })
            })
            .collect();
        until("traffic", || {
            one(&graphs, "MATCH (a:A) RETURN count(a) AS n")
                .is_ok_and(|count| count.int_value > Some(50))
        });
        server.kill();
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect::<Vec<i64>>()
    });
    assert!(acknowledged.len() > 50, "{}", acknowledged.len());
    let sick = health(&provider);
    assert!(!sick.healthy && sick.message.contains("127.0.0.1"), "{sick:?}");
    assert_eq!(run(&graphs, "RETURN 1").unwrap_err().kind(), ErrorKind::Unavailable);
    server.restart().unwrap();
    until("good health", || health(&provider).healthy);
    // The provider recovers by itself, and all of it is there.
    until("an answer", || run(&graphs, "RETURN 1").is_ok());
    let keys = graphs.query_graph("g".into(), "MATCH (a:A) RETURN a.key AS key".into()).unwrap();
    let keys = keys.result_set.columns[0].scalars.clone().unwrap();
    let keys: std::collections::HashSet<i64> =
        keys.iter().filter_map(|key| key.int_value).collect();
    let lost: Vec<_> = acknowledged.iter().filter(|key| !keys.contains(key)).collect();
    assert!(lost.is_empty(), "lost: {lost:?}");
}

fn stopped() {
    let server = Server::start(Program::Falkordb).unwrap();
    let provider = provider();
    let values = [("TIMEOUT", "300ms"), ("CONNECT_TIMEOUT", "300ms")];
    let graphs = link(&provider, "MACTOR", &server.url(), &values).unwrap();
    run(&graphs, "CREATE (:A)").unwrap();
    server.pause();
    // More than there are connections: each is given up.
    for _ in 0..6 {
        let error = run(&graphs, "RETURN 1").unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Unavailable), "{error}");
    }
    let sick = health(&provider);
    assert!(!sick.healthy && sick.message.contains("does not answer"), "{sick:?}");
    server.resume();
    until("good health", || health(&provider).healthy);
    until("an answer", || {
        one(&graphs, "MATCH (a:A) RETURN count(a) AS n").is_ok_and(|count| count == 1.into())
    });
}

fn too_long() {
    let server = Server::start(Program::Falkordb).unwrap();
    let provider = provider();
    let url = server.url();
    let values = [("TIMEOUT", "300ms"), ("CONCURRENCY", "2")];
    let slow = link(&provider, "MSLOW", &url, &values).unwrap();
    let other = link(&provider, "MOTHER", &url, &[]).unwrap();
    let reads = "UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b RETURN count(*) AS n";
    thread::scope(|scope| {
        let waits = scope.spawn(|| run(&slow, reads).unwrap_err());
        other.query_graph("h".into(), "RETURN 1 AS x".into()).unwrap();
        let error = waits.join().unwrap();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    });
    // The server has ended it: the graph is free.
    until("an answer", || run(&slow, "RETURN 1 AS x").is_ok());
}

fn limits() {
    let server = Server::start(Program::Falkordb).unwrap();
    let values = [("MAX_ROWS", "10"), ("MAX_REPLY_BYTES", "4096")];
    let graphs = link(&provider(), "MACTOR", &server.url(), &values).unwrap();
    let rows = |rows: u32| run(&graphs, &format!("UNWIND range(1, {rows}) AS x RETURN x"));
    rows(10).unwrap();
    let error = rows(11).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert!(error.message().contains("10 of `MAX_ROWS`"), "{error}");
    let text = |length: usize| one(&graphs, &format!("RETURN '{}' AS x", "x".repeat(length)));
    text(4000).unwrap();
    let error = text(4090).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert!(error.message().contains("`MAX_REPLY_BYTES`"), "{error}");
}

fn large() {
    let server = Server::start(Program::Falkordb).unwrap();
    let graphs = link(&provider(), "MACTOR", &server.url(), &[]).unwrap();
    let query = |length: usize| {
        let (begin, end) = ("CREATE (:Large {text: '", "'})");
        format!("{begin}{}{end}", "x".repeat(length - begin.len() - end.len()))
    };
    run(&graphs, &query(MAX_QUERY_BYTES)).unwrap();
    let text = one(&graphs, "MATCH (l:Large) RETURN l.text AS text").unwrap().string_value.unwrap();
    assert_eq!(text.len(), MAX_QUERY_BYTES - "CREATE (:Large {text: ''})".len());
    let error = run(&graphs, &query(MAX_QUERY_BYTES + 1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert_eq!(one(&graphs, "MATCH (l:Large) RETURN count(l) AS n").unwrap(), 1.into());
}

fn nothing_left_over() {
    let mut server = Server::start(Program::Falkordb).unwrap();
    let url = server.url();
    let before = Held::now();
    let provider = provider();
    for round in 0..3 {
        let actor = format!("MACTOR{round}");
        let graphs = link(&provider, &actor, &url, &[("TIMEOUT", "300ms")]).unwrap();
        run(&graphs, "MERGE (:A)").unwrap();
        server.pause();
        run(&graphs, "RETURN 1").unwrap_err();
        server.resume();
        until("an answer", || run(&graphs, "RETURN 1").is_ok());
        unlink(&provider, &actor);
    }
    let graphs = link(&provider, "MLAST", &url, &[]).unwrap();
    run(&graphs, "MERGE (:A)").unwrap();
    server.kill();
    run(&graphs, "RETURN 1").unwrap_err();
    provider_core::CapabilityProvider::stop(&provider.0);
    drop((graphs, provider));
    // The server's keeper went with it.
    before.nothing_more();
}
