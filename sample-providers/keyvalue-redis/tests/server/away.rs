//! Servers that go away and come back.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicI32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use provider_core::ErrorKind;

use crate::provider::{Running, ask, connections, eventually, server};

/// Acknowledged writes are on the disk, so that a kill cannot lose them.
const DURABLE: [&str; 4] = ["--appendonly", "yes", "--appendfsync", "always"];

/// Whether an error is one of a server that is away.
fn is_of_absence(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Unavailable | ErrorKind::Timeout)
}

pub(crate) fn nothing_acknowledged_is_lost_when_the_server_is_killed() {
    const WRITERS: usize = 4;
    const ROUNDS: usize = 3;
    let mut server = server(&DURABLE);
    let running = Running::new();
    let keys = running.link("MACTOR", &server);
    let acknowledged = Mutex::new(Vec::new());
    let (added, tried) = (AtomicI32::new(0), AtomicI32::new(0));
    let over = AtomicBool::new(false);
    let count = || acknowledged.lock().unwrap().len();
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (keys, acknowledged, over) = (&keys, &acknowledged, &over);
            let (added, tried) = (&added, &tried);
            scope.spawn(move || {
                for number in 0.. {
                    if over.load(Ordering::SeqCst) {
                        return;
                    }
                    let key = format!("{writer}-{number}");
                    match keys.set(key.clone(), key.clone(), 0) {
                        Ok(_) => acknowledged.lock().unwrap().push(key.clone()),
                        Err(error) => assert!(is_of_absence(error.kind()), "{error}"),
                    }
                    tried.fetch_add(1, Ordering::SeqCst);
                    match keys.add("sum".into(), 1) {
                        Ok(_) => _ = added.fetch_add(1, Ordering::SeqCst),
                        Err(error) => assert!(is_of_absence(error.kind()), "{error}"),
                    }
                }
            });
        }
        // Ends the writers also when something here fails.
        let ends = Ends(&over);
        for _ in 0..ROUNDS {
            let before = count();
            eventually("traffic", || count() > before + 50);
            server.kill();
            eventually("its absence is noticed", || !running.health().healthy);
            assert!(
                running.health().message.contains("MACTOR cannot reach"),
                "{:?}",
                running.health()
            );
            server.restart().unwrap();
            eventually("its return is noticed", || running.health().healthy);
        }
        let before = count();
        eventually("traffic again", || count() > before + 50);
        drop(ends);
    });
    for key in acknowledged.into_inner().unwrap() {
        assert_eq!(keys.get(key.clone()).unwrap().value, key);
    }
    let sum = keys.add("sum".into(), 0).unwrap().value;
    let (added, tried) = (added.into_inner(), tried.into_inner());
    assert!(added <= sum && sum <= tried, "{added} acknowledged, {sum} there, {tried} tried");
    assert_eq!(connections(&server), 1);
}

/// Ends the writers.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

pub(crate) fn a_server_that_is_stopped_costs_time_outs_and_nobody_else_waits() {
    const PATIENCE: Duration = Duration::from_millis(400);
    let (stopped, other) = (server(&[]), server(&[]));
    let running = Running::new();
    let url = stopped.url();
    let values = [("URL", &*url), ("RESPONSE_TIMEOUT", "400ms"), ("CONNECT_TIMEOUT", "400ms")];
    let keys = running.link_with("MSTOPPED", &values).unwrap();
    let others = running.link("MOTHER", &other);
    keys.set("k".into(), "v".into(), 0).unwrap();
    stopped.pause();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let begin = Instant::now();
            let error = keys.get("k".into()).unwrap_err();
            (begin.elapsed(), error)
        });
        let mut served = 0;
        while !waiting.is_finished() {
            assert_eq!(others.add("n".into(), 1).unwrap().value, served + 1);
            served += 1;
        }
        assert!(served > 1, "the other link waited too");
        let (took, error) = waiting.join().unwrap();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
        assert!(took >= PATIENCE, "{took:?}");
    });
    eventually("its absence is noticed", || !running.health().healthy);
    let message = running.health().message;
    assert!(message.contains("MSTOPPED") && !message.contains("MOTHER"), "{message}");
    // Nobody waits for what is known to be away: the answer is there before a time-out could be.
    eventually("calls are refused at once", || {
        let begin = Instant::now();
        let error = keys.get("k".into()).unwrap_err();
        assert!(is_of_absence(error.kind()), "{error}");
        error.kind() == ErrorKind::Unavailable && begin.elapsed() < PATIENCE
    });
    assert!(others.add("n".into(), 0).is_ok());
    stopped.resume();
    eventually("it serves again", || keys.get("k".into()).is_ok_and(|found| found.value == "v"));
    eventually("its return is noticed", || running.health().healthy);
    // What was tried meanwhile is not kept.
    eventually("one connection", || connections(&stopped) == 1);
}

pub(crate) fn a_connection_that_the_server_ends_is_made_again() {
    let server = server(&[]);
    let running = Running::new();
    // Nobody asks: that it ended has to be noticed by itself.
    let values = [("URL", &*server.url()), ("PING_INTERVAL", "1h")];
    let keys = running.link_with("MACTOR", &values).unwrap();
    keys.set("k".into(), "v".into(), 0).unwrap();
    for _ in 0..3 {
        let ended: i32 = ask(&server, &["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
        assert_eq!(ended, 1);
        eventually("it connects again", || connections(&server) == 1);
        eventually("it serves again", || keys.get("k".into()).is_ok());
    }
    eventually("health", || running.health().healthy);
}

pub(crate) fn health_tells_which_link_has_no_server() {
    let (mut away, there) = (server(&[]), server(&[]));
    let running = Running::new();
    assert!(running.health().healthy);
    running.link("MAWAY", &away);
    running.link("MTHERE", &there);
    let health = running.health();
    assert!(health.healthy && health.message.is_empty(), "{health:?}");
    away.kill();
    eventually("its absence is noticed", || !running.health().healthy);
    eventually("the reason is told", || {
        let message = running.health().message;
        let told = format!("1 of 2 links have no server; MAWAY cannot reach {}", away.address());
        message.starts_with(&told) && message.contains("refused")
    });
    running.unlink("MAWAY");
    assert!(running.health().healthy);
    let keys = running.link_with("MTHERE", &[]).unwrap();
    assert!(keys.set("k".into(), "v".into(), 0).is_ok());
}
