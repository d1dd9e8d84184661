//! The values of a link.

use std::{path::PathBuf, str::FromStr, time::Duration};

use provider_core::prelude::*;
use reqwest::{Proxy, Url};

/// What an actor is linked with.
#[derive(Debug, LinkValues)]
pub struct Settings {
    /// How long a request may take altogether, in seconds.
    #[value(name = "timeout", default = 30, range = 1..=86_400)]
    pub timeout: u32,
    /// How many redirects of a request are followed; 0 follows none.
    #[value(name = "max_redirects", default = 10, range = 0..=100)]
    pub max_redirects: u32,
    /// The longest body of a response, in bytes.
    #[value(name = "max_body_bytes", default = 10_485_760, range = 0..=1_073_741_824)]
    pub max_body_bytes: u32,
    /// How many requests of the actor are in flight at once; others wait, as a part of their time.
    #[value(name = "max_in_flight", default = 64, range = 1..=4096)]
    pub max_in_flight: u16,
    /// A file with certificates (PEM) that are trusted besides those of the system.
    #[value(name = "ca_file")]
    pub ca_file: Option<PathBuf>,
    /// The proxy of all requests, or `none`. Without it: that of the environment (`HTTP_PROXY`,
    /// `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`).
    #[value(
        name = "proxy",
        secret,
        expected = "`none`, or the URL of a proxy such as `http://127.0.0.1:3128`"
    )]
    pub proxy: Option<ProxyChoice>,
    /// Hosts, domains and networks that `proxy` is not used for, with commas between them.
    #[value(name = "no_proxy")]
    pub no_proxy: Option<String>,
}

impl Settings {
    pub(crate) fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout.into())
    }

    pub(crate) fn max_body_bytes(&self) -> usize {
        usize::try_from(self.max_body_bytes).unwrap_or(usize::MAX)
    }
}

/// What `proxy` says.
#[derive(Debug)]
pub enum ProxyChoice {
    /// None, whatever the environment says.
    Direct,
    /// This one.
    Through(Box<Proxy>),
}

impl ProxyChoice {
    const SCHEMES: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];
}

impl FromStr for ProxyChoice {
    type Err = BoxError;

    fn from_str(text: &str) -> Result<Self, BoxError> {
        if text == "none" {
            return Ok(Self::Direct);
        }
        let url = Url::parse(text)?;
        if !Self::SCHEMES.contains(&url.scheme()) || !url.has_host() {
            return Err("a proxy is reached by http, https or socks".into());
        }
        Ok(Self::Through(Box::new(Proxy::all(url)?)))
    }
}
