//! Ports that are free.

use std::{
    fs,
    hash::{BuildHasher, Hasher, RandomState},
    net::TcpListener,
    ops::Range,
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicU16, Ordering::Relaxed},
    },
};

/// The first port that is given.
const FIRST: u16 = 10_000;
/// How many ports are tried.
const TRIES: usize = 64;
/// How many ports a check has for itself.
const OWN: u16 = 64;

/// What is left of the ports that this process has for itself.
static LEFT: Mutex<Range<u16>> = Mutex::new(0..0);

/// The first of the next ports that a check may have for itself; 0 when there are none.
///
/// Checks that run at the same time get others: a port that is free when it is chosen may be another
/// check's when it is used.
pub(crate) fn next_own() -> u16 {
    static NEXT: OnceLock<AtomicU16> = OnceLock::new();
    let blocks = given_to_anybody().saturating_sub(FIRST) / OWN;
    if blocks == 0 {
        return 0;
    }
    // Another program with a testkit begins elsewhere.
    let next = NEXT.get_or_init(|| AtomicU16::new(chance(blocks)));
    FIRST + next.fetch_add(1, Relaxed) % blocks * OWN
}

/// From now on this process takes the ports from `first` on, as long as they last.
pub(crate) fn keep_to(first: u16) {
    let own = if first == 0 { 0..0 } else { first..first.saturating_add(OWN) };
    *LEFT.lock().unwrap_or_else(PoisonError::into_inner) = own;
}

/// A port of this machine that nobody listens on at present; 0 when there is none.
///
/// It is one that the system gives to nobody who asks for any: else a connection that another process
/// makes could have it before the provider listens on it, or between two links. It is one of this
/// process's own, or chosen by chance, so that checks that run at the same time do not try the same ones.
pub(crate) fn free_port() -> u16 {
    let own = LEFT.lock().unwrap_or_else(PoisonError::into_inner).find(|port| is_free(*port));
    own.unwrap_or_else(by_chance)
}

fn by_chance() -> u16 {
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
    fn each_check_has_ports_of_its_own() {
        let blocks: Vec<u16> = (0..100).map(|_| next_own()).collect();
        for (index, first) in blocks.iter().enumerate() {
            assert!((FIRST..=given_to_anybody() - OWN).contains(first));
            assert!(blocks[index + 1..].iter().all(|other| first.abs_diff(*other) >= OWN));
        }
        keep_to(blocks[0]);
        let own: Vec<u16> = (0..8).map(|_| free_port()).collect();
        keep_to(0);
        assert!(own.windows(2).all(|ports| ports[0] < ports[1]), "{own:?}");
        assert!(own.iter().all(|port| (blocks[0]..blocks[0] + OWN).contains(port)), "{own:?}");
    }

    #[test]
    fn ports_differ_and_can_be_listened_on() {
        let ports: Vec<u16> = (0..8).map(|_| by_chance()).collect();
        assert!(ports.iter().any(|port| *port != ports[0]), "{ports:?}");
        for port in ports {
            assert!(port >= FIRST);
            TcpListener::bind(("127.0.0.1", port)).unwrap();
        }
    }
}
