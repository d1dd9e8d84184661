//! What an actor is linked with.

use std::{fs, path::PathBuf, str::FromStr};

use async_nats::ServerAddr;
use provider_contracts::messaging::{QueueGroup, Subscription};
use provider_core::{Error, ErrorKind, Secret, prelude::*};

use crate::login::Login;

/// What an actor is linked with.
#[derive(Debug, LinkValues)]
pub struct Settings {
    /// The servers, `nats://host:port` or `tls://host:port` with commas between them, tried in this order.
    /// `user:password@` or `token@` may stand before the host.
    #[value(secret, default = "nats://127.0.0.1:4222", expected = "URLs of NATS servers")]
    pub url: Servers,
    /// What the actor subscribes to: subjects, in which `*` is any token and `>` at the end any tokens.
    #[value(default = "", expected = "subjects with commas between them")]
    pub subscription: Vec<Subscription>,
    /// The queue group that its subscriptions belong to: of the members of a group one gets a message.
    #[value(default = "", expected = "a name without spaces")]
    pub queuegroup_name: QueueGroup,
    /// The file with the JWT and the seed of a user, as `nsc` writes it.
    pub credsfile: Option<PathBuf>,
    /// The JWT of a user, in place of a file. It needs `CLIENT_SEED`.
    pub client_jwt: Option<String>,
    /// The seed of the user that `CLIENT_JWT` names.
    pub client_seed: Option<Secret>,
    /// How many messages may wait for the actor at each subscription; what comes then is lost.
    #[value(default = 1024, range = 1..=65536)]
    pub max_pending: u32,
}

impl Settings {
    /// Who logs in.
    ///
    /// # Errors
    ///
    /// *Bad request* for a file that cannot be read, and half of what a login needs.
    pub(crate) fn login(&self) -> Result<Option<Login>, Error> {
        let bad = |what: String| Error::new(ErrorKind::BadRequest, what);
        match (&self.credsfile, &self.client_jwt, &self.client_seed) {
            (None, None, None) => Ok(None),
            (None, Some(jwt), Some(seed)) => Login::new(jwt, seed.clone()).map(Some),
            (Some(path), None, None) => {
                let text = fs::read_to_string(path).map_err(|error| {
                    bad(format!("link value `CREDSFILE`: {}: {error}", path.display()))
                })?;
                Login::of_file(&text)
                    .map(Some)
                    .map_err(|error| error.context("link value `CREDSFILE`"))
            }
            (None, ..) => {
                Err(bad("link values `CLIENT_JWT` and `CLIENT_SEED` need each other".into()))
            }
            (Some(_), ..) => {
                Err(bad("a link has `CREDSFILE`, or `CLIENT_JWT` with `CLIENT_SEED`, and not both"
                    .into()))
            }
        }
    }
}

/// Servers of one system.
#[derive(Debug, Clone)]
pub struct Servers(pub(crate) Vec<ServerAddr>);

impl FromStr for Servers {
    type Err = String;

    fn from_str(list: &str) -> Result<Self, String> {
        let server = |url: &str| {
            let url = url.trim();
            let scheme = url.split_once("://").map(|(scheme, _)| scheme);
            if !matches!(scheme, Some("nats" | "tls")) {
                return Err("a server begins with `nats://` or `tls://`".to_owned());
            }
            url.parse::<ServerAddr>().map_err(|error| error.to_string())
        };
        list.split(',').map(server).collect::<Result<_, _>>().map(Self)
    }
}

/// Where a server is, for people: without what may be a password.
pub(crate) fn place(server: &ServerAddr) -> String {
    format!("{}:{}", server.host(), server.port())
}
