//! What the contract pins.

use std::sync::mpsc;

use provider_contracts::http_server::Response;
use provider_core::codec;

use crate::{
    client::{Connection, get},
    host::{Host, echo},
    log,
};

const ACTOR: &str = "MACTOR";

#[test]
fn the_actor_gets_the_request_and_the_client_its_reply() {
    let host = Host::new();
    let (send, requests) = mpsc::channel();
    let address = host.serve(ACTOR, &[], move |request| {
        send.send(request)?;
        Ok(Response {
            status_code: 201,
            status: "Made".into(),
            header: [("X-Reply".into(), "yes".into()), ("Set-Cookie".into(), "a=1\nb=2".into())]
                .into(),
            body: b"answer".to_vec(),
        })
    });
    let mut client = Connection::new(address);
    client
        .send(
            "PATCH /a%20b/c?d=e&f HTTP/1.1\r\nHost: example.org\r\nAccept: x\r\nX-Mixed: Case\r\naccept: y\r\n\
             Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n",
        )
        .unwrap();
    let reply = client.reply().unwrap();
    assert_eq!(
        (reply.status, reply.reason.as_str(), &reply.body[..]),
        (201, "Made", &b"answer"[..])
    );
    assert_eq!(reply.header("x-reply"), Some("yes"));
    let cookies: Vec<_> = reply.headers.iter().filter(|(name, _)| name == "set-cookie").collect();
    assert_eq!(cookies.len(), 2);
    assert_eq!((cookies[0].1.as_str(), cookies[1].1.as_str()), ("a=1", "b=2"));
    let request = requests.recv().unwrap();
    assert_eq!((request.method.as_str(), request.path.as_str()), ("PATCH", "/a%20b/c"));
    assert_eq!((request.query_string.as_str(), &request.body[..]), ("d=e&f", &b"abcde"[..]));
    assert_eq!(request.header["accept"], "x, y");
    assert_eq!(request.header["x-mixed"], "Case");
    assert_eq!(request.header["host"], "example.org");
}

#[test]
fn requests_of_one_connection_follow_each_other() {
    let host = Host::new();
    let address = host.serve(ACTOR, &[], echo);
    let mut client = Connection::new(address);
    for number in 0..20_u8 {
        assert_eq!(client.post(&[number]).unwrap().body, [number]);
    }
    // And both at once.
    let one = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n";
    client.send(format!("{one}x{one}y")).unwrap();
    assert_eq!(client.reply().unwrap().body, b"x");
    assert_eq!(client.reply().unwrap().body, b"y");
}

#[test]
fn a_head_is_answered_without_the_body() {
    let host = Host::new();
    let address = host.serve(ACTOR, &[], |_| Ok(Response::new(200, "four")));
    let mut client = Connection::new(address);
    client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        head.push(char::from(client.byte().unwrap()));
    }
    assert!(head.to_ascii_lowercase().contains("content-length: 4"), "{head}");
    assert_eq!(client.reply().unwrap().body, b"four");
}

#[test]
fn what_the_actor_does_wrong_is_a_502_whose_reason_is_in_the_log_alone() {
    log::keep();
    let host = Host::new();
    let address = host.serve(ACTOR, &[], echo);
    let reply = |status_code, name: &str, value: &str| {
        let header = [(name.to_owned(), value.to_owned())].into();
        let response = Response { status_code, header, ..Response::default() };
        codec::encode(&response).unwrap()
    };
    let cases: Vec<(Result<Vec<u8>, &'static str>, &'static str)> = vec![
        (Err("the actor's secret"), "the actor's secret"),
        (Ok(vec![0xc1]), "reply of `HandleRequest`"),
        (Ok(Vec::new()), "reply of `HandleRequest`"),
        (Ok(reply(99, "a", "b")), "99 is no status"),
        (Ok(reply(101, "a", "b")), "101 is no status"),
        (Ok(reply(70_000, "a", "b")), "70000 is no status"),
        (Ok(reply(200, "a b", "c")), "`a b` is no name"),
        (Ok(reply(200, "a", "b\r\nc: d")), "the value of header `a`"),
        (Ok(reply(200, "content-length", "7")), "`content-length` is not the body's length"),
    ];
    for (answer, reason) in cases {
        host.answer(ACTOR, move |_| Ok(answer.clone()?));
        let reply = get(address);
        assert_eq!((reply.status, reply.body.len()), (502, 0), "{reason}");
        assert!(!format!("{reply:?}").contains("secret"), "{reply:?}");
        assert!(log::has(reason), "{reason}");
    }
    host.answer(ACTOR, |_| panic!("the actor's own panic"));
    assert_eq!(get(address).status, 502);
    host.answer(ACTOR, |request| Ok(codec::encode(&echo(request)?)?));
    assert_eq!(get(address).status, 200);
    assert!(host.is_healthy());
}

#[test]
fn a_tunnel_is_not_made_and_the_actor_not_asked() {
    let host = Host::new();
    let address = host.serve(ACTOR, &[], |_| unreachable!("the actor is not asked"));
    let mut client = Connection::new(address);
    client.send("CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n").unwrap();
    assert_eq!(client.reply().unwrap().status, 501);
}
