//! Users with a JWT: an operator, an account and a user, made for the test.

use std::fs;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use nkeys::KeyPair;
use provider_core::{ErrorKind, NullDispatcher};
use test_servers::Server;

use crate::provider::{publish, running, server, stop};

/// What `issuer` says of `subject`.
fn jwt(issuer: &KeyPair, subject: &KeyPair, claims: &str) -> String {
    let (issuer_key, subject_key) = (issuer.public_key(), subject.public_key());
    let body = format!(
        r#"{{"jti":"ID","iat":1600000000,"iss":"{issuer_key}","name":"N","sub":"{subject_key}","nats":{{{claims},"version":2}}}}"#
    );
    let encode = |text: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(text);
    let header = encode(br#"{"typ":"JWT","alg":"ed25519-nkey"}"#);
    let signed = format!("{header}.{}", encode(body.as_bytes()));
    let signature = issuer.sign(signed.as_bytes()).unwrap();
    format!("{signed}.{}", encode(&signature))
}

/// A server that trusts an operator, with an account; and the JWT of a user of it, with the seed.
fn trusting() -> (Server, String, String) {
    let (operator, account, user) =
        (KeyPair::new_operator(), KeyPair::new_account(), KeyPair::new_user());
    let limits = r#""limits":{"subs":-1,"data":-1,"payload":-1,"imports":-1,"exports":-1,"wildcards":true,"conn":-1,"leaf":-1},"type":"account""#;
    let of_operator = jwt(&operator, &operator, r#""type":"operator""#);
    let of_account = jwt(&operator, &account, limits);
    let claims = r#""pub":{},"sub":{},"subs":-1,"data":-1,"payload":-1,"type":"user""#;
    let of_user = jwt(&account, &user, claims);
    let folder = server(&[]);
    let config = folder.folder().join("operator");
    let account = account.public_key();
    let text = format!(
        "operator: {of_operator}\nresolver: MEMORY\nresolver_preload: {{ {account}: {of_account} }}\n"
    );
    fs::write(&config, text).unwrap();
    let server = server(&["-c", config.to_str().unwrap()]);
    (server, of_user, user.seed().unwrap())
}

pub(crate) fn a_user_logs_in_with_a_jwt_and_its_seed_or_with_a_file_of_both() {
    let (server, jwt, seed) = trusting();
    let file = server.folder().join("user.creds");
    let text = format!(
        "-----BEGIN NATS USER JWT-----\n{jwt}\n------END NATS USER JWT------\n\n\
         -----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
    );
    fs::write(&file, text).unwrap();
    let (url, file) = (server.url(), file.display().to_string());
    let provider = running(NullDispatcher);
    let links: [(&str, &[(&str, &str)]); 2] =
        [("MA", &[("CLIENT_JWT", &jwt), ("CLIENT_SEED", &seed)]), ("MB", &[("CREDSFILE", &file)])];
    for (actor, values) in links {
        provider.bind(actor, [("URL", url.as_str())].iter().chain(values).copied()).unwrap();
        publish(&provider, actor, "a", b"x").unwrap();
    }
    // The seed of somebody else.
    let other = KeyPair::new_user().seed().unwrap();
    let values = [("URL", url.as_str()), ("CLIENT_JWT", &jwt), ("CLIENT_SEED", &other)];
    for values in [&values[..], &values[..1]] {
        let error = provider.bind("MC", values.iter().copied()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadRequest);
        assert!(error.message().contains("refuses the credentials"), "{error}");
        assert!(!error.message().contains(&other), "{error}");
    }
    stop(provider);
}
