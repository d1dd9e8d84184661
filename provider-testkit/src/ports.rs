//! Ports that are free.

use std::{
    fs,
    hash::{BuildHasher, Hasher, RandomState},
    net::TcpListener,
};

/// The first port that is given.
const FIRST: u16 = 10_000;
/// How many ports are tried.
const TRIES: usize = 64;

/// A port of this machine that nobody listens on at present; 0 when there is none.
///
/// It is one that the system gives to nobody who asks for any: else a connection that another process
/// makes could have it before the provider listens on it, or between two links. It is chosen by
/// chance, so that checks that run at the same time do not try the same ones.
pub(crate) fn free_port() -> u16 {
    let any = || {
        let listener = TcpListener::bind(("127.0.0.1", 0));
        listener.and_then(|listener| listener.local_addr()).map_or(0, |address| address.port())
    };
    let count = given_to_anybody().saturating_sub(FIRST);
    if count == 0 {
        return any();
    }
    (0..TRIES).map(|_| FIRST + chance(count)).find(|port| is_free(*port)).unwrap_or_else(any)
}

fn is_free(port: u16) -> bool {
    TcpListener::bind(("127.0.0.1", port)).is_ok() && TcpListener::bind(("0.0.0.0", port)).is_ok()
}

/// The first port that the system gives to somebody who asks for any.
fn given_to_anybody() -> u16 {
    const USUAL: u16 = 32_768;
    fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range")
        .ok()
        .and_then(|range| range.split_whitespace().next()?.parse().ok())
        .unwrap_or(USUAL)
}

/// A number below `end`, which is not 0. The standard library's keys are random.
fn chance(end: u16) -> u16 {
    let random = RandomState::new().build_hasher().finish() % u64::from(end);
    u16::try_from(random).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_taken_is_not_given() {
        let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        assert!(!is_free(taken.local_addr().unwrap().port()));
    }

    #[test]
    fn ports_differ_and_can_be_listened_on() {
        let ports: Vec<u16> = (0..8).map(|_| free_port()).collect();
        assert!(ports.iter().any(|port| *port != ports[0]), "{ports:?}");
        for port in ports {
            assert!(port >= FIRST);
            TcpListener::bind(("127.0.0.1", port)).unwrap();
        }
    }
}
