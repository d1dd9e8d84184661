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
/// How many ports a check has for itself, and one before them that is held. The check that makes the most links
/// makes five hundred.
const OWN: u16 = 512;

/// What is left of the ports that this process has for itself.
static LEFT: Mutex<Range<u16>> = Mutex::new(0..0);

/// Ports that a check has for itself, among all checks that run on this machine, as long as this is held.
///
/// A port that is free when it is chosen may be another check's when it is used.
#[derive(Debug)]
pub(crate) struct Own {
    /// Listens at the port before the first.
    _holder: Option<TcpListener>,
    first: u16,
}

impl Own {
    /// The next ports that nobody has; none when others have all of them.
    pub(crate) fn next() -> Self {
        static NEXT: OnceLock<AtomicU16> = OnceLock::new();
        let blocks = given_to_anybody().saturating_sub(FIRST) / OWN;
        // Another program with a testkit begins elsewhere.
        let next =
            NEXT.get_or_init(|| AtomicU16::new(if blocks == 0 { 0 } else { chance(blocks) }));
        for _ in 0..blocks {
            let port = FIRST + next.fetch_add(1, Relaxed) % blocks * OWN;
            if let Ok(holder) = TcpListener::bind(("127.0.0.1", port)) {
                return Self { _holder: Some(holder), first: port + 1 };
            }
        }
        Self { _holder: None, first: 0 }
    }

    /// The first of them, for [`keep_to`]; 0 when there are none.
    pub(crate) const fn first(&self) -> u16 {
        self.first
    }
}

/// From now on this process takes the ports from `first` on, as long as they last.
pub(crate) fn keep_to(first: u16) {
    let own = if first == 0 { 0..0 } else { first..first.saturating_add(OWN - 1) };
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
    fn each_check_has_ports_of_its_own_as_long_as_it_holds_them() {
        let held: Vec<Own> = (0..8).map(|_| Own::next()).collect();
        for (index, own) in held.iter().enumerate() {
            assert!((FIRST + 1..=given_to_anybody() - OWN + 1).contains(&own.first));
            assert!(held[index + 1..].iter().all(|other| own.first.abs_diff(other.first) >= OWN));
        }
        let all = usize::from((given_to_anybody() - FIRST) / OWN);
        // Round and round: what is held is never given.
        for _ in 0..2 * all {
            let next = Own::next();
            assert!(held.iter().all(|own| own.first != next.first), "{next:?}");
        }
        let first = held[0].first;
        keep_to(first);
        let own: Vec<u16> = (0..8).map(|_| free_port()).collect();
        keep_to(0);
        assert!(own.windows(2).all(|ports| ports[0] < ports[1]), "{own:?}");
        assert!(own.iter().all(|port| (first..first + OWN - 1).contains(port)), "{own:?}");
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
