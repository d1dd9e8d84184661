//! `wasmcloud:httpclient` over plain TCP.

use std::{
    collections::BTreeMap,
    io::{self, BufRead, BufReader, Read},
    net::{TcpStream, ToSocketAddrs},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use provider_contracts::http_client::{HttpClient, Request, Response};
use provider_core::prelude::*;

use crate::{has, http};

/// Sends requests without encryption.
#[derive(Debug, Default)]
pub struct Plain;

/// What an actor is linked with.
#[derive(Debug, LinkValues)]
pub struct Settings {
    #[value(name = "timeout", default = 30)]
    timeout: u64,
    #[value(name = "max_redirects", default = 10)]
    max_redirects: usize,
    #[value(name = "max_body_bytes", default = 10_485_760)]
    max_body_bytes: u64,
}

impl Provider for Plain {
    type Link = Settings;

    fn link(&self, config: &LinkConfig) -> Result<Settings, BoxError> {
        Ok(config.read()?)
    }
}

impl HttpClient for Plain {
    fn request(&self, cx: Cx<'_, Self>, mut request: Request) -> OpResult<Response> {
        if request.method == "PATCH" && has("httpclient-patch-without-body") {
            request.body.clear();
        }
        let mut followed = 0;
        loop {
            let response = match send(&request, cx.link()) {
                Err(error)
                    if error.kind() == ErrorKind::Unavailable
                        && has("httpclient-refused-is-a-status") =>
                {
                    let status = error.to_string();
                    return Ok(Response { status_code: 500, status, ..Response::default() });
                }
                outcome => outcome?,
            };
            let Some(next) = next(&request, &response, cx.link()) else {
                return Ok(response);
            };
            let most = cx.link().max_redirects;
            let most = if has("httpclient-redirects-for-ever") { 50 } else { most };
            if followed == most {
                return Err(Error::new(ErrorKind::Failed, "too many redirects").into());
            }
            (request, followed) = (next, followed + 1);
        }
    }
}

/// The request that a redirect asks for, if the response is one.
fn next(request: &Request, response: &Response, link: &Settings) -> Option<Request> {
    let location = response.header.get("location")?;
    if !(300..400).contains(&response.status_code)
        || link.max_redirects == 0
        || has("httpclient-redirect-is-the-response")
    {
        return None;
    }
    let mut next = request.clone();
    next.url = if location.starts_with('/') {
        let host = request.url.split('/').nth(2).unwrap_or_default();
        format!("http://{host}{location}")
    } else {
        location.clone()
    };
    let repeats = matches!(response.status_code, 307 | 308);
    if !repeats || has("httpclient-redirect-is-a-get") {
        next.method = "GET".into();
        next.body.clear();
    }
    Some(next)
}

fn send(request: &Request, link: &Settings) -> Result<Response, Error> {
    let unavailable = |error: io::Error| Error::new(ErrorKind::Unavailable, error.to_string());
    let rest = request
        .url
        .strip_prefix("http://")
        .ok_or_else(|| Error::new(ErrorKind::BadRequest, "only http:// is known"))?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let address = if host.contains(':') { host.to_owned() } else { format!("{host}:80") };
    let address = address
        .to_socket_addrs()
        .map_err(unavailable)?
        .next()
        .ok_or_else(|| Error::new(ErrorKind::Unavailable, "the host has no address"))?;
    let seconds = if has("httpclient-timeout-ignored") { 30 } else { link.timeout };
    let limit = Duration::from_secs(seconds.max(1));
    let stream = TcpStream::connect_timeout(&address, limit).map_err(unavailable)?;
    let mut headers = request.headers.clone();
    headers.insert("host".into(), host.into());
    http::write(&stream, &format!("{} /{path} HTTP/1.1", request.method), &headers, &request.body)
        .map_err(unavailable)?;
    stream.set_read_timeout(Some(limit)).map_err(unavailable)?;
    let response = read(&stream, link.max_body_bytes).map_err(|error| match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
            Error::new(ErrorKind::Timeout, "no response in time")
        }
        _ => unavailable(error),
    })?;
    let too_long = response.body.len() as u64 > link.max_body_bytes;
    if too_long && !has("httpclient-body-without-limit") {
        return Err(Error::new(ErrorKind::TooLarge, "the body is too long"));
    }
    Ok(response)
}

fn read(stream: &TcpStream, max_body_bytes: u64) -> io::Result<Response> {
    let mut reader = BufReader::new(stream);
    let start = line(&mut reader)?;
    let start = String::from_utf8_lossy(&start);
    let mut words = start.splitn(3, ' ').skip(1);
    let status_code = words.next().and_then(|code| code.parse().ok()).unwrap_or(0);
    let status = words.next().unwrap_or_default().to_owned();
    let mut header = BTreeMap::new();
    loop {
        let line = line(&mut reader)?;
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            break;
        };
        let name = String::from_utf8_lossy(&line[..colon]).to_ascii_lowercase();
        header.insert(name, text(line[colon + 1..].trim_ascii()));
    }
    let length = header.get("content-length").and_then(|length: &String| length.parse().ok());
    let length = length.unwrap_or(u64::MAX).min(max_body_bytes.saturating_add(1));
    let mut body = Vec::new();
    reader.take(length).read_to_end(&mut body)?;
    Ok(Response { status_code, status, header, body })
}

/// A line without its end.
fn line(reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    reader.read_until(b'\n', &mut line)?;
    line.truncate(line.trim_ascii_end().len());
    Ok(line)
}

fn text(value: &[u8]) -> String {
    match str::from_utf8(value) {
        Ok(text) => text.to_owned(),
        Err(_) if has("httpclient-header-made-text") => String::from_utf8_lossy(value).into_owned(),
        Err(_) => format!("base64:{}", STANDARD.encode(value)),
    }
}
