//! Servers that are not there, do not answer, stop in the middle or say too much.

use std::{io::Write, net::TcpListener};

use provider_contracts::http_client::Request;
use provider_core::ErrorKind;

use crate::{
    get, link, linked, provider,
    server::{Server, Then, respond},
};

#[test]
fn a_refused_connection_is_unavailable() {
    // The port was free a moment ago, and nobody listens on it.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (_provider, client) = linked(&[]);
    let error = client.request(get(format!("http://{address}/"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    let says = format!("host `{address}`: ");
    assert!(error.message().starts_with(&says), "{error}");
    assert!(error.message().to_lowercase().contains("refused"), "{error}");
}

#[test]
fn a_host_without_an_address_is_unavailable() {
    // RFC 2606: nobody has this name.
    let (_provider, client) = linked(&[]);
    let error = client.request(get("http://nobody.invalid/")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    assert!(error.message().contains("nobody.invalid"), "{error}");
}

#[test]
fn a_server_that_never_answers_is_a_timeout_and_its_connection_is_closed() {
    let server = Server::new(|_, _| Ok(Then::Hold));
    let (_provider, client) = linked(&[("timeout", "1")]);
    let error = client.request(get(server.url("/"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert!(error.message().ends_with("no whole response within 1s"), "{error}");
    server.await_open(0);
}

#[test]
fn a_server_that_never_ends_its_body_is_a_timeout() {
    let server = Server::new(|_, to| {
        write!(to, "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nbegin")?;
        Ok(Then::Hold)
    });
    let (_provider, client) = linked(&[("timeout", "1")]);
    let error = client.request(get(server.url("/"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    server.await_open(0);
}

#[test]
fn a_response_that_stops_in_the_middle_is_no_response() {
    let parts = [
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nbegin",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nbegin\r\n",
        "HTTP/1.1 200 OK\r\ncontent-le",
        "",
        "this is no HTTP\r\n\r\n",
    ];
    for part in parts {
        let server = Server::new(move |_, to: &mut dyn Write| {
            to.write_all(part.as_bytes())?;
            Ok(Then::Close)
        });
        let (_provider, client) = linked(&[]);
        let error = client.request(get(server.url("/"))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{part:?}: {error}");
    }
}

#[test]
fn a_mebibyte_goes_there_and_back_and_a_body_above_the_limit_is_too_large() {
    const MEBIBYTE: usize = 1 << 20;
    let server = Server::new(|request, to| {
        if request.start.contains("chunked") {
            write!(to, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")?;
            write!(to, "{:x}\r\n", request.body.len())?;
            to.write_all(&request.body)?;
            to.write_all(b"\r\n0\r\n\r\n")?;
            return Ok(Then::Next);
        }
        respond(to, "200 OK", &request.body)
    });
    let limit = MEBIBYTE.to_string();
    let (_provider, client) = linked(&[("max_body_bytes", &limit)]);
    let bytes: Vec<u8> = (0..=u8::MAX).cycle().take(MEBIBYTE + 1).collect();
    for path in ["/length", "/chunked"] {
        let request = |length: usize| Request {
            body: bytes[..length].to_vec(),
            ..Request::new("POST", server.url(path))
        };
        assert!(client.request(request(MEBIBYTE)).unwrap().body == bytes[..MEBIBYTE], "{path}");
        let error = client.request(request(MEBIBYTE + 1)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge, "{path}: {error}");
        assert!(error.message().contains("`max_body_bytes`, 1048576"), "{error}");
    }
    // The link is as good as before.
    assert_eq!(client.request(get(server.url("/"))).unwrap().status_code, 200);
}

#[test]
fn a_server_that_was_away_is_found_again() {
    let server = Server::new(|_, to| respond(to, "200 OK", b"before"));
    let (url, address) = (server.url("/"), server.address());
    let (_provider, client) = linked(&[]);
    assert_eq!(client.request(get(&url)).unwrap().body, b"before");
    // It closes the connection that is kept for the next request.
    server.disconnect();
    assert_eq!(client.request(get(&url)).unwrap().body, b"before");
    drop(server);
    assert_eq!(client.request(get(&url)).unwrap_err().kind(), ErrorKind::Unavailable);
    let _server = Server::at(address, None, |_, to| respond(to, "200 OK", b"after"));
    assert_eq!(client.request(get(&url)).unwrap().body, b"after");
}

#[test]
fn link_values_that_cannot_be_used_fail_the_bind_with_their_name() {
    let provider = provider();
    let cases: [(&str, &str); 7] = [
        ("timeout", "0"),
        ("timeout", "soon"),
        ("max_redirects", "-1"),
        ("max_body_bytes", "2000000000"),
        ("max_in_flight", "0"),
        ("proxy", "ftp://hunter2@h:1"),
        ("proxy", "hunter2"),
    ];
    for (key, value) in cases {
        let error = link(&provider, "MACTOR", &[(key, value)]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadRequest, "{error}");
        assert!(error.message().contains(&format!("`{key}`")), "{error}");
        assert!(!error.message().contains("hunter2"), "{error}");
    }
    // Nothing is left behind: the bind can be tried again.
    link(&provider, "MACTOR", &[]).unwrap();
}
