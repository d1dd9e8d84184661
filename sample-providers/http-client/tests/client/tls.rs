//! TLS, with certificates that are made for the test.

use std::{fs, net::SocketAddr, path::Path, sync::Arc};

use provider_core::ErrorKind;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};

use crate::{
    get, link, linked, provider,
    server::{Server, respond},
};

/// A server with a certificate of an authority that nobody knows, for `names`; the authority's own
/// certificate.
fn server(names: &[&str]) -> (Server, String) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &authority).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    let server =
        Server::at(SocketAddr::from(([127, 0, 0, 1], 0)), Some(Arc::new(config)), |_, to| {
            respond(to, "200 OK", b"secret")
        });
    (server, authority.pem())
}

fn file(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_certificate_that_nobody_knows_is_refused_and_accepted_by_its_authority() {
    let (server, authority) = server(&["127.0.0.1"]);
    let (provider, client) = linked(&[]);
    let error = client.request(get(server.url("/"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    assert!(error.message().contains("invalid peer certificate"), "{error}");
    assert!(server.requests().is_empty());

    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "ca.pem", &authority);
    let trusting = link(&provider, "MTRUSTING", &[("ca_file", &path)]).unwrap();
    assert_eq!(trusting.request(get(server.url("/"))).unwrap().body, b"secret");
    // What one link trusts is no other link's.
    client.request(get(server.url("/"))).unwrap_err();
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_certificate_of_another_name_is_refused() {
    let (server, authority) = server(&["other.example"]);
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "ca.pem", &authority);
    let (_provider, client) = linked(&[("ca_file", &path)]);
    let error = client.request(get(server.url("/"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    assert!(error.message().contains("certificate"), "{error}");
    assert!(server.requests().is_empty());
}

#[test]
fn a_file_without_certificates_fails_the_bind() {
    let folder = tempfile::tempdir().unwrap();
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let cases = [
        (file(folder.path(), "empty.pem", ""), "there is no certificate in it"),
        (file(folder.path(), "text.pem", "no PEM"), "there is no certificate in it"),
        (file(folder.path(), "broken.pem", broken), "certificate"),
        (folder.path().join("missing.pem").to_str().unwrap().to_owned(), "No such file"),
    ];
    let provider = provider();
    for (path, says) in cases {
        let error = link(&provider, "MACTOR", &[("ca_file", &path)]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadRequest, "{error}");
        let begins = format!("link value `ca_file`: {path}: ");
        assert!(error.message().starts_with(&begins), "{error}");
        assert!(error.message()[begins.len()..].contains(says), "{error} does not say {says:?}");
    }
    link(&provider, "MACTOR", &[]).unwrap();
}

#[test]
fn a_server_that_speaks_no_tls_is_unavailable() {
    let server = Server::new(|_, to| respond(to, "200 OK", b""));
    let (_provider, client) = linked(&[]);
    let error = client.request(get(server.url("/").replace("http://", "https://"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
}
