//! What an actor is linked with.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    str::FromStr,
    time::Duration,
};

use http::{HeaderName, HeaderValue, Method};
use provider_core::prelude::*;

use crate::tls::Pem;

/// Where a link without `PORT` and `BIND` listens.
const DEFAULT: SocketAddr = local(8080);

/// What an actor is linked with.
#[derive(Debug, LinkValues)]
pub struct Settings {
    /// Listens on this port of 127.0.0.1. Not together with `BIND`.
    pub port: Option<u16>,
    /// Listens on these addresses: `IP:PORT`, or `PORT` of 127.0.0.1, with commas between them. Without it
    /// and `PORT`: 127.0.0.1:8080.
    #[value(expected = "`IP:PORT` or `PORT`, with commas between them")]
    pub bind: Option<Vec<Address>>,
    /// How long the actor may take, in milliseconds. Then the client gets a 504.
    #[value(default = 2000, range = 1..=3_600_000)]
    pub timeout_ms: u32,
    /// The longest body of a request. A longer one gets a 413.
    #[value(default = 10_485_760)]
    pub max_body_bytes: usize,
    /// The origins whose pages may read the replies, with commas between them; `*` is any. Without it, none.
    #[value(expected = "origins such as `https://example.org` with commas between them, or `*`")]
    pub cors_allowed_origins: Option<Vec<Origin>>,
    /// The methods that such pages may use, with commas between them; `*` is any. Without it, GET, HEAD and
    /// POST.
    #[value(expected = "methods with commas between them, or `*`")]
    pub cors_allowed_methods: Option<Vec<Allowed<Method>>>,
    /// The headers that such pages may send, with commas between them; `*` is any. Without it, those that
    /// need no leave.
    #[value(expected = "names of headers with commas between them, or `*`")]
    pub cors_allowed_headers: Option<Vec<Allowed<HeaderName>>>,
    /// The certificate and those that lead to its root, as PEM or as the path of a PEM file. With it and
    /// `TLS_KEY`, the addresses are served with TLS.
    #[value(expected = "PEM, or the path of a PEM file")]
    pub tls_certificate: Option<Pem>,
    /// The certificate's private key, as PEM or as the path of a PEM file.
    #[value(expected = "PEM, or the path of a PEM file")]
    pub tls_key: Option<Secret<Pem>>,
    /// The longest head of a request. A longer one gets a 431.
    #[value(default = 16_384, range = 8_192..=1_048_576)]
    pub max_header_bytes: u32,
    /// How many connections are open at once. More wait to be accepted.
    #[value(default = 16_384, range = 1..=1_000_000)]
    pub max_connections: usize,
    /// How many requests wait for the actor at once. The next one gets a 503.
    #[value(default = 1024, range = 1..=1_000_000)]
    pub max_in_flight: usize,
    /// How many of them the actor is called with at once; each of these costs a thread until the actor
    /// answers.
    #[value(default = 64, range = 1..=1024)]
    pub max_calls: usize,
    /// How much memory the bodies of requests take at once. A body that would take more gets a 503.
    #[value(default = 268_435_456)]
    pub max_buffer_bytes: u32,
    /// How long a client may take for the head of a request, and for the handshake of TLS, in milliseconds.
    #[value(default = 10_000, range = 1..=3_600_000)]
    pub header_timeout_ms: u32,
    /// How long a client may take for a request's body, in milliseconds. Then it gets a 408.
    #[value(default = 30_000, range = 1..=3_600_000)]
    pub body_timeout_ms: u32,
    /// How long a connection may be open without a request, or without taking what it is sent, in
    /// milliseconds.
    #[value(default = 60_000, range = 1..=86_400_000)]
    pub idle_timeout_ms: u32,
    /// How long `RemoveActor` waits for requests in flight, in milliseconds. Without it, `TIMEOUT_MS` and one
    /// second.
    #[value(range = 0..=3_600_000)]
    pub remove_timeout_ms: Option<u32>,
}

