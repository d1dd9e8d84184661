//! Who logs in at a server.

use async_nats::{Auth, AuthError, ServerAddr};
use nkeys::KeyPair;
use provider_core::{Error, ErrorKind, Secret};

/// A user's JWT, and the seed that proves that one is the user.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    jwt: String,
    seed: Secret,
}

impl Login {
    /// # Errors
    ///
    /// *Bad request* for a seed that is none.
    pub(crate) fn new(jwt: &str, seed: Secret) -> Result<Self, Error> {
        let seed = Secret::new(seed.into_exposed().trim().to_owned());
        // The reason could repeat a part of it.
        KeyPair::from_seed(seed.expose())
            .map_err(|_| Error::new(ErrorKind::BadRequest, "the user's seed is none"))?;
        Ok(Self { jwt: jwt.trim().to_owned(), seed })
    }

    /// Of a file with both, each between two lines of hyphens.
    ///
    /// # Errors
    ///
    /// *Bad request* when one is missing.
    pub(crate) fn of_file(text: &str) -> Result<Self, Error> {
        let part = |name: &str| {
            let (_, rest) = text.split_once(&format!("-BEGIN {name}-"))?;
            let (_, rest) = rest.split_once('\n')?;
            let (part, _) = rest.split_once("-----")?;
            Some(part.trim().trim_end_matches('-').trim().to_owned())
        };
        let missing = |what| Error::new(ErrorKind::BadRequest, format!("there is no {what} in it"));
        let jwt = part("NATS USER JWT").ok_or_else(|| missing("JWT"))?;
        let seed = part("USER NKEY SEED").ok_or_else(|| missing("seed"))?;
        Self::new(&jwt, Secret::new(seed))
    }

    fn sign(&self, nonce: &[u8]) -> Result<Vec<u8>, AuthError> {
        let failed = |error: nkeys::error::Error| AuthError::new(error.to_string());
        KeyPair::from_seed(self.seed.expose()).map_err(failed)?.sign(nonce).map_err(failed)
    }
}

/// What a server gets: the login, or what its URL has.
///
/// # Errors
///
/// When the seed cannot sign.
pub(crate) fn auth(
    login: Option<&Login>,
    server: &ServerAddr,
    nonce: &[u8],
) -> Result<Auth, AuthError> {
    let mut auth = Auth::new();
    if let Some(login) = login {
        auth.jwt = Some(login.jwt.clone());
        auth.signature = Some(login.sign(nonce)?);
    } else if let Some(password) = server.password() {
        auth.username = server.username().map(str::to_owned);
        auth.password = Some(password.to_owned());
    } else {
        auth.token = server.username().map(str::to_owned);
    }
    Ok(auth)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_the_jwt_and_the_seed_and_none_of_it_is_told() {
        let seed = KeyPair::new_user().seed().expect("it was just made");
        let text = format!(
            "-----BEGIN NATS USER JWT-----\nheader.claims.signature\n------END NATS USER JWT------\n\n\
             ****\n\n-----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
        );
        let login = Login::of_file(&text).expect("both are there");
        assert_eq!((login.jwt.as_str(), login.seed.expose()), ("header.claims.signature", &seed));
        assert!(!format!("{login:?}").contains(&seed));
        let error = Login::of_file(&text.replace("SEED", "SEAT")).expect_err("no seed").to_string();
        assert!(error.contains("no seed"), "{error}");
        let wrong = Login::new("jwt", Secret::new(seed[1..].to_owned())).expect_err("no seed");
        assert!(!wrong.to_string().contains(&seed[1..]), "{wrong}");
    }

    #[test]
    fn a_url_has_a_user_with_a_password_or_a_token() {
        let auth =
            |url: &str| auth(None, &url.parse().expect(url), b"").expect("nothing is signed");
        let user = auth("nats://ada:secret@h:1");
        assert_eq!(
            (user.username.as_deref(), user.password.as_deref()),
            (Some("ada"), Some("secret"))
        );
        assert_eq!(auth("nats://t0ken@h:1").token.as_deref(), Some("t0ken"));
        assert_eq!(auth("nats://h:1").token, None);
    }
}
