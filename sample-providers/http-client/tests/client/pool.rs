//! Connections: how many there are, and that none stays.

use std::{sync::Barrier, thread};

use provider_core::ErrorKind;

use crate::{
    get, link, linked, provider,
    server::{Server, Then, respond},
};

#[test]
fn requests_one_after_the_other_share_a_connection() {
    let server = Server::new(|_, to| respond(to, "200 OK", b"ok"));
    let (_provider, client) = linked(&[]);
    for _ in 0..50 {
        assert_eq!(client.request(get(server.url("/"))).unwrap().body, b"ok");
    }
    // A request that comes before the last connection is back in the pool opens another one.
    assert_eq!(server.requests().len(), 50);
    assert!(server.accepted() <= 5, "{} connections", server.accepted());
}

#[test]
fn many_actors_at_once_get_their_own_responses_over_their_own_connections() {
    const ACTORS: usize = 50;
    let server = Server::new(|request, to| respond(to, "200 OK", request.start.as_bytes()));
    let (provider, begin) = (provider(), Barrier::new(ACTORS));
    thread::scope(|scope| {
        for number in 0..ACTORS {
            let (provider, server, begin) = (&provider, &server, &begin);
            scope.spawn(move || {
                let client = link(provider, &format!("MACTOR{number}"), &[]).unwrap();
                begin.wait();
                for turn in 0..10 {
                    let path = format!("/{number}/{turn}");
                    let response = client.request(get(server.url(&path))).unwrap();
                    assert_eq!(response.body, format!("GET {path} HTTP/1.1").into_bytes());
                }
            });
        }
    });
    assert_eq!(server.requests().len(), ACTORS * 10);
    let accepted = server.accepted();
    assert!((ACTORS..ACTORS * 5).contains(&accepted), "{accepted} connections");
    for number in 0..ACTORS {
        provider.remove(&format!("MACTOR{number}")).unwrap();
    }
    server.await_open(0);
}

#[test]
fn an_actor_whose_server_does_not_answer_holds_nobody_up() {
    let silent = Server::new(|_, _| Ok(Then::Hold));
    let server = Server::new(|_, to| respond(to, "200 OK", b"ok"));
    let provider = provider();
    let stuck = link(&provider, "MSTUCK", &[("max_in_flight", "40")]).unwrap();
    let client = link(&provider, "MACTOR", &[]).unwrap();
    thread::scope(|scope| {
        for _ in 0..40 {
            scope.spawn(|| stuck.request(get(silent.url("/"))).unwrap_err());
        }
        silent.await_requests(40);
        for _ in 0..10 {
            assert_eq!(client.request(get(server.url("/"))).unwrap().body, b"ok");
        }
        silent.disconnect();
    });
}

#[test]
fn no_more_requests_of_an_actor_are_in_flight_than_its_link_says() {
    let server = Server::new(|_, _| Ok(Then::Hold));
    let (_provider, client) = linked(&[("max_in_flight", "2"), ("timeout", "1")]);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let error = client.request(get(server.url("/"))).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
            });
        }
    });
    // The third one waited for its turn until its time was over, or had none left.
    assert!(server.accepted() <= 3);
    server.await_open(0);
}

#[test]
fn nothing_is_left_of_a_link_that_is_removed_or_of_a_provider_that_is_stopped() {
    let server = Server::new(|_, to| respond(to, "200 OK", b"ok"));
    let provider = provider();
    for actor in ["MONE", "MTWO"] {
        link(&provider, actor, &[]).unwrap().request(get(server.url("/"))).unwrap();
    }
    server.await_open(2);
    provider.remove("MONE").unwrap();
    server.await_open(1);
    let provider = std::sync::Arc::into_inner(provider).unwrap();
    provider.stop().unwrap().destroy().unwrap();
    server.await_open(0);
}
