//! `wasmcloud:httpclient` over plain TCP.

use std::{
    collections::BTreeMap,
    net::{TcpStream, ToSocketAddrs},
    time::Duration,
};

use provider_core::prelude::*;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::{has, http};

/// What a server answered.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    /// For example 200.
    pub status_code: u32,
    /// For example `OK`.
    pub status: String,
    /// Its headers.
    pub header: BTreeMap<String, String>,
    /// Its body.
    pub body: ByteBuf,
}

/// Sends requests for actors.
#[contract("wasmcloud:httpclient")]
pub trait HttpClient {
    /// Sends a request.
    fn request(
        &self,
        cx: Cx<'_, Self>,
        method: String,
        url: String,
        headers: BTreeMap<String, String>,
        body: ByteBuf,
    ) -> OpResult<Response>;
}

/// Sends requests without encryption.
#[derive(Debug, Default)]
pub struct Plain;

impl Provider for Plain {
    type Link = ();

    fn link(&self, _config: &LinkConfig) -> Result<(), BoxError> {
        Ok(())
    }
}

impl HttpClient for Plain {
    fn request(
        &self,
        _cx: Cx<'_, Self>,
        method: String,
        url: String,
        headers: BTreeMap<String, String>,
        body: ByteBuf,
    ) -> OpResult<Response> {
        let body: &[u8] = match method.as_str() {
            "PATCH" if has("httpclient-patch-without-body") => &[],
            _ => &body,
        };
        match send(&method, &url, headers, body) {
            Err(error) if has("httpclient-refused-is-a-status") => {
                Ok(Response { status_code: 500, status: error.to_string(), ..Response::default() })
            }
            outcome => Ok(outcome?),
        }
    }
}

fn send(
    method: &str,
    url: &str,
    mut headers: BTreeMap<String, String>,
    body: &[u8],
) -> Result<Response, Error> {
    let unavailable = |error: std::io::Error| Error::new(ErrorKind::Unavailable, error.to_string());
    let rest = url
        .strip_prefix("http://")
        .ok_or_else(|| Error::new(ErrorKind::BadRequest, "only http:// is known"))?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let address = if host.contains(':') { host.to_owned() } else { format!("{host}:80") };
    let address = address
        .to_socket_addrs()
        .map_err(unavailable)?
        .next()
        .ok_or_else(|| Error::new(ErrorKind::Unavailable, "the host has no address"))?;
    let stream =
        TcpStream::connect_timeout(&address, Duration::from_secs(2)).map_err(unavailable)?;
    headers.insert("host".into(), host.into());
    http::write(&stream, &format!("{method} /{path} HTTP/1.1"), &headers, body)
        .map_err(unavailable)?;
    let message = http::read(&stream).map_err(unavailable)?;
    let mut words = message.start.splitn(3, ' ').skip(1);
    let status_code = words.next().and_then(|code| code.parse().ok()).unwrap_or(0);
    Ok(Response {
        status_code,
        status: words.next().unwrap_or_default().to_owned(),
        header: message.headers,
        body: ByteBuf::from(message.body),
    })
}
