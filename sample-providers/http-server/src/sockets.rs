//! Sockets that listen.

use std::{io, net::SocketAddr};

use provider_core::prelude::*;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;

/// How many connections wait to be accepted; the system may allow less.
const BACKLOG: i32 = 4096;

/// Listens on all of the addresses, or on none.
///
/// # Errors
///
/// *Unavailable*, with the first address that cannot be listened on and the reason.
pub(crate) fn listen(addresses: &[SocketAddr]) -> Result<Vec<TcpListener>, Error> {
    let each = addresses.iter().map(|address| {
        listen_on(*address).map_err(|error| {
            let context = format!("cannot listen on {address}");
            Error::with_source(ErrorKind::Unavailable, error).context(context)
        })
    });
    each.collect()
}

fn listen_on(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        // `[::]` is IPv6 and no more, whatever the system's default, so that `0.0.0.0` can stand beside it.
        socket.set_only_v6(true)?;
    }
    // Connections that were closed a while ago keep no port. On Windows this would mean another thing.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    TcpListener::from_std(socket.into())
}
