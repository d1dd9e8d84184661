//! A server that goes away and comes back.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use provider_core::ErrorKind;

use crate::{
    actors::Recorded,
    provider::{eventually, link, publish, running, server, stop},
};

/// Whether an error is that of a server that is not there.
fn is_of_absence(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Unavailable | ErrorKind::Timeout)
}

pub(crate) fn a_server_that_is_killed_during_traffic_costs_errors_and_no_message_twice() {
    let mut server = server(&[]);
    let actors = Recorded::default();
    let provider = running(actors.clone());
    link(&provider, "MS", &server, &[("SUBSCRIPTION", "a")]).unwrap();
    link(&provider, "MP", &server, &[]).unwrap();
    let (ended, published) = (AtomicBool::new(false), AtomicUsize::new(0));
    let acknowledged = thread::scope(|scope| {
        let (provider, ended, published) = (&provider, &ended, &published);
        let publishing = scope.spawn(move || {
            let mut acknowledged = Vec::new();
            for number in 0_usize.. {
                match publish(provider, "MP", "a", number.to_string().as_bytes()) {
                    Ok(()) => {
                        acknowledged.push(number);
                        published.fetch_add(1, Ordering::SeqCst);
                    }
                    Err(error) => assert!(is_of_absence(error.kind()), "{error}"),
                }
                if ended.load(Ordering::SeqCst) {
                    break;
                }
            }
            acknowledged
        });
        for _ in 0..3 {
            let before = published.load(Ordering::SeqCst);
            eventually("traffic", || published.load(Ordering::SeqCst) > before + 200);
            server.kill();
            eventually("its absence is noticed", || {
                let health = provider.health().unwrap();
                assert!(health.healthy || !health.message.is_empty());
                !health.healthy
            });
            server.restart().unwrap();
            eventually("it recovers by itself", || provider.health().unwrap().healthy);
        }
        let before = published.load(Ordering::SeqCst);
        eventually("traffic again", || published.load(Ordering::SeqCst) > before + 200);
        ended.store(true, Ordering::SeqCst);
        publishing.join().unwrap()
    });
    // What the server had when it lived on reaches the actor.
    let last = acknowledged.last().unwrap().to_string();
    actors.wait(|bodies| bodies["MS"].contains(&last));
    stop(provider);
    let came: Vec<usize> = actors.bodies()["MS"].iter().map(|body| body.parse().unwrap()).collect();
    assert!(came.is_sorted_by(|a, b| a < b), "out of order or twice");
    // What is missing was on its way through the server when it was killed, three times.
    let came: BTreeSet<usize> = came.into_iter().collect();
    let missing = acknowledged.iter().filter(|number| !came.contains(number)).count();
    assert!(missing * 20 < acknowledged.len(), "{missing} of {} are lost", acknowledged.len());
}

pub(crate) fn a_server_that_is_stopped_costs_time_outs_and_nobody_else_waits() {
    let (stopped, other) = (server(&[]), server(&[]));
    let actors = Recorded::default();
    let provider = running(actors.clone());
    link(&provider, "MA", &stopped, &[("SUBSCRIPTION", "a")]).unwrap();
    link(&provider, "MB", &other, &[("SUBSCRIPTION", "b")]).unwrap();
    stopped.pause();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| publish(&provider, "MA", "a", b"lost").unwrap_err());
        let began = Instant::now();
        for _ in 0..50 {
            publish(&provider, "MB", "b", b"x").unwrap();
        }
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
        let error = waiting.join().unwrap();
        assert!(is_of_absence(error.kind()), "{error}");
    });
    eventually("it is told", || !provider.health().unwrap().healthy);
    assert!(provider.health().unwrap().message.contains("server"));
    stopped.resume();
    eventually("it recovers by itself", || provider.health().unwrap().healthy);
    publish(&provider, "MA", "a", b"again").unwrap();
    actors.wait(|bodies| bodies.get("MA").is_some_and(|came| came.last().unwrap() == "again"));
    stop(provider);
    assert_eq!(actors.bodies()["MB"].len(), 50);
}
