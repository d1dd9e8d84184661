//! Clients and actors that misbehave, and who must not suffer from it.

use std::{
    sync::{Arc, Condvar, Mutex, mpsc},
    time::{Duration, Instant},
};

use provider_contracts::http_server::{Request, Response};
use provider_core::BoxError;

use crate::{
    client::{Connection, get, until},
    host::{Host, echo},
    log,
};

const ACTOR: &str = "MACTOR";
const SHORT: Duration = Duration::from_secs(10);

/// A gate for actors that never answer, until the test is over.
#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<(Mutex<Doorway>, Condvar)>);

#[derive(Default)]
struct Doorway {
    open: bool,
    /// How many have come to it.
    came: usize,
}

impl Gate {
    pub(crate) fn pass(&self) {
        let (doorway, changed) = &*self.0;
        let mut doorway = doorway.lock().unwrap();
        doorway.came += 1;
        changed.notify_all();
        drop(changed.wait_while(doorway, |doorway| !doorway.open).unwrap());
    }

    pub(crate) fn open(&self) {
        self.0.0.lock().unwrap().open = true;
        self.0.1.notify_all();
    }

    fn close(&self) {
        self.0.0.lock().unwrap().open = false;
    }

    /// Waits until somebody has come.
    pub(crate) fn reached(&self) {
        let (doorway, changed) = &*self.0;
        let waiting = |doorway: &mut Doorway| doorway.came == 0;
        let waited = changed.wait_timeout_while(doorway.lock().unwrap(), SHORT, waiting).unwrap();
        assert!(!waited.1.timed_out(), "nobody comes");
    }

    /// An actor that answers when the gate is open.
    pub(crate) fn actor(
        &self,
    ) -> impl Fn(Request) -> Result<Response, BoxError> + Send + Sync + 'static {
        let gate = self.clone();
        move |request| {
            gate.pass();
            echo(request)
        }
    }
}

#[test]
fn an_actor_that_never_answers_is_a_504_and_holds_up_no_other_actor() {
    log::keep();
    let host = Host::new();
    let gate = Gate::default();
    let values = [("TIMEOUT_MS", "300"), ("MAX_CALLS", "4")];
    let stuck = host.serve("MSTUCK", &values, gate.actor());
    let other = host.serve("MOTHER", &[], echo);
    let mut clients: Vec<_> = (0..200).map(|_| Connection::new(stuck)).collect();
    for client in &mut clients {
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    }
    for _ in 0..50 {
        assert_eq!(get(other).status, 200);
    }
    for client in &mut clients {
        let reply = client.reply().unwrap();
        assert_eq!((reply.status, reply.body.len()), (504, 0));
    }
    assert!(log::has("the actor has not answered in 300 ms"));
    gate.open();
    // Its threads are free again, and none of the requests that waited is made up for.
    until("the actor answers", || get(stuck).status == 200);
}

#[test]
fn an_actor_that_was_quick_and_hangs_is_a_504_too_and_holds_up_no_other_actor() {
    log::keep();
    let host = Host::new();
    let gate = Gate::default();
    gate.open();
    let values = [("TIMEOUT_MS", "300"), ("REMOVE_TIMEOUT_MS", "500")];
    let hangs = host.serve("MHANGS", &values, gate.actor());
    let other = host.serve("MOTHER", &[], echo);
    // Both are so quick that workers of the runtime call them.
    let mut clients: Vec<_> = (0..50).map(|_| Connection::new(hangs)).collect();
    for _ in 0..10 {
        for client in &mut clients {
            assert_eq!(client.get().unwrap().status, 200);
        }
    }
    for _ in 0..100 {
        assert_eq!(get(other).status, 200);
    }
    gate.close();
    for client in &mut clients {
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    }
    for _ in 0..50 {
        assert_eq!(get(other).status, 200);
    }
    for client in &mut clients {
        assert_eq!(client.reply().unwrap().status, 504);
    }
    // Its calls have not returned, and it can be removed all the same.
    host.remove("MHANGS");
    assert_eq!(get(other).status, 200);
    assert!(log::has("keep a thread each"));
    // And so can the provider, though a worker has not returned.
    drop(host);
    gate.open();
}

