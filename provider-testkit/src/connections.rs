//! The machine's TCP connections, and whether calls open new ones.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    thread,
    time::{Duration, Instant},
};

use crate::lab::Lab;

/// How many cycles the batches have. Others on this machine do not keep to these numbers.
const BATCHES: [u32; 3] = [10, 23, 14];
/// How often all is tried again when others on this machine connect to the same address.
const TRIES: usize = 4;
/// How many connections may be there while nothing is called.
const BACKGROUND: usize = 1;
/// The longest pause.
const PAUSE: Duration = Duration::from_millis(300);

/// Connections, by their two ends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Connections(BTreeSet<(SocketAddr, SocketAddr)>);

/// Connections that are opened again and again.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Opened {
    /// Where to.
    pub(crate) address: SocketAddr,
    pub(crate) count: usize,
    pub(crate) cycles: u32,
}

impl Connections {
    /// Nothing where the system does not list them.
    pub(crate) fn now() -> Option<Self> {
        let four = fs::read_to_string("/proc/self/net/tcp").ok()?;
        let six = fs::read_to_string("/proc/self/net/tcp6").unwrap_or_default();
        Some(Self(four.lines().chain(six.lines()).filter_map(read).collect()))
    }

    /// What there was not before, counted by one of the ends.
    fn new_since(&self, before: &Self) -> BTreeMap<SocketAddr, usize> {
        let mut counts = BTreeMap::new();
        for (local, remote) in self.0.difference(&before.0) {
            *counts.entry(*remote).or_default() += 1;
            // A server on this machine that closes first keeps the connection on its own side.
            *counts.entry(*local).or_default() += 1;
        }
        counts
    }
}

/// Reads a line like `1: 0100007F:1F90 0100007F:C350 06 ..`. Nothing for one that only listens.
fn read(line: &str) -> Option<(SocketAddr, SocketAddr)> {
    let mut fields = line.split_whitespace().skip(1);
    let ends = (address(fields.next()?)?, address(fields.next()?)?);
    (ends.1.port() != 0).then_some(ends)
}

/// The address is in words of the machine's own byte order.
fn address(text: &str) -> Option<SocketAddr> {
    let (host, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let mut bytes = Vec::new();
    for word in host.as_bytes().chunks(8) {
        let word = u32::from_str_radix(std::str::from_utf8(word).ok()?, 16).ok()?;
        bytes.extend(word.to_ne_bytes());
    }
    let host = match bytes.len() {
        4 => IpAddr::from(<[u8; 4]>::try_from(bytes).map(Ipv4Addr::from).ok()?),
        _ => IpAddr::from(<[u8; 16]>::try_from(bytes).map(Ipv6Addr::from).ok()?),
    };
    Some(SocketAddr::new(host, port))
}

/// Runs `cycle` in batches and says where to it opens a connection each time, if it does.
///
/// The list does not say whose a connection is that was closed. It is the provider's when the numbers
/// follow those of the batches, each time, and nothing happens in the pauses between them.
pub(crate) fn for_each_cycle(
    lab: &Lab,
    mut before: Connections,
    mut cycle: impl FnMut(),
) -> Option<Opened> {
    'again: for _ in 0..TRIES {
        let mut opened: Option<Opened> = None;
        for cycles in BATCHES {
            let began = Instant::now();
            let seq = lab.reporter.step("repeat", format!("{cycles} rounds of sample calls"));
            for _ in 0..cycles {
                cycle();
            }
            lab.reporter.done(seq, "done");
            let took = began.elapsed();
            let now = Connections::now()?;
            let wanted = cycles as usize;
            let (address, count) =
                now.new_since(&before).into_iter().max_by_key(|(_, count)| *count)?;
            // What is less than one for each cycle is no connection for each call.
            if count < wanted {
                return None;
            }
            thread::sleep(took.min(PAUSE));
            before = Connections::now()?;
            let quiet = before.new_since(&now).get(&address).is_none_or(|more| *more <= BACKGROUND);
            if !quiet || opened.as_ref().is_some_and(|opened| opened.address != address) {
                lab.reporter.note(format!("others on this machine connect to {address} as well"));
                continue 'again;
            }
            let sum = opened.take().unwrap_or(Opened { address, count: 0, cycles: 0 });
            let (count, cycles) = (sum.count + count, sum.cycles + cycles);
            opened = Some(Opened { address, count, cycles });
        }
        return opened;
    }
    lab.reporter.note("it cannot be told whose connections these are");
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_endian = "little")]
    fn the_systems_list_is_read() {
        let ends =
            read("   1: 0100007F:1F90 0200007F:C350 06 00000000:00000000 03:00000F").unwrap();
        assert_eq!(ends, ("127.0.0.1:8080".parse().unwrap(), "127.0.0.2:50000".parse().unwrap()));
        let six =
            "0: 00000000000000000000000001000000:0050 00000000000000000000000001000000:C350 01";
        assert_eq!(read(six).unwrap().0, "[::1]:80".parse().unwrap());
        assert_eq!(read("0: 00000000:07E8 00000000:0000 0A 00000000:00000000"), None);
        assert_eq!(read("  sl  local_address rem_address   st tx_queue"), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_connection_that_was_closed_is_seen_from_either_side() {
        let server = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = server.local_addr().unwrap();
        for client_first in [true, false] {
            let before = Connections::now().unwrap();
            for _ in 0..5 {
                let client = std::net::TcpStream::connect(address).unwrap();
                let accepted = server.accept().unwrap().0;
                if client_first {
                    drop(client);
                    drop(accepted);
                } else {
                    drop(accepted);
                    drop(client);
                }
            }
            let new = Connections::now().unwrap().new_since(&before);
            assert!(new[&address] >= 5, "{new:?}");
        }
    }
}
