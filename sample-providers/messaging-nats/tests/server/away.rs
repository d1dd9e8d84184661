//! A server that goes away and comes back.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
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

/// Ends the traffic, whatever the test ends with.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// The last number that the actor was sent.
fn last_of(bodies: &BTreeMap<String, Vec<String>>) -> Option<usize> {
    bodies.get("MS")?.last()?.parse().ok()
}

pub(crate) fn a_server_that_is_killed_during_traffic_costs_errors_and_no_message_twice() {
    let mut server = server(&[]);
    let actors = Recorded::default();
    let provider = running(actors.clone());
    link(&provider, "MS", &server, &[("SUBSCRIPTION", "a")]).unwrap();
    link(&provider, "MP", &server, &[]).unwrap();
    let (ended, acknowledged) = (AtomicBool::new(false), Mutex::new(Vec::new()));
    // Whatever is acknowledged in one of these arrives: the server lives, and the subscription is there.
    let mut quiet = Vec::new();
    thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0_usize.. {
                match publish(&provider, "MP", "a", number.to_string().as_bytes()) {
                    Ok(()) => acknowledged.lock().unwrap().push(number),
                    Err(error) => assert!(is_of_absence(error.kind()), "{error}"),
                }
                if ended.load(Ordering::SeqCst) {
                    break;
                }
            }
        });
        let _ends = Ends(&ended);
        let last = || acknowledged.lock().unwrap().last().copied();
        for outage in 0..=3 {
            // A message that was published after the server came back has arrived.
            let before = last();
            actors.wait(|bodies| last_of(bodies) > before);
            let begin = last_of(&actors.bodies()).unwrap();
            eventually("traffic", || last() > Some(begin + 200));
            let end = last().unwrap();
            actors.wait(|bodies| last_of(bodies) >= Some(end));
            quiet.push(begin..=end);
            if outage == 3 {
                break;
            }
            server.kill();
            eventually("its absence is noticed", || {
                let health = provider.health().unwrap();
                assert!(health.healthy || !health.message.is_empty());
                !health.healthy
            });
            server.restart().unwrap();
            eventually("it recovers by itself", || provider.health().unwrap().healthy);
        }
    });
    stop(provider);
    let came: Vec<usize> = actors.bodies()["MS"].iter().map(|body| body.parse().unwrap()).collect();
    assert!(came.is_sorted_by(|a, b| a < b), "out of order or twice");
    let came: BTreeSet<usize> = came.into_iter().collect();
    let acknowledged = acknowledged.into_inner().unwrap();
    assert_eq!(quiet.len(), 4);
    for number in acknowledged.iter().filter(|number| quiet.iter().any(|q| q.contains(number))) {
        assert!(came.contains(number), "{number} is lost, and no server was away: {quiet:?}");
    }
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
        let mut served = 0;
        while served < 50 && !waiting.is_finished() {
            publish(&provider, "MB", "b", b"x").unwrap();
            served += 1;
        }
        // One that waited behind it would have been served once or twice.
        assert!(served > 10, "the other link waited too: {served}");
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