#[test]
fn a_client_that_goes_away_disturbs_nobody() {
    let host = Host::new();
    let (send, called) = mpsc::channel();
    let address = host.serve(ACTOR, &[], move |request| {
        send.send(request.path.clone())?;
        // More than the socket takes.
        Ok(Response::new(200, vec![b'x'; 8 << 20]))
    });
    let parts = [
        "GET /head",
        "POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc",
        "POST /chunk HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0",
        "\u{16}\u{3}\u{1}",
    ];
    for part in parts {
        let mut client = Connection::new(address);
        client.send(part).unwrap();
        drop(client);
    }
    let mut client = Connection::new(address);
    client.send("GET /reply HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    // The only one of those that is a request.
    assert_eq!(called.recv_timeout(SHORT).as_deref(), Ok("/reply"));
    drop(client);
    assert_eq!(get(address).body.len(), 8 << 20);
    assert_eq!(called.recv_timeout(SHORT).as_deref(), Ok("/"));
    assert!(called.try_recv().is_err());
    assert!(host.is_healthy());
}

#[test]
fn what_is_no_http_is_answered_with_400() {
    let host = Host::new();
    let address = host.serve(ACTOR, &[], |_| unreachable!("the actor is not asked"));
    for wrong in [
        "\u{16}\u{3}\u{1}\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "GET / HTTP/1.1\r\nHost a\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        // What one server takes for the body, another takes for a request (RFC 9112, section 11.2).
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy",
        "POST / HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n",
    ] {
        let mut client = Connection::new(address);
        client.send(wrong).unwrap();
        assert_eq!(client.reply().unwrap().status, 400, "{wrong:?}");
        assert!(client.is_closed_within(SHORT), "{wrong:?}");
    }
}

#[test]
fn slow_clients_starve_nobody_and_are_closed_in_time() {
    let host = Host::new();
    let values = [
        ("HEADER_TIMEOUT_MS", "1000"),
        ("BODY_TIMEOUT_MS", "1000"),
        ("IDLE_TIMEOUT_MS", "1500"),
        ("MAX_IN_FLIGHT", "4"),
    ];
    let address = host.serve(ACTOR, &values, echo);
    let parts = [
        "",
        "GET / HTTP/1.1\r\nX-Slow: ",
        "PRI * HT",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\u{1}",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc",
    ];
    let began = Instant::now();
    let mut slow: Vec<_> = (0..40).flat_map(|_| parts).map(|_| Connection::new(address)).collect();
    for (client, part) in slow.iter_mut().zip(parts.iter().cycle()) {
        client.send(part).unwrap();
    }
    // One that is between its requests, and one that is in the head of its second.
    let mut idle = Connection::new(address);
    assert_eq!(idle.get().unwrap().status, 200);
    let mut second = Connection::new(address);
    assert_eq!(second.get().unwrap().status, 200);
    second.send("GET / HTT").unwrap();
    for _ in 0..20 {
        assert_eq!(get(address).status, 200);
    }
    for (mut client, part) in slow.into_iter().zip(parts.iter().cycle()) {
        if part.starts_with("POST") {
            let reply = client.reply().unwrap();
            assert_eq!((reply.status, reply.header("connection")), (408, Some("close")));
        }
        client.rest(SHORT).unwrap();
    }
    assert!(idle.is_closed_within(SHORT) && second.is_closed_within(SHORT));
    assert!(began.elapsed() < SHORT, "it took {:?}", began.elapsed());
}

#[test]
fn a_head_that_dribbles_is_closed_as_well() {
    let host = Host::new();
    let address = host.serve(ACTOR, &[("HEADER_TIMEOUT_MS", "500")], echo);
    let mut client = Connection::new(address);
    client.send("GET / HTTP/1.1\r\n").unwrap();
    let began = Instant::now();
    // A byte each moment is not enough.
    while client.send("x").is_ok() && !client.is_closed_within(Duration::from_millis(50)) {
        assert!(began.elapsed() < SHORT, "it is still open");
    }
}

#[test]
fn a_client_that_takes_no_reply_is_closed() {
    // More than sockets hold.
    const LENGTH: usize = 60 << 20;
    let host = Host::new();
    let big = vec![b'x'; LENGTH];
    let values = [("IDLE_TIMEOUT_MS", "300"), ("MAX_CONNECTIONS", "1")];
    let address = host.serve(ACTOR, &values, move |request| match request.method.as_str() {
        "POST" => echo(request),
        _ => Ok(Response::new(200, big.clone())),
    });
    let mut client = Connection::new(address);
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    assert!(client.has_byte_within(SHORT));
    // There is a place for another one when this one was closed.
    assert_eq!(Connection::new(address).post(b"x").unwrap().status, 200);
    // What is in the sockets can still be read; the rest never comes.
    let came = client.rest(SHORT).unwrap();
    assert!(came.len() < LENGTH, "all of it came");
}
