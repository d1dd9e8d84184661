use http::Version;

use super::*;

fn parts(build: impl FnOnce(http::request::Builder) -> http::request::Builder) -> Parts {
    build(http::Request::builder()).body(()).unwrap().into_parts().0
}

#[test]
fn the_target_is_cut_at_its_first_question_mark_and_not_decoded() {
    let came = request(&parts(|build| build.method("PUT").uri("/a%20b?c=%3F&d?e")), b"x".to_vec());
    assert_eq!((came.method.as_str(), came.path.as_str()), ("PUT", "/a%20b"));
    assert_eq!((came.query_string.as_str(), &came.body[..]), ("c=%3F&d?e", &b"x"[..]));
    assert_eq!(request(&parts(|build| build.uri("/")), Vec::new()).query_string, "");
    assert_eq!(request(&parts(|build| build.method("OPTIONS").uri("*")), Vec::new()).path, "*");
}

#[test]
fn headers_that_come_more_than_once_are_joined() {
    let came = request(
        &parts(|build| {
            build
                .header("Accept", "a")
                .header("cookie", "a=1")
                .header("accept", "b, c")
                .header("cookie", "b=2")
                .header("x-latin", HeaderValue::from_bytes(b"\xe9").unwrap())
                .header("x-text", HeaderValue::from_bytes("é".as_bytes()).unwrap())
        }),
        Vec::new(),
    );
    let header: Vec<_> = came.header.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    assert_eq!(
        header,
        [
            ("accept", "a, b, c"),
            ("cookie", "a=1; b=2"),
            ("x-latin", "base64:6Q=="),
            ("x-text", "é")
        ]
    );
}

#[test]
fn the_authority_of_http_2_is_the_host() {
    let of = |build: http::request::Builder| {
        build.version(Version::HTTP_2).uri("https://example.org:8443/a")
    };
    assert_eq!(request(&parts(of), Vec::new()).header["host"], "example.org:8443");
    let came = request(&parts(|build| of(build).header("host", "other")), Vec::new());
    assert_eq!(came.header["host"], "other");
}

fn response(status_code: u32, header: &[(&str, &str)], body: &str) -> Response {
    let header = header.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    Response { status_code, status: String::new(), header, body: body.into() }
}

/// Status, headers and the body's length.
type Sent = (u16, Vec<(String, String)>, u64);

fn sent(response: Response, method: &Method) -> Result<Sent, Unusable> {
    use hyper::body::Body as _;
    let (parts, body) = reply(response, method)?.into_parts();
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = parts.headers.iter().map(|(name, value)| (name.to_string(), text(value)));
    Ok((parts.status.as_u16(), headers.collect(), body.size_hint().lower()))
}

#[test]
fn a_status_is_one_of_a_whole_reply() {
    for status in [200, 204, 299, 404, 599] {
        assert_eq!(u32::from(sent(response(status, &[], ""), &Method::GET).unwrap().0), status);
    }
    for status in [0, 99, 100, 101, 199, 600, 1000, 65_736, u32::MAX] {
        let refused = sent(response(status, &[], ""), &Method::GET).unwrap_err();
        assert_eq!(refused, Unusable::Status(status));
    }
}

#[test]
fn the_words_of_a_status_are_sent_unless_they_are_the_usual_ones() {
    let reason = |status: &str| {
        let response = Response { status: status.into(), ..response(200, &[], "") };
        let reply = reply(response, &Method::GET)?;
        Ok::<_, Unusable>(reply.extensions().get::<ReasonPhrase>().map(|r| r.as_bytes().to_vec()))
    };
    assert_eq!(reason("OK"), Ok(None));
    assert_eq!(reason(""), Ok(None));
    assert_eq!(reason("Fine"), Ok(Some(b"Fine".to_vec())));
    assert_eq!(reason("a\r\nb: c"), Err(Unusable::Reason));
}

#[test]
fn every_line_of_set_cookie_is_a_header() {
    let cookies = [("Set-Cookie", "a=1; Path=/\nb=2\r\n\nc=3"), ("X-A", "1"), ("x-a", "2")];
    let (_, headers, _) = sent(response(200, &cookies, ""), &Method::GET).unwrap();
    let headers: Vec<_> = headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    assert_eq!(
        headers,
        [
            ("set-cookie", "a=1; Path=/"),
            ("set-cookie", "b=2"),
            ("set-cookie", "c=3"),
            ("x-a", "1"),
            ("x-a", "2")
        ]
    );
}

#[test]
fn a_header_that_cannot_be_sent_makes_the_reply_unusable() {
    let refused = |name: &str, value: &str| {
        sent(response(200, &[(name, value)], "body"), &Method::GET).unwrap_err()
    };
    assert_eq!(refused("a b", "c"), Unusable::Name("a b".into()));
    assert_eq!(refused("", "c"), Unusable::Name(String::new()));
    assert_eq!(refused("A", "b\r\nc: d"), Unusable::Value("a".into()));
    assert_eq!(refused("set-cookie", "a\u{0}"), Unusable::Value("set-cookie".into()));
    assert_eq!(refused("content-length", "5"), Unusable::Length(4));
    assert_eq!(refused("content-length", "four"), Unusable::Value("content-length".into()));
}

#[test]
fn what_belongs_to_the_connection_is_the_servers() {
    let all = [
        ("connection", "close"),
        ("Content-Length", "4"),
        ("Keep-Alive", "timeout=5"),
        ("transfer-encoding", "chunked"),
        ("upgrade", "h2c"),
        ("x", "y"),
    ];
    let (_, headers, length) = sent(response(200, &all, "body"), &Method::GET).unwrap();
    assert_eq!((headers, length), (vec![("x".into(), "y".into())], 4));
}

#[test]
fn replies_without_a_body_have_none_and_may_say_how_long_it_would_be() {
    let stated = |headers: Vec<(String, String)>| {
        headers.into_iter().find(|(name, _)| name == "content-length").map(|(_, value)| value)
    };
    let (_, headers, length) = sent(response(200, &[], "body"), &Method::HEAD).unwrap();
    assert_eq!((stated(headers).as_deref(), length), (Some("4"), 0));
    let long = response(200, &[("content-length", "99")], "");
    let (_, headers, length) = sent(long, &Method::HEAD).unwrap();
    assert_eq!((stated(headers).as_deref(), length), (Some("99"), 0));
    for status in [204, 304] {
        let (_, headers, length) = sent(response(status, &[], "body"), &Method::GET).unwrap();
        assert_eq!((stated(headers), length), (None, 0), "{status}");
    }
}