impl Settings {
    /// Where to listen.
    ///
    /// # Errors
    ///
    /// *Bad request* when there is no address, or when both values have some.
    pub(crate) fn addresses(&self) -> Result<Vec<SocketAddr>, Error> {
        let refused = |message: &str| Err(Error::new(ErrorKind::BadRequest, message));
        match (&self.bind, self.port) {
            (Some(_), Some(_)) => refused("the link has both `BIND` and `PORT`: one says it all"),
            (Some(bind), None) if bind.is_empty() => refused("link value `BIND` has no address"),
            (Some(bind), None) => Ok(bind.iter().map(|address| address.0).collect()),
            (None, Some(port)) => Ok(vec![local(port)]),
            (None, None) => Ok(vec![DEFAULT]),
        }
    }

    /// How long the actor may take.
    pub(crate) fn timeout(&self) -> Duration {
        milliseconds(self.timeout_ms)
    }

    /// How long `RemoveActor` waits.
    pub(crate) fn remove_timeout(&self) -> Duration {
        match self.remove_timeout_ms {
            Some(limit) => milliseconds(limit),
            None => self.timeout() + Duration::from_secs(1),
        }
    }
}

pub(crate) fn milliseconds(count: u32) -> Duration {
    Duration::from_millis(count.into())
}

const fn local(port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)
}

/// Where to listen.
#[derive(Debug)]
pub struct Address(SocketAddr);

impl FromStr for Address {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let address = match text.parse() {
            Ok(port) => Ok(local(port)),
            Err(_) => text.parse(),
        };
        address.map(Self).map_err(|_| "that is neither an IP address with a port nor a port")
    }
}

/// A page's origin, or any.
#[derive(Debug)]
pub enum Origin {
    /// `*`
    Any,
    /// Scheme, host and port, as browsers write them.
    One(HeaderValue),
}

impl FromStr for Origin {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const NONE: &str = "that is no origin: one has a scheme, a host and perhaps a port";
        if text == "*" {
            return Ok(Self::Any);
        }
        let uri: http::Uri = text.parse().map_err(|_| NONE)?;
        // The scheme of a URI without a path is followed by nothing but its host and port.
        let whole = uri.scheme_str().zip(uri.authority());
        match whole.map(|(scheme, host)| format!("{scheme}://{host}")) {
            Some(origin) if origin.eq_ignore_ascii_case(text) => {
                HeaderValue::try_from(origin.to_ascii_lowercase()).map(Self::One).map_err(|_| NONE)
            }
            _ => Err(NONE),
        }
    }
}

/// A method or a header, or any.
#[derive(Debug)]
pub enum Allowed<T> {
    /// `*`
    Any,
    /// This one.
    One(T),
}

impl<T: FromStr<Err: fmt::Display>> FromStr for Allowed<T> {
    type Err = T::Err;

    fn from_str(text: &str) -> Result<Self, T::Err> {
        if text == "*" { Ok(Self::Any) } else { text.parse().map(Self::One) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_be_a_port_alone() {
        let read = |text: &str| text.parse::<Address>().map(|address| address.0.to_string());
        assert_eq!(read("80").as_deref(), Ok("127.0.0.1:80"));
        assert_eq!(read("0.0.0.0:80").as_deref(), Ok("0.0.0.0:80"));
        assert_eq!(read("[::1]:80").as_deref(), Ok("[::1]:80"));
        for wrong in ["", "65536", "localhost:80", "127.0.0.1", "::1", "-1"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_origin_has_a_scheme_and_a_host_and_no_more() {
        let read = |text: &str| match text.parse() {
            Ok(Origin::One(value)) => Ok(String::from(value.to_str().unwrap_or("?"))),
            Ok(Origin::Any) => Ok("*".into()),
            Err(error) => Err(error),
        };
        assert_eq!(read("*").as_deref(), Ok("*"));
        assert_eq!(read("https://Example.org:8443").as_deref(), Ok("https://example.org:8443"));
        for wrong in
            ["", "example.org", "https://example.org/", "https://example.org/a", "https://"]
        {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
