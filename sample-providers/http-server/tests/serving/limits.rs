//! Limits, each from both of its sides.

use std::{
    sync::{
        Arc, Barrier,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

use provider_contracts::http_server::Response;

use crate::{
    client::{Connection, get, until},
    host::{Host, echo},
};

const ACTOR: &str = "MACTOR";
const MIB: usize = 1 << 20;

#[test]
fn a_body_of_a_mebibyte_comes_back_and_one_above_the_default_limit_is_refused() {
    let host = Host::new();
    let address = host.serve(ACTOR, &[], echo);
    let body = vec![b'x'; MIB];
    assert!(Connection::new(address).post(&body).unwrap().body == body);
    let most = vec![b'y'; 10 * MIB];
    assert!(Connection::new(address).post(&most).unwrap().body == most);
    let reply = Connection::new(address).post(&vec![b'z'; 10 * MIB + 1]).unwrap();
    assert_eq!((reply.status, reply.header("connection")), (413, Some("close")));
}

#[test]
fn a_body_may_be_as_long_as_the_link_says_however_it_is_sent() {
    let host = Host::new();
    let address = host.serve(ACTOR, &[("MAX_BODY_BYTES", "5")], echo);
    assert_eq!(Connection::new(address).post(b"12345").unwrap().body, b"12345");
    assert_eq!(Connection::new(address).post(b"123456").unwrap().status, 413);
    let chunked = |chunks: &str| {
        let mut client = Connection::new(address);
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
        client.send(format!("{head}{chunks}0\r\n\r\n")).unwrap();
        client.reply().unwrap()
    };
    assert_eq!(chunked("3\r\n123\r\n2\r\n45\r\n").body, b"12345");
    assert_eq!(chunked("3\r\n123\r\n3\r\n456\r\n").status, 413);
}

#[test]
fn a_length_that_is_too_long_is_refused_before_the_body_is_sent() {
    let host = Host::new();
    let address = host.serve(ACTOR, &[("MAX_BODY_BYTES", "5")], echo);
    let mut client = Connection::new(address);
    client
        .send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nExpect: 100-continue\r\n\r\n")
        .unwrap();
    assert_eq!(client.reply().unwrap().status, 413);
}

#[test]
fn a_head_that_is_too_long_is_refused() {
    let host = Host::new();
    let address = host.serve(ACTOR, &[("MAX_HEADER_BYTES", "8192")], echo);
    let with = |length: usize| {
        let mut client = Connection::new(address);
        let value = "x".repeat(length);
        client.send(format!("GET / HTTP/1.1\r\nHost: a\r\nX: {value}\r\n\r\n")).unwrap();
        client.reply().unwrap().status
    };
    assert_eq!((with(7000), with(9000)), (200, 431));
}

#[test]
fn bodies_take_no_more_memory_than_they_may() {
    let host = Host::new();
    let values = [("MAX_BUFFER_BYTES", "100000"), ("TIMEOUT_MS", "20000")];
    let (entered, leave) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let gates = (Arc::clone(&entered), Arc::clone(&leave));
    let address = host.serve(ACTOR, &values, move |request| {
        if request.body.len() > 50_000 {
            gates.0.wait();
            gates.1.wait();
        }
        echo(request)
    });
    let first = thread::spawn(move || Connection::new(address).post(&vec![b'x'; 60_000]).unwrap());
    entered.wait();
    let reply = Connection::new(address).post(&vec![b'x'; 50_000]).unwrap();
    assert_eq!((reply.status, reply.header("retry-after")), (503, Some("1")));
    assert_eq!(Connection::new(address).post(&vec![b'x'; 30_000]).unwrap().status, 200);
    leave.wait();
    assert_eq!(first.join().unwrap().status, 200);
    assert_eq!(Connection::new(address).post(&vec![b'x'; 50_000]).unwrap().status, 200);
}

#[test]
fn more_requests_than_may_wait_for_the_actor_are_told_to_come_again() {
    let host = Host::new();
    let values = [("MAX_IN_FLIGHT", "2"), ("MAX_CALLS", "1"), ("TIMEOUT_MS", "20000")];
    let entered = Arc::new(AtomicUsize::new(0));
    let leave = Arc::new(Barrier::new(2));
    let (count, gate) = (Arc::clone(&entered), Arc::clone(&leave));
    let address = host.serve(ACTOR, &values, move |request| {
        count.fetch_add(1, SeqCst);
        gate.wait();
        echo(request)
    });
    let mut clients: Vec<_> = (0..3).map(|_| Connection::new(address)).collect();
    for client in &mut clients {
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    }
    // One of them is answered, although the actor answers nobody.
    let mut has_come = |client: &mut Connection| client.has_byte_within(Duration::from_millis(20));
    let refused = loop {
        if let Some(answered) = clients.iter_mut().position(&mut has_come) {
            break clients.swap_remove(answered).reply().unwrap();
        }
    };
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("1")));
    until("a call is made", || entered.load(SeqCst) == 1);
    leave.wait();
    leave.wait();
    for client in &mut clients {
        assert_eq!(client.reply().unwrap().status, 200);
    }
    assert_eq!(entered.load(SeqCst), 2);
}

#[test]
fn calls_of_the_actor_are_made_at_once_as_many_as_may_be() {
    let host = Host::new();
    let together = Arc::new(Barrier::new(8));
    let values = [("MAX_CALLS", "8"), ("TIMEOUT_MS", "20000")];
    // Nobody passes before all are there.
    let address = host.serve(ACTOR, &values, move |_| {
        together.wait();
        Ok(Response::new(204, ""))
    });
    let clients = (0..8).map(|_| thread::spawn(move || get(address).status));
    let clients: Vec<_> = clients.collect();
    for client in clients {
        assert_eq!(client.join().unwrap(), 204);
    }
}

#[test]
fn connections_above_the_limit_wait_for_a_place() {
    let host = Host::new();
    let address = host.serve(ACTOR, &[("MAX_CONNECTIONS", "2")], echo);
    let mut first = Connection::new(address);
    let mut second = Connection::new(address);
    assert_eq!((first.get().unwrap().status, second.get().unwrap().status), (200, 200));
    let mut third = Connection::new(address);
    third.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    assert!(!third.has_byte_within(Duration::from_millis(200)), "two were allowed");
    drop(first);
    assert_eq!(third.reply().unwrap().status, 200);
}
