//! Cross-origin requests, as browsers make them.

use crate::{
    client::{Connection, Reply},
    host::{Host, echo},
};

const ACTOR: &str = "MACTOR";

fn ask(host: &Host, values: &[(&str, &str)], head: &str) -> Reply {
    let address = host.serve(ACTOR, values, |request| {
        let mut response = echo(request)?;
        response.header.insert("x-by".into(), "actor".into());
        Ok(response)
    });
    let mut client = Connection::new(address);
    client.send(format!("{head}\r\nHost: a\r\n\r\n")).unwrap();
    let reply = client.reply().unwrap();
    host.remove(ACTOR);
    reply
}

const PREFLIGHT: &str = "OPTIONS / HTTP/1.1\r\nOrigin: https://a.example\r\n\
    Access-Control-Request-Method: PUT\r\nAccess-Control-Request-Headers: x-a";
const GET: &str = "GET / HTTP/1.1\r\nOrigin: https://a.example";

#[test]
fn a_link_that_allows_no_page_says_nothing_of_it() {
    let host = Host::new();
    for head in [PREFLIGHT, GET] {
        let reply = ask(&host, &[], head);
        assert_eq!(reply.header("access-control-allow-origin"), None);
        assert_eq!(reply.header("x-by"), Some("actor"));
    }
}

#[test]
fn a_page_that_is_allowed_is_told_so_and_its_question_answered_for_the_actor() {
    let host = Host::new();
    let values = [
        ("CORS_ALLOWED_ORIGINS", "https://b.example, https://a.example"),
        ("CORS_ALLOWED_METHODS", "GET, PUT"),
        ("CORS_ALLOWED_HEADERS", "X-A, x-b"),
    ];
    let reply = ask(&host, &values, PREFLIGHT);
    assert_eq!((reply.status, reply.header("x-by")), (200, None));
    assert_eq!(reply.header("access-control-allow-origin"), Some("https://a.example"));
    assert_eq!(reply.header("access-control-allow-methods"), Some("GET,PUT"));
    assert_eq!(reply.header("access-control-allow-headers"), Some("x-a,x-b"));
    let reply = ask(&host, &values, GET);
    assert_eq!(reply.header("access-control-allow-origin"), Some("https://a.example"));
    assert_eq!(reply.header("x-by"), Some("actor"));
    assert!(reply.header("vary").is_some_and(|vary| vary.contains("origin")), "{reply:?}");
}

#[test]
fn a_page_that_is_not_allowed_is_not_told_so() {
    let host = Host::new();
    let values = [("CORS_ALLOWED_ORIGINS", "https://b.example")];
    for head in [PREFLIGHT, GET] {
        assert_eq!(ask(&host, &values, head).header("access-control-allow-origin"), None);
    }
}

#[test]
fn any_page_may_be_allowed_anything() {
    let host = Host::new();
    let values = [
        ("CORS_ALLOWED_ORIGINS", "*"),
        ("CORS_ALLOWED_METHODS", "*"),
        ("CORS_ALLOWED_HEADERS", "*"),
    ];
    let reply = ask(&host, &values, PREFLIGHT);
    for what in ["origin", "methods", "headers"] {
        assert_eq!(reply.header(&format!("access-control-allow-{what}")), Some("*"));
    }
}

#[test]
fn an_options_that_no_page_asks_is_the_actors() {
    let host = Host::new();
    let values = [("CORS_ALLOWED_ORIGINS", "*")];
    assert_eq!(ask(&host, &values, "OPTIONS / HTTP/1.1").header("x-by"), Some("actor"));
    let plain = "OPTIONS / HTTP/1.1\r\nOrigin: https://a.example";
    assert_eq!(ask(&host, &values, plain).header("x-by"), Some("actor"));
}
