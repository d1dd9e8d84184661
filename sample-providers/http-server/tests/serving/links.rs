//! Links: where they listen, and why they do not.

use std::net::TcpListener;

use crate::{
    client::{Connection, get},
    host::{Host, echo, free},
};

fn refused(host: &Host, values: &[(&str, &str)]) -> String {
    host.bind("MREFUSED", values).unwrap_err().message().to_owned()
}

#[test]
fn a_port_that_is_taken_fails_the_bind_with_the_reason_and_leaves_nothing_behind() {
    let host = Host::new();
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = taken.local_addr().unwrap();
    let other = free();
    let both = format!("{other}, {address}");
    let message = refused(&host, &[("BIND", &both)]);
    assert!(message.contains(&address.to_string()) && message.contains("in use"), "{message}");
    // The one that could be listened on is free again.
    drop(TcpListener::bind(other).unwrap());
    drop(taken);
    host.answer("MREFUSED", |request| Ok(provider_core::codec::encode(&echo(request)?)?));
    host.bind("MREFUSED", &[("BIND", &both)]).unwrap();
    assert_eq!((get(address).status, get(other).status), (200, 200));
}

#[test]
fn values_that_cannot_be_used_are_named() {
    let host = Host::new();
    let cases: [(&[(&str, &str)], &str); 10] = [
        (&[("PORT", "99999")], "`PORT` is `99999`"),
        (&[("BIND", "localhost:80")], "`BIND` is `localhost:80`"),
        (&[("BIND", "")], "`BIND` has no address"),
        (&[("BIND", "1"), ("PORT", "1")], "both `BIND` and `PORT`"),
        (&[("TIMEOUT_MS", "0")], "`TIMEOUT_MS` is `0`"),
        (&[("MAX_BODY_BYTES", "-1")], "`MAX_BODY_BYTES` is `-1`"),
        (&[("CORS_ALLOWED_ORIGINS", "example.org")], "`CORS_ALLOWED_ORIGINS` is `example.org`"),
        (&[("CORS_ALLOWED_METHODS", "GET")], "allow nothing without"),
        (&[("TLS_CERTIFICATE", "/nowhere/at/all.pem")], "no `TLS_KEY`"),
        (
            &[("TLS_CERTIFICATE", "/nowhere/at/all.pem"), ("TLS_KEY", "/nowhere/key.pem")],
            "`TLS_CERTIFICATE`: file `/nowhere/at/all.pem`",
        ),
    ];
    for (values, expected) in cases {
        let message = refused(&host, values);
        assert!(message.contains(expected), "{values:?}: {message}");
    }
}

#[test]
fn every_address_is_served_also_ipv6() {
    let host = Host::new();
    let (first, second) = (free(), free());
    let sixth = format!("[::1]:{}", first.port());
    let has_ipv6 = TcpListener::bind(&sixth).is_ok();
    let mut bind = format!("{}, {second}", first.port());
    if has_ipv6 {
        bind = format!("{bind},{sixth}");
    }
    host.answer("MACTOR", |request| Ok(provider_core::codec::encode(&echo(request)?)?));
    host.bind("MACTOR", &[("BIND", &bind)]).unwrap();
    assert_eq!((get(first).status, get(second).status), (200, 200));
    if has_ipv6 {
        assert_eq!(get(sixth.parse().unwrap()).status, 200);
    }
    host.remove("MACTOR");
    assert!(Connection::try_new(first).is_err() && Connection::try_new(second).is_err());
}
