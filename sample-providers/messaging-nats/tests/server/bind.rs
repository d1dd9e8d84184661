//! What a bind promises, and what it refuses.

use std::{
    fs,
    net::TcpListener,
    time::{Duration, Instant},
};

use provider_core::{Error, ErrorKind, NullDispatcher};
use test_servers::Held;

use crate::{
    actors::Recorded,
    provider::{connections, eventually, link, publish, running, server, stop},
};

/// The error of a link with these values, which leaves nothing.
fn refused(values: &[(&str, &str)]) -> Error {
    let provider = running(NullDispatcher);
    // The runtime is there from the first link on.
    provider.bind("MA", [("MAX_PENDING", "0")]).unwrap_err();
    let held = Held::now();
    let error = provider.bind("MA", values.iter().copied()).unwrap_err();
    held.nothing_more();
    assert!(provider.health().unwrap().healthy);
    stop(provider);
    error
}

pub(crate) fn a_server_that_is_not_there_fails_the_bind_and_leaves_nothing() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("nats://ada:pa55word@127.0.0.1:{port}");
    let error = refused(&[("URL", &url), ("SUBSCRIPTION", "a")]);
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    let text = error.message();
    assert!(text.contains(&format!("server 127.0.0.1:{port}")), "{text}");
    assert!(text.contains("refused") && !text.contains("pa55word"), "{text}");
}

pub(crate) fn wrong_credentials_are_named_and_not_told() {
    let server = server(&["--user", "ada", "--pass", "right"]);
    let place = server.address();
    for url in [format!("nats://ada:pa55word@{place}"), format!("nats://{place}")] {
        let error = refused(&[("URL", &url)]);
        assert_eq!(error.kind(), ErrorKind::BadRequest);
        let text = error.message();
        assert!(text.contains(&format!("server {place} refuses the credentials")), "{text}");
        assert!(!text.contains("pa55word"), "{text}");
    }
    assert_eq!(connections(&server), 0);
}

pub(crate) fn credentials_come_from_the_url() {
    let with_user = server(&["--user", "ada", "--pass", "right"]);
    let with_token = server(&["--auth", "t0ken"]);
    let provider = running(NullDispatcher);
    let user = format!("nats://ada:right@{}", with_user.address());
    let token = format!("nats://t0ken@{}", with_token.address());
    for (actor, url) in [("MA", user), ("MB", token)] {
        provider.bind(actor, [("URL", url)]).unwrap();
        publish(&provider, actor, "a", b"x").unwrap();
    }
    stop(provider);
}

pub(crate) fn a_server_that_does_not_answer_fails_the_bind_in_time() {
    let server = server(&[]);
    server.pause();
    let began = Instant::now();
    let error = refused(&[("URL", &server.url())]);
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
}

pub(crate) fn a_subscription_that_the_server_forbids_fails_the_bind() {
    let folder = server(&[]);
    let config = folder.folder().join("permissions");
    let rules = r#"authorization { users: [ { user: ada, password: right, permissions: {
        publish: ["free.>", "_INBOX.>"], subscribe: ["free.>", "_INBOX.>"] } } ] }"#;
    fs::write(&config, rules).unwrap();
    let server = server(&["-c", config.to_str().unwrap()]);
    let url = format!("nats://ada:right@{}", server.address());
    let error = refused(&[("URL", &url), ("SUBSCRIPTION", "free.a,secret.b")]);
    assert_eq!(error.kind(), ErrorKind::BadRequest);
    assert!(error.message().contains("secret.b"), "{error}");
    eventually("no connections", || connections(&server) == 0);
    let actors = Recorded::default();
    let provider = running(actors.clone());
    provider.bind("MA", [("URL", url.as_str()), ("SUBSCRIPTION", "free.a")]).unwrap();
    publish(&provider, "MA", "free.a", b"x").unwrap();
    actors.wait(|bodies| bodies.contains_key("MA"));
    eventually("the server's word is heard", || {
        let outcome = publish(&provider, "MA", "secret.b", b"x");
        outcome.is_err_and(|error| error.kind() == ErrorKind::Denied)
    });
    assert!(provider.health().unwrap().healthy);
    stop(provider);
}

pub(crate) fn values_that_cannot_be_used_are_refused() {
    let cases: [(&[(&str, &str)], &str); 8] = [
        (&[("URL", "127.0.0.1:4222")], "begins with `nats://` or `tls://`"),
        (&[("URL", "http://127.0.0.1")], "begins with `nats://` or `tls://`"),
        (&[("SUBSCRIPTION", "a..b")], "empty token"),
        (&[("QUEUEGROUP_NAME", "two words")], "has a space"),
        (&[("MAX_PENDING", "0")], "MAX_PENDING"),
        (&[("CLIENT_JWT", "j")], "need each other"),
        (&[("CLIENT_JWT", "j"), ("CLIENT_SEED", "SUx")], "seed is none"),
        (&[("CREDSFILE", "/nowhere/ada.creds")], "/nowhere/ada.creds"),
    ];
    for (values, says) in cases {
        let provider = running(NullDispatcher);
        let error = provider.bind("MA", values.iter().copied()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadRequest, "{values:?}");
        // What a secret had is not repeated; that of a URL may be one.
        assert!(error.message().contains(says) || values[0].0 == "URL", "{values:?}: {error}");
        stop(provider);
    }
}

pub(crate) fn the_next_server_of_the_list_is_taken() {
    let (first, second) = (server(&[]), server(&[]));
    let mut first = first;
    let provider = running(NullDispatcher);
    let list = format!("{},{}", first.url(), second.url());
    provider.bind("MA", [("URL", list)]).unwrap();
    assert_eq!((connections(&first), connections(&second)), (1, 0));
    first.kill();
    eventually("the second server", || connections(&second) == 1);
    eventually("healthy", || provider.health().unwrap().healthy);
    publish(&provider, "MA", "a", b"x").unwrap();
    link(&provider, "MB", &second, &[]).unwrap();
    stop(provider);
}
