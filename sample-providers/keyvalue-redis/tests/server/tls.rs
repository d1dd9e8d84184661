//! Servers with TLS.

use std::{fs, net::TcpListener, path::Path};

use provider_core::ErrorKind;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use test_servers::Server;

use crate::provider::{Running, ask, connections, eventually, server};

/// How many ports are tried: somebody else may take one between its choice and its use.
const PORTS: usize = 5;

/// Writes an authority's certificate, and one of a server for `127.0.0.1` with its key.
fn certificates(folder: &Path) {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let server = CertificateParams::new(vec!["127.0.0.1".into()]).unwrap();
    let server = server.signed_by(&key, &authority).unwrap();
    fs::write(folder.join("ca.pem"), authority.pem()).unwrap();
    fs::write(folder.join("server.pem"), server.pem()).unwrap();
    fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
}

/// A server, and the port at which it wants TLS.
fn server_with_tls(folder: &Path) -> (Server, u16) {
    let file = |name| folder.join(name).display().to_string();
    let (certificate, key, authority) = (file("server.pem"), file("key.pem"), file("ca.pem"));
    let server = server(&[
        "--tls-cert-file",
        &certificate,
        "--tls-key-file",
        &key,
        "--tls-ca-cert-file",
        &authority,
        "--tls-auth-clients",
        "no",
    ]);
    for _ in 0..PORTS {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut client = crate::provider::client(&server);
        let mut open = redis::cmd("CONFIG");
        let opened = open.arg("SET").arg("tls-port").arg(port).query::<()>(&mut client);
        if opened.is_ok() {
            return (server, port);
        }
    }
    panic!("no port was free");
}

pub(crate) fn a_server_with_tls_is_used_when_its_certificate_is_trusted_and_only_then() {
    let folder = tempfile::tempdir().unwrap();
    certificates(folder.path());
    let (server, port) = server_with_tls(folder.path());
    let url = format!("rediss://127.0.0.1:{port}");
    let authority = folder.path().join("ca.pem").display().to_string();
    let running = Running::new();

    // The system does not know this authority.
    let error = running.link_with("MACTOR", &[("URL", &url)]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    assert!(error.message().contains("certificate"), "{error}");
    // Another name than the certificate's.
    let named = format!("rediss://localhost:{port}");
    let error = running.link_with("MACTOR", &[("URL", &named), ("CA_FILE", &authority)]);
    assert!(error.unwrap_err().message().contains("certificate"));
    // Nobody can switch the verification off.
    let insecure = format!("{url}/#insecure");
    running.link_with("MACTOR", &[("URL", &insecure)]).map(drop).unwrap_err();
    for (url, file) in [(&server.url(), &authority), (&url, &format!("{authority}.missing"))] {
        let error = running.link_with("MACTOR", &[("URL", url), ("CA_FILE", file)]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadRequest, "{error}");
        assert!(error.message().contains("CA_FILE"), "{error}");
    }

    let keys = running.link_with("MACTOR", &[("URL", &url), ("CA_FILE", &authority)]).unwrap();
    assert_eq!(keys.add("n".into(), 1).unwrap().value, 1);
    let ended: i32 = ask(&server, &["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
    assert_eq!(ended, 1);
    eventually("it connects again", || connections(&server) == 1);
    eventually("it serves again", || keys.get("n".into()).is_ok_and(|found| found.value == "1"));
    running.unlink("MACTOR");
    eventually("no connections", || connections(&server) == 0);
}
