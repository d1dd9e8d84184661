//! Requests and responses arrive as they were sent.

use std::io::Write;

use provider_contracts::http_client::{Request, Response};
use provider_core::ErrorKind;

use crate::{
    get, linked,
    server::{Server, Then, respond},
};

#[test]
fn every_method_carries_its_body_and_the_response_comes_back_whole() {
    let server = Server::new(|request, to| {
        let head =
            "299 Made For You\nX-Method: yes\nset-cookie: a=1\nSet-Cookie: b=2\nvia: 1\nvia: 2";
        respond(to, head, &request.body)
    });
    let (_provider, client) = linked(&[]);
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "get"] {
        let request = Request {
            headers: [("X-Sent".into(), "gr\u{fc}n".into()), ("host".into(), "other".into())]
                .into(),
            body: format!("body of {method}").into_bytes(),
            ..Request::new(method, server.url("/a%20path?one=1#fragment"))
        };
        let body = request.body.clone();
        let mut response = client.request(request).unwrap();
        response.header.remove("content-length");
        let header = [("set-cookie", "a=1\nb=2"), ("via", "1, 2"), ("x-method", "yes")];
        let header = header.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let status = "Made For You".to_owned();
        assert_eq!(response, Response { status_code: 299, status, header, body: body.clone() });
        let came = server.requests().pop().unwrap();
        assert_eq!(came.start, format!("{method} /a%20path?one=1 HTTP/1.1"));
        assert_eq!(
            (&came.headers["x-sent"][..], &came.headers["host"][..]),
            ("gr\u{fc}n", "other")
        );
        assert_eq!(came.body, body, "{method}");
    }
}

#[test]
fn any_status_is_a_response_and_head_has_no_body() {
    let server = Server::new(|request, to: &mut dyn Write| {
        if request.start.starts_with("HEAD") {
            write!(to, "HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n")?;
            return Ok(Then::Next);
        }
        respond(to, &request.start.replace("GET /", "").replace(" HTTP/1.1", " "), b"")
    });
    let (_provider, client) = linked(&[("max_body_bytes", "10")]);
    for (code, words) in
        [(204, "No Content"), (400, "Bad Request"), (503, "Service Unavailable"), (799, "")]
    {
        let response = client.request(get(server.url(&format!("/{code}")))).unwrap();
        assert_eq!(response.status_code, code);
        assert!(response.status == words || response.status.is_empty(), "{response:?}");
    }
    let response = client.request(Request::new("HEAD", server.url("/"))).unwrap();
    assert_eq!((response.status_code, response.body.len()), (200, 0));
    assert_eq!(response.header["content-length"], "99999999");
}

#[test]
fn a_header_that_is_no_text_is_base64_in_both_directions() {
    let server = Server::new(|_, to: &mut dyn Write| {
        to.write_all(
            b"HTTP/1.1 200 OK\r\nx: \xff\x80\r\ny: a\r\ny: \xff\r\ncontent-length: 0\r\n\r\n",
        )?;
        Ok(Then::Next)
    });
    let (_provider, client) = linked(&[]);
    let response = client.request(get(server.url("/"))).unwrap();
    assert_eq!(response.header["x"], "base64:/4A=");
    assert_eq!(response.header["y"], "a, base64:/w==");
}

#[test]
fn a_user_of_the_url_becomes_a_header_and_stands_in_no_error() {
    let server = Server::new(|_, to| respond(to, "200 OK", b""));
    let (_provider, client) = linked(&[]);
    let url = server.url("/").replace("http://", "http://ann:hunter2@");
    client.request(get(&url)).unwrap();
    assert_eq!(server.requests()[0].headers["authorization"], "Basic YW5uOmh1bnRlcjI=");
    drop(server);
    let error = client.request(get(&url)).unwrap_err();
    assert!(!error.message().contains("hunter2"), "{error}");
}

#[test]
fn what_cannot_be_sent_is_refused_with_its_reason_and_nothing_is_sent() {
    let server = Server::new(|_, to| respond(to, "200 OK", b""));
    let (_provider, client) = linked(&[]);
    let url = server.url("/");
    let header = |name: &str, value: &str| Request {
        headers: [(name.to_owned(), value.to_owned())].into(),
        ..get(url.clone())
    };
    let cases = [
        (get(""), "the URL: relative URL without a base"),
        (get("/path"), "the URL: relative URL without a base"),
        (get("http://"), "the URL: empty host"),
        (get("http://[::1"), "the URL: invalid IPv6 address"),
        (get("http://h:99999/"), "the URL: invalid port number"),
        (get("ftp://h/"), "the URL begins with `ftp:`, expected `http:` or `https:`"),
        (get("file:///etc/passwd"), "the URL begins with `file:`"),
        (Request::new("", &url), "`` is no method of a request"),
        (Request::new("GET /x HTTP/1.1\r\n", &url), "`GET /x HTTP/1.1\\r\\n` is no method"),
        (Request::new("CONNECT", &url), "`CONNECT` is no method"),
        (header("x-name", "a\r\nevil: 1"), "the value of the header `x-name` has a control"),
        (header("x\r\nevil", "1"), "`x\\r\\nevil` is no name of a header"),
    ];
    for (request, says) in cases {
        let error = client.request(request).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadRequest, "{error}");
        assert!(error.message().contains(says), "{error} does not say {says:?}");
    }
    assert_eq!(server.accepted(), 0);
}

#[test]
fn an_actor_cannot_smuggle_a_second_request() {
    let server = Server::new(|_, to| respond(to, "200 OK", b""));
    let (_provider, client) = linked(&[]);
    let headers = [("Content-Length", "4"), ("Transfer-Encoding", "chunked")];
    let body = b"0\r\n\r\nGET /evil HTTP/1.1\r\n\r\n";
    client
        .request(Request {
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            body: body.to_vec(),
            ..Request::new("POST", server.url("/"))
        })
        .unwrap();
    let came = server.requests();
    assert_eq!((came.len(), &came[0].body[..]), (1, &body[..]));
    assert!(!came[0].headers.contains_key("transfer-encoding"));
}
