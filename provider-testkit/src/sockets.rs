//! What a socket is, from the tables of the system.

use std::{
    fs,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
};

/// The state of a TCP socket that listens.
const LISTENS: &str = "0A";

/// The name of the socket that `link` (`socket:[4711]`) is, if it is one.
pub(crate) fn name(link: &str) -> Option<String> {
    let inode = link.strip_prefix("socket:[")?.strip_suffix(']')?;
    let found = [("TCP", "tcp"), ("TCP", "tcp6"), ("UDP", "udp"), ("UDP", "udp6")]
        .into_iter()
        .find_map(|(kind, table)| {
            let table = fs::read_to_string(format!("/proc/self/net/{table}")).ok()?;
            table.lines().find_map(|line| internet(kind, line, inode))
        });
    Some(found.unwrap_or_else(|| format!("socket {inode}")))
}

/// A line like `0: 0100007F:1F90 00000000:0000 0A .. .. .. uid 0 inode ..`, if it is about `inode`.
fn internet(kind: &str, line: &str, inode: &str) -> Option<String> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    if fields.get(9) != Some(&inode) {
        return None;
    }
    let address = address(fields[1])?;
    let listens = if kind == "TCP" && fields[3] == LISTENS { " (listening)" } else { "" };
    Some(format!("socket {kind} {address}{listens}"))
}

/// An address like `0100007F:1F90`: words in the machine's byte order, then the port.
fn address(text: &str) -> Option<SocketAddr> {
    let (address, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let mut bytes = Vec::new();
    let (words, []) = address.as_bytes().as_chunks::<8>() else {
        return None;
    };
    for word in words {
        let word = u32::from_str_radix(std::str::from_utf8(word).ok()?, 16).ok()?;
        bytes.extend(word.to_ne_bytes());
    }
    if let Ok(bytes) = <[u8; 4]>::try_from(&bytes[..]) {
        return Some((Ipv4Addr::from(bytes), port).into());
    }
    let bytes = <[u8; 16]>::try_from(&bytes[..]).ok()?;
    Some((Ipv6Addr::from(bytes), port).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_endian = "little")]
    fn addresses_are_read_as_the_system_writes_them() {
        let address = |text| address(text).map(|address| address.to_string());
        assert_eq!(address("0100007F:1F90").as_deref(), Some("127.0.0.1:8080"));
        let long = "00000000000000000000000001000000:0050";
        assert_eq!(address(long).as_deref(), Some("[::1]:80"));
        assert_eq!(address("xyz"), None);
        assert_eq!(address("01:1F90"), None);
    }

    #[test]
    fn what_is_no_socket_has_no_name() {
        assert_eq!(name("/dev/null"), None);
        assert_eq!(name("socket:[99999999999]").as_deref(), Some("socket 99999999999"));
    }
}
