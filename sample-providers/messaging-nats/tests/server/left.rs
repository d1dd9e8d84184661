//! Nothing is left over: no connection, no thread, no descriptor.

use provider_core::NullDispatcher;
use provider_host::Running;
use test_servers::{Held, Server};

use crate::provider::{connections, eventually, link, publish, running, server, stop};

const LINKS: usize = 5;

fn linked(provider: &Running, server: &Server) {
    for number in 0..LINKS {
        let actor = format!("M{number}");
        link(provider, &actor, server, &[("SUBSCRIPTION", "a.>,b")]).unwrap();
        publish(provider, &actor, "c", b"x").unwrap();
    }
}

fn unlinked(provider: &Running) {
    (0..LINKS).for_each(|number| provider.remove(&format!("M{number}")).unwrap());
}

/// A provider whose runtime is there.
fn begun() -> Running {
    let provider = running(NullDispatcher);
    assert!(provider.health().unwrap().healthy);
    provider
}

pub(crate) fn a_link_that_ends_leaves_no_connection() {
    let server = server(&[]);
    let provider = begun();
    let held = Held::now();
    linked(&provider, &server);
    // One for a link, however much it is used.
    assert_eq!(connections(&server), LINKS);
    assert_eq!(Held::now().descriptors, held.descriptors + LINKS);
    provider.remove("M0").unwrap();
    assert_eq!(connections(&server), LINKS - 1);
    unlinked(&provider);
    assert_eq!(connections(&server), 0);
    let held = Held { threads: usize::MAX, ..held };
    held.nothing_more();
    stop(provider);
}

pub(crate) fn a_provider_that_stops_leaves_nothing() {
    let server = server(&[]);
    let held = Held::now();
    let provider = running(NullDispatcher);
    linked(&provider, &server);
    stop(provider);
    held.nothing_more();
    eventually("no connections", || connections(&server) == 0);
}

pub(crate) fn a_link_that_ends_while_its_server_is_away_leaves_nothing() {
    let mut server = server(&[]);
    let provider = begun();
    linked(&provider, &server);
    server.kill();
    eventually("its absence is noticed", || !provider.health().unwrap().healthy);
    unlinked(&provider);
    assert!(provider.health().unwrap().healthy);
    let held = Held::now();
    server.restart().unwrap();
    // Nobody comes back for a link that is gone.
    linked(&provider, &server);
    assert_eq!(connections(&server), LINKS);
    unlinked(&provider);
    assert_eq!(connections(&server), 0);
    stop(provider);
    // The server that was started again is held as well, by its two pipes.
    let held = Held { descriptors: held.descriptors + 2, ..held };
    held.nothing_more();
}
