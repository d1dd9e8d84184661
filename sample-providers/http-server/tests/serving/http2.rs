//! HTTP/2.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{Request, Version};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use provider_contracts::http_server::Response;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    task::JoinHandle,
};

use crate::host::{Host, echo};

const ACTOR: &str = "MACTOR";

/// A client, and what drives its connection.
pub(crate) struct Client {
    pub(crate) requests: http2::SendRequest<Full<Bytes>>,
    pub(crate) connection: JoinHandle<hyper::Result<()>>,
}

impl Client {
    pub(crate) async fn new(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Self {
        let handshake = http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
        let (requests, connection) = handshake.await.unwrap();
        Self { requests, connection: tokio::spawn(connection) }
    }

    async fn to(address: SocketAddr) -> Self {
        Self::new(TcpStream::connect(address).await.unwrap()).await
    }

    /// Sends a request: the response and its body.
    pub(crate) async fn send(
        &mut self,
        request: http::request::Builder,
        body: impl Into<Bytes>,
    ) -> (http::response::Parts, Bytes) {
        let request = request.version(Version::HTTP_2).body(Full::new(body.into())).unwrap();
        let (parts, body) = self.requests.send_request(request).await.unwrap().into_parts();
        (parts, body.collect().await.unwrap().to_bytes())
    }
}

#[tokio::test]
async fn it_is_understood_from_its_first_bytes_on() {
    let host = Host::new();
    let address = host.serve(ACTOR, &[], |request| {
        let said = format!("{} {} {}", request.header["host"], request.path, request.query_string);
        let header = [("set-cookie".into(), "a=1\nb=2".into()), ("connection".into(), "x".into())];
        Ok(Response { header: header.into(), ..Response::new(200, said) })
    });
    let mut client = Client::to(address).await;
    let request = Request::post("http://example.org/a/b?c=d");
    let (parts, body) = client.send(request, "body").await;
    assert_eq!((parts.status.as_u16(), parts.version), (200, Version::HTTP_2));
    assert_eq!(body, "example.org /a/b c=d");
    assert_eq!(parts.headers.get_all("set-cookie").iter().count(), 2);
    assert!(!parts.headers.contains_key("connection"));
}

#[tokio::test]
async fn cookies_that_were_cut_are_put_together() {
    let host = Host::new();
    let address =
        host.serve(ACTOR, &[], |request| Ok(Response::new(200, request.header["cookie"].clone())));
    let mut client = Client::to(address).await;
    let request = Request::get("http://a/").header("cookie", "a=1").header("cookie", "b=2");
    assert_eq!(client.send(request, "").await.1, "a=1; b=2");
}

#[tokio::test]
async fn a_head_is_answered_without_the_body_and_with_its_length() {
    let host = Host::new();
    let address = host.serve(ACTOR, &[], |_| Ok(Response::new(200, "four")));
    let (parts, body) = Client::to(address).await.send(Request::head("http://a/"), "").await;
    assert_eq!((parts.headers["content-length"].to_str().unwrap(), body.len()), ("4", 0));
}

#[tokio::test]
async fn a_body_of_a_mebibyte_comes_back_and_one_above_the_limit_is_refused() {
    let host = Host::new();
    let address = host.serve(ACTOR, &[("MAX_BODY_BYTES", "1048576")], echo);
    let mut client = Client::to(address).await;
    let body = vec![b'x'; 1 << 20];
    assert!(client.send(Request::post("http://a/"), body.clone()).await.1 == body);
    let too_long = vec![b'x'; (1 << 20) + 1];
    assert_eq!(client.send(Request::post("http://a/"), too_long).await.0.status, 413);
    // The connection goes on.
    assert_eq!(client.send(Request::post("http://a/"), "x").await.1, "x");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_in_flight_is_answered_when_the_actor_is_removed() {
    let host = Host::new();
    let gate = crate::faults::Gate::default();
    let address = host.serve(ACTOR, &[("TIMEOUT_MS", "20000")], gate.actor());
    let mut client = Client::to(address).await;
    let idle = Client::to(address).await;
    let mut requests = client.requests.clone();
    let request = Request::post("http://a/").body(Full::new(Bytes::from("in flight"))).unwrap();
    let answered = tokio::spawn(requests.send_request(request));
    let asked = gate.clone();
    tokio::task::spawn_blocking(move || asked.reached()).await.unwrap();
    let removed = tokio::task::spawn_blocking(move || {
        host.remove(ACTOR);
        host
    });
    idle.connection.await.unwrap().unwrap();
    assert!(!removed.is_finished(), "a request is in flight");
    gate.open();
    let reply = answered.await.unwrap().unwrap();
    assert_eq!(reply.into_body().collect().await.unwrap().to_bytes(), "in flight");
    removed.await.unwrap();
    client.connection.await.unwrap().unwrap();
    let again = Request::get("http://a/").body(Full::default()).unwrap();
    assert!(client.requests.send_request(again).await.is_err());
}

/// Sends frames after the preface, and returns what comes back until the connection is closed.
async fn frames(address: SocketAddr, frames: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
    stream.write_all(frames).await.unwrap();
    let mut came = Vec::new();
    // A reset after the last word is as good as an end.
    let _ = stream.read_to_end(&mut came).await;
    came
}

/// The error code of the `GOAWAY` among frames (RFC 9113, section 6.8).
fn goaway(mut bytes: &[u8]) -> Option<u32> {
    while let Some((head, rest)) = bytes.split_at_checked(9) {
        let length = usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
        let (payload, rest) = rest.split_at_checked(length)?;
        if head[3] == 7 {
            return payload.get(4..8).map(|code| u32::from_be_bytes(code.try_into().unwrap()));
        }
        bytes = rest;
    }
    None
}

#[tokio::test]
async fn connections_that_break_the_protocol_are_told_how() {
    const SETTINGS: &[u8] = b"\0\0\0\x04\0\0\0\0\0";
    let host = Host::new();
    let address = host.serve(ACTOR, &[], |_| unreachable!("the actor is not asked"));
    // What, with its section of RFC 9113, and the frame.
    let cases: [(&str, &[u8]); 6] = [
        ("data on stream 0, 6.1", b"\0\0\x01\0\0\0\0\0\0x"),
        ("headers on an even stream, 5.1.1", b"\0\0\0\x01\x05\0\0\0\x02"),
        ("settings whose length is not a multiple of 6, 6.5", b"\0\0\x01\x04\0\0\0\0\0x"),
        ("an acknowledgement with a payload, 6.5", b"\0\0\x06\x04\x01\0\0\0\0\0\0\0\0\0\0"),
        ("a ping of 7 bytes, 6.7", b"\0\0\x07\x06\0\0\0\0\x001234567"),
        ("a header block that cannot be read, 4.3", b"\0\0\x01\x01\x05\0\0\0\x01\xff"),
    ];
    for (what, frame) in cases {
        let came = frames(address, &[SETTINGS, frame].concat()).await;
        // Some of these have a code of their own, for which `h2` says that the protocol was broken.
        let code = goaway(&came);
        assert!(code.is_some_and(|code| code != 0), "{what}: {code:?}");
    }
}
