//! `RemoveActor` and `stop`.

use std::{
    net::TcpListener,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use crate::{
    client::{Connection, LIMIT, get},
    faults::Gate,
    host::{Host, echo},
};

const ACTOR: &str = "MACTOR";

#[test]
fn requests_in_flight_are_answered_and_the_port_is_free_at_once() {
    let host = Host::new();
    let gate = Gate::default();
    let (send, called) = mpsc::channel();
    let actor = gate.actor();
    let address = host.serve(ACTOR, &[("TIMEOUT_MS", "20000")], move |request| {
        send.send(())?;
        actor(request)
    });
    let mut idle = Connection::new(address);
    let mut silent = Connection::new(address);
    let mut partial = Connection::new(address);
    partial.send("GET / HTTP/1.1\r\nHos").unwrap();
    let client = thread::spawn(move || {
        let mut client = Connection::new(address);
        let reply = client.post(b"in flight").unwrap();
        (reply, client.is_closed_within(LIMIT))
    });
    called.recv_timeout(LIMIT).unwrap();
    thread::scope(|scope| {
        let removed = scope.spawn(|| host.remove(ACTOR));
        // It waits for the one in flight, and for nobody else.
        assert!(idle.is_closed_within(LIMIT) && silent.is_closed_within(LIMIT));
        assert!(partial.is_closed_within(LIMIT));
        assert!(!removed.is_finished(), "a request is in flight");
        gate.open();
        removed.join().unwrap();
    });
    drop(TcpListener::bind(address).unwrap());
    let (reply, is_closed) = client.join().unwrap();
    assert_eq!((reply.status, &reply.body[..]), (200, &b"in flight"[..]));
    assert!(is_closed);
    assert!(Connection::try_new(address).is_err());
}

#[test]
fn a_reply_that_the_client_takes_slowly_is_sent_to_its_end() {
    let host = Host::new();
    let body = vec![b'x'; 16 << 20];
    let address = host.serve(ACTOR, &[("TIMEOUT_MS", "20000")], move |_| {
        Ok(provider_contracts::http_server::Response::new(200, body.clone()))
    });
    let mut client = Connection::new(address);
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    assert!(client.has_byte_within(LIMIT));
    thread::scope(|scope| {
        let removed = scope.spawn(|| host.remove(ACTOR));
        // It has begun when nobody listens any more.
        while TcpListener::bind(address).is_err() {
            thread::yield_now();
        }
        assert!(!removed.is_finished(), "the reply is not taken yet");
        assert_eq!(client.reply().unwrap().body.len(), 16 << 20);
        removed.join().unwrap();
    });
}

#[test]
fn an_actor_that_never_answers_does_not_hold_up_its_removal_for_longer_than_its_time() {
    let host = Host::new();
    let gate = Gate::default();
    let address = host.serve(ACTOR, &[("TIMEOUT_MS", "300")], gate.actor());
    let client = thread::spawn(move || get(address).status);
    // A client that never ends its request.
    let mut slow = Connection::new(address);
    slow.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc").unwrap();
    gate.reached();
    let began = Instant::now();
    host.remove(ACTOR);
    assert!(began.elapsed() < Duration::from_secs(10), "it took {:?}", began.elapsed());
    drop(TcpListener::bind(address).unwrap());
    assert_eq!(client.join().unwrap(), 504);
    assert!(slow.is_closed_within(LIMIT));
    // The provider can be stopped while the call is still out.
    host.stop();
    gate.open();
}

#[test]
fn the_actor_can_be_linked_again_at_the_same_port() {
    let host = Host::new();
    let address = host.serve(ACTOR, &[], echo);
    let port = address.port().to_string();
    for _ in 0..20 {
        let mut client = Connection::new(address);
        assert_eq!(client.get().unwrap().status, 200);
        host.remove(ACTOR);
        host.bind(ACTOR, &[("PORT", &port)]).unwrap();
    }
    assert_eq!(get(address).status, 200);
}

#[test]
fn stopping_ends_every_link() {
    let host = Host::new();
    let first = host.serve("MFIRST", &[], echo);
    let second = host.serve("MSECOND", &[], echo);
    let mut client = Connection::new(first);
    assert_eq!(client.get().unwrap().status, 200);
    host.stop();
    assert!(client.is_closed_within(LIMIT));
    drop((TcpListener::bind(first).unwrap(), TcpListener::bind(second).unwrap()));
}
