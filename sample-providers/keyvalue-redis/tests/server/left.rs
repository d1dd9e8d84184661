//! Nothing is left over: no connection, no thread, no descriptor.

use test_servers::Held;

use crate::provider::{Running, connections, eventually, server};

const LINKS: usize = 5;

fn linked(running: &Running, server: &test_servers::Server) {
    for number in 0..LINKS {
        let keys = running.link(&format!("M{number}"), server);
        keys.set("k".into(), "v".into(), 0).unwrap();
        assert_eq!(keys.add("n".into(), 1).unwrap().value, 1);
    }
}

fn unlinked(running: &Running) {
    (0..LINKS).for_each(|number| running.unlink(&format!("M{number}")));
}

pub(crate) fn a_link_that_ends_leaves_no_connection() {
    let server = server(&[]);
    let running = Running::new();
    assert!(running.health().healthy);
    let held = Held::now();
    linked(&running, &server);
    // One for a link, however much it is used.
    assert_eq!(connections(&server), LINKS);
    assert_eq!(Held::now().descriptors, held.descriptors + LINKS);
    running.unlink("M0");
    eventually("one connection less", || connections(&server) == LINKS - 1);
    unlinked(&running);
    eventually("no connections", || connections(&server) == 0);
    held.nothing_more();
}

pub(crate) fn a_provider_that_stops_leaves_nothing() {
    let server = server(&[]);
    let held = Held::now();
    let running = Running::new();
    linked(&running, &server);
    running.stop();
    held.nothing_more();
    eventually("no connections", || connections(&server) == 0);
}

pub(crate) fn a_link_that_ends_while_its_server_is_away_leaves_nothing() {
    let mut server = server(&[]);
    let running = Running::new();
    assert!(running.health().healthy);
    linked(&running, &server);
    server.kill();
    eventually("its absence is noticed", || !running.health().healthy);
    unlinked(&running);
    assert!(running.health().healthy);
    let held = Held::now();
    server.restart().unwrap();
    // Nobody comes back for a link that is gone.
    linked(&running, &server);
    assert_eq!(connections(&server), LINKS);
    unlinked(&running);
    eventually("no connections", || connections(&server) == 0);
    running.stop();
    // The server that was started again is held as well, by its two pipes.
    let held = Held { descriptors: held.descriptors + 2, ..held };
    held.nothing_more();
}
