//! TLS.

use std::{net::SocketAddr, sync::Arc};

use http::Request;
use rcgen::CertifiedKey;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, ServerName},
    },
};

use crate::{
    client::{Connection, LIMIT},
    host::{Host, echo},
    http2::Client,
};

const ACTOR: &str = "MACTOR";

struct Identity {
    certificate: String,
    key: String,
    der: CertificateDer<'static>,
}

fn identity() -> Identity {
    let CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    Identity { certificate: cert.pem(), key: signing_key.serialize_pem(), der: cert.der().clone() }
}

/// Connects with these protocols.
async fn connect(address: SocketAddr, to: &Identity, alpn: &[&str]) -> TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(to.der.clone()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap()
}

async fn speaks_both(address: SocketAddr, identity: &Identity) {
    let stream = connect(address, identity, &["h2", "http/1.1"]).await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let mut client = Client::new(stream).await;
    assert_eq!(client.send(Request::post("https://localhost/"), "two").await.1, "two");
    for alpn in [&["http/1.1"][..], &[]] {
        let mut stream = connect(address, identity, alpn).await;
        let request =
            "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3\r\n\r\none";
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut reply = Vec::new();
        stream.read_to_end(&mut reply).await.unwrap();
        let reply = String::from_utf8(reply).unwrap();
        assert!(reply.starts_with("HTTP/1.1 200 OK") && reply.ends_with("one"), "{reply}");
    }
}

#[tokio::test]
async fn the_certificate_may_be_in_the_link_or_in_files() {
    let host = Host::new();
    let identity = identity();
    let text = [("TLS_CERTIFICATE", &*identity.certificate), ("TLS_KEY", &*identity.key)];
    speaks_both(host.serve("MTEXT", &text, echo), &identity).await;
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (folder.path().join("certificate.pem"), folder.path().join("key.pem"));
    std::fs::write(&certificate, &identity.certificate).unwrap();
    std::fs::write(&key, &identity.key).unwrap();
    let files =
        [("TLS_CERTIFICATE", certificate.to_str().unwrap()), ("TLS_KEY", key.to_str().unwrap())];
    speaks_both(host.serve("MFILES", &files, echo), &identity).await;
}

#[test]
fn a_certificate_that_cannot_be_used_fails_the_bind_and_no_key_is_told() {
    let host = Host::new();
    let (one, other) = (identity(), identity());
    let refused = |certificate: &str, key: &str| {
        let values = [("TLS_CERTIFICATE", certificate), ("TLS_KEY", key), ("PORT", "0")];
        host.bind(ACTOR, &values).unwrap_err().message().to_owned()
    };
    let cases = [
        (refused(&one.certificate, &other.key), "`TLS_KEY`"),
        (refused(&one.certificate, "-----BEGIN PRIVATE KEY-----\n?\n"), "`TLS_KEY`"),
        (refused(&one.key, &one.key), "`TLS_CERTIFICATE` has no certificate"),
        (refused("-----BEGIN CERTIFICATE-----\n?\n", &one.key), "`TLS_CERTIFICATE`"),
    ];
    let line = one.key.lines().nth(1).unwrap();
    for (message, expected) in cases {
        assert!(message.contains(expected) && !message.contains(line), "{message}");
    }
}

#[tokio::test]
async fn who_does_not_speak_tls_or_says_nothing_is_closed() {
    let host = Host::new();
    let identity = identity();
    let values = [
        ("TLS_CERTIFICATE", &*identity.certificate),
        ("TLS_KEY", &*identity.key),
        ("HEADER_TIMEOUT_MS", "300"),
    ];
    let address = host.serve(ACTOR, &values, |_| unreachable!("the actor is not asked"));
    let closed = tokio::task::spawn_blocking(move || {
        let mut plain = Connection::new(address);
        plain.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        plain.rest(LIMIT).unwrap();
        Connection::new(address).is_closed_within(LIMIT)
    });
    assert!(closed.await.unwrap());
    // After the handshake, the head has a time of its own.
    let mut stream = connect(address, &identity, &[]).await;
    assert_eq!(stream.read(&mut [0]).await.unwrap_or(0), 0);
}
