//! Binds that must fail, with the reason and with nothing left behind, and those that must not.

use std::{
    io::{Read, Write},
    net::TcpListener,
    thread,
    time::{Duration, Instant},
};

use provider_core::{Error, ErrorKind};
use test_servers::Held;

use crate::provider::{Running, ask, connections, server};

const PASSWORD: &str = "hunter2-is-secret";

/// The bind fails, tells no password and leaves nothing: the same actor can be linked to a good server.
fn refused(values: &[(&str, &str)]) -> Error {
    let running = Running::new();
    // The runtime is there from the first call on.
    assert!(running.health().healthy);
    let held = Held::now();
    let error = running.link_with("MACTOR", values).unwrap_err();
    assert!(!error.message().contains(PASSWORD), "{error}");
    held.nothing_more();
    // What is not linked has no health.
    assert!(running.health().healthy);
    let good = server(&[]);
    let keys = running.link("MACTOR", &good);
    assert!(!keys.get("k".into()).unwrap().exists);
    error
}

pub(crate) fn a_server_that_is_not_there_fails_the_bind() {
    let mut server = server(&[]);
    server.kill();
    let error = refused(&[("URL", &server.url()), ("PASSWORD", PASSWORD)]);
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    let message = error.message();
    let address = server.address().to_string();
    assert!(message.contains(&address) && message.contains("refused"), "{message}");
}

pub(crate) fn a_wrong_password_fails_the_bind_and_is_not_told() {
    let server = server(&["--requirepass", "another"]);
    let inside = server.url().replace("redis://", &format!("redis://:{PASSWORD}@"));
    let user = server.url().replace("redis://", &format!("redis://nobody:{PASSWORD}@"));
    let url = server.url();
    for values in [
        &[("URL", inside.as_str())][..],
        &[("URL", &user)],
        &[("URL", &url), ("PASSWORD", PASSWORD)],
        // None at all.
        &[("URL", &url)],
    ] {
        let error = refused(values);
        assert_eq!(error.kind(), ErrorKind::BadRequest, "{error}");
        assert!(error.message().contains(&server.address().to_string()), "{error}");
    }
}

pub(crate) fn users_passwords_and_databases_come_from_either_place() {
    let server =
        server(&["--requirepass", PASSWORD, "--user", "alice", "on", ">wonderland", "~*", "+@all"]);
    let running = Running::new();
    let at = server.address();
    let plain = format!("redis://{at}");
    let links: [(&str, &[(&str, &str)]); 5] = [
        ("M0", &[("URL", &format!("redis://:{PASSWORD}@{at}/3"))]),
        ("M1", &[("URL", &plain), ("PASSWORD", PASSWORD), ("DATABASE", "3")]),
        ("M2", &[("URL", &format!("redis://alice:wonderland@{at}/3"))]),
        (
            "M3",
            &[
                ("URL", &plain),
                ("USERNAME", "alice"),
                ("PASSWORD", "wonderland"),
                ("DATABASE", "3"),
            ],
        ),
        // What is given apart counts.
        (
            "M4",
            &[
                ("URL", &format!("redis://bob:wrong@{at}/1")),
                ("USERNAME", "alice"),
                ("PASSWORD", "wonderland"),
                ("DATABASE", "3"),
            ],
        ),
    ];
    for (number, (actor, values)) in (1..).zip(links) {
        let values = [values, &[("NAMESPACE", "n")]].concat();
        let keys = running.link_with(actor, &values).unwrap();
        assert_eq!(keys.add("n".into(), 1).unwrap().value, number, "{actor}");
    }
}

pub(crate) fn a_server_that_does_not_answer_fails_the_bind_in_time() {
    let server = server(&[]);
    server.pause();
    let begin = Instant::now();
    let error = refused(&[("URL", &server.url()), ("CONNECT_TIMEOUT", "200ms")]);
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.message().contains("did not answer within 200ms"), "{error}");
    assert!(begin.elapsed() >= Duration::from_millis(200));
    server.resume();
    // What it found waiting has gone as well.
    crate::provider::eventually("no connections", || connections(&server) == 0);
}

pub(crate) fn what_is_no_redis_fails_the_bind() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis://{}", listener.local_addr().unwrap());
    let answers = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 1000]);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    let error = refused(&[("URL", &url)]);
    assert_eq!(error.kind(), ErrorKind::Failed, "{error}");
    answers.join().unwrap();
}

pub(crate) fn values_that_cannot_be_used_are_refused() {
    let server = server(&["--databases", "2"]);
    let url = server.url();
    let secret = format!("http://:{PASSWORD}@127.0.0.1");
    for (values, about) in [
        (&[("URL", secret.as_str())][..], "URL"),
        (&[], "URL"),
        (&[("URL", &url), ("DATABASE", "x")], "DATABASE"),
        (&[("URL", &url), ("CONNECT_TIMEOUT", "0s")], "CONNECT_TIMEOUT"),
        (&[("URL", &url), ("RESPONSE_TIMEOUT", "0s")], "RESPONSE_TIMEOUT"),
        (&[("URL", &url), ("PING_INTERVAL", "0s")], "PING_INTERVAL"),
        (&[("URL", &url), ("MAX_VALUE_BYTES", "many")], "MAX_VALUE_BYTES"),
    ] {
        let error = refused(values);
        assert_eq!(error.kind(), ErrorKind::BadRequest, "{error}");
        assert!(error.message().contains(about), "{error}");
    }
    let error = refused(&[("URL", &url), ("DATABASE", "7")]);
    assert!(error.message().contains("DB index is out of range"), "{error}");
    let keys: i32 = ask(&server, &["DBSIZE"]);
    assert_eq!(keys, 0);
}
