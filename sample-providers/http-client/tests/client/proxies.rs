//! Proxies: of the link, and of the environment.

use std::{env, process::Command};

use crate::{
    get, linked,
    server::{Server, respond},
};

/// Set in the process that has a proxy in its environment: the server that it asks for.
const ASKED: &str = "HTTP_CLIENT_TEST_ASKED";

#[test]
fn requests_go_through_the_links_proxy_but_for_the_hosts_that_are_named() {
    let server = Server::new(|_, to| respond(to, "200 OK", b"server"));
    let proxy = Server::new(|_, to| respond(to, "200 OK", b"proxy"));
    let through = proxy.url("").replace("http://", "http://ann:hunter2@");
    let (_provider, client) = linked(&[("proxy", &through), ("no_proxy", "127.0.0.1,example.org")]);
    let response = client.request(get("http://nobody.invalid/path")).unwrap();
    assert_eq!(response.body, b"proxy");
    let came = &proxy.requests()[0];
    assert_eq!(came.start, "GET http://nobody.invalid/path HTTP/1.1");
    assert_eq!(came.headers["proxy-authorization"], "Basic YW5uOmh1bnRlcjI=");
    assert_eq!(client.request(get(server.url("/"))).unwrap().body, b"server");
}

#[test]
fn tls_goes_through_a_tunnel() {
    let proxy = Server::new(|_, to| respond(to, "403 Forbidden", b""));
    let (_provider, client) = linked(&[("proxy", &proxy.url(""))]);
    let error = client.request(get("https://nobody.invalid/path")).unwrap_err();
    assert_eq!(proxy.requests()[0].start, "CONNECT nobody.invalid:443 HTTP/1.1");
    assert_eq!(error.kind(), provider_core::ErrorKind::Unavailable, "{error}");
}

#[test]
fn without_a_link_value_it_is_the_environments_proxy() {
    if let Ok(asked) = env::var(ASKED) {
        let proxied = linked(&[("no_proxy", "")]).1.request(get(&asked)).unwrap();
        let direct = linked(&[("proxy", "none")]).1.request(get(asked)).unwrap();
        assert_eq!((&proxied.body[..], &direct.body[..]), (&b"proxy"[..], &b"server"[..]));
        return;
    }
    let server = Server::new(|_, to| respond(to, "200 OK", b"server"));
    let proxy = Server::new(|_, to| respond(to, "200 OK", b"proxy"));
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", "proxies::without_a_link_value_it_is_the_environments_proxy"])
        .env(ASKED, server.url("/"))
        .env("http_proxy", proxy.url(""))
        .env_remove("no_proxy")
        .env_remove("NO_PROXY")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!((proxy.requests().len(), server.requests().len()), (1, 1));
}
