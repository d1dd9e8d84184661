//! Redirects.

use provider_contracts::http_client::Request;
use provider_core::ErrorKind;

use crate::{
    get, linked,
    server::{Server, respond},
};

/// Answers `/STATUS` with that status and the way to `/end`.
fn redirecting() -> Server {
    Server::new(|request, to| {
        let status = request.start.split(['/', ' ']).find(|word| word.starts_with('3'));
        match status {
            Some(status) => respond(to, &format!("{status} Go\nlocation: /end"), b"gone"),
            None => respond(to, "200 OK", b"end"),
        }
    })
}

#[test]
fn a_redirect_repeats_the_method_or_becomes_a_get_as_its_status_says() {
    let server = redirecting();
    let (_provider, client) = linked(&[]);
    let cases = [
        (301, "POST", "GET"),
        (302, "POST", "GET"),
        (303, "POST", "GET"),
        (303, "PUT", "GET"),
        (301, "PUT", "PUT"),
        (307, "POST", "POST"),
        (308, "DELETE", "DELETE"),
        (302, "HEAD", "HEAD"),
        (303, "HEAD", "HEAD"),
    ];
    for (status, method, then) in cases {
        let body = if method == "HEAD" { "" } else { "body" };
        let request = Request {
            body: body.into(),
            ..Request::new(method, server.url(&format!("/{status}")))
        };
        let response = client.request(request).unwrap();
        assert_eq!(response.status_code, 200, "{status} {method}");
        let came = server.requests().pop().unwrap();
        assert_eq!(came.start, format!("{then} /end HTTP/1.1"), "{status} {method}");
        let expected = if then == method { body } else { "" };
        assert_eq!(came.body, expected.as_bytes(), "{status} {method}");
        assert!(!came.headers.contains_key("referer"));
    }
}

#[test]
fn a_loop_ends_at_the_limit_with_an_error() {
    let server = Server::new(|_, to| respond(to, "302 Found\nlocation: /again", b""));
    let (_provider, client) = linked(&[("max_redirects", "3")]);
    let error = client.request(get(server.url("/"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Failed, "{error}");
    assert!(error.message().contains("too many redirects"), "{error}");
    assert_eq!(server.requests().len(), 4);
}

#[test]
fn without_redirects_the_redirect_is_the_response() {
    let server = redirecting();
    let (_provider, client) = linked(&[("max_redirects", "0")]);
    let response = client.request(get(server.url("/302"))).unwrap();
    assert_eq!((response.status_code, &response.header["location"][..]), (302, "/end"));
    assert_eq!(response.body, b"gone");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn credentials_do_not_follow_to_another_host() {
    let other = Server::new(|_, to| respond(to, "200 OK", b"other"));
    let location = other.url("/end");
    let server =
        Server::new(move |_, to| respond(to, &format!("307 Go\nlocation: {location}"), b""));
    let (_provider, client) = linked(&[]);
    let headers = [("authorization", "Bearer x"), ("cookie", "c=1"), ("x-kept", "1")];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let response = client.request(Request { headers, ..get(server.url("/")) }).unwrap();
    assert_eq!(response.body, b"other");
    let (first, second) = (server.requests(), other.requests());
    assert_eq!(first[0].headers["authorization"], "Bearer x");
    assert_eq!(second[0].headers["x-kept"], "1");
    assert!(!second[0].headers.contains_key("authorization"), "{second:?}");
    assert!(!second[0].headers.contains_key("cookie"), "{second:?}");
}

#[test]
fn a_redirect_to_what_is_no_http_is_the_response() {
    for location in ["file:///etc/passwd", "ftp://nobody.invalid/", "http://"] {
        let server = Server::new(move |_, to| {
            respond(to, &format!("302 Found\nlocation: {location}"), b"gone")
        });
        let (_provider, client) = linked(&[]);
        let response = client.request(get(server.url("/"))).unwrap();
        assert_eq!((response.status_code, &response.body[..]), (302, &b"gone"[..]), "{location}");
    }
}
