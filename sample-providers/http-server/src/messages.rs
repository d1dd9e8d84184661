//! From a request of HTTP to the contract's, and from the contract's reply to one of HTTP.

use std::{collections::BTreeMap, fmt};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
    header::{
        CONNECTION, CONTENT_LENGTH, COOKIE, HOST, SET_COOKIE, TE, TRAILER, TRANSFER_ENCODING,
        UPGRADE,
    },
    request::Parts,
};
use http_body_util::Full;
use hyper::ext::ReasonPhrase;
use provider_contracts::http_server::{Request, Response};

/// What is said of a header's value that is not UTF-8.
const ENCODED: &str = "base64:";

/// Headers about the connection, which is the server's (RFC 9110, section 7.6.1).
const OF_THE_CONNECTION: [HeaderName; 7] = [
    CONNECTION,
    TRANSFER_ENCODING,
    UPGRADE,
    TE,
    TRAILER,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// The request that the actor gets.
pub(crate) fn request(parts: &Parts, body: Vec<u8>) -> Request {
    let mut header = headers(&parts.headers);
    // HTTP/2 says it in another place (RFC 9113, section 8.3.1).
    if let Some(authority) = parts.uri.authority() {
        header.entry(HOST.as_str().into()).or_insert_with(|| authority.as_str().into());
    }
    Request {
        method: parts.method.as_str().into(),
        path: parts.uri.path().into(),
        query_string: parts.uri.query().unwrap_or_default().into(),
        header,
        body,
    }
}

fn headers(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut joined = BTreeMap::<String, String>::new();
    for (name, value) in headers {
        let value = match str::from_utf8(value.as_bytes()) {
            Ok(text) => text.to_owned(),
            Err(_) => format!("{ENCODED}{}", BASE64_STANDARD.encode(value)),
        };
        match joined.get_mut(name.as_str()) {
            Some(before) => {
                before.push_str(if name == COOKIE { "; " } else { ", " });
                before.push_str(&value);
            }
            None => {
                joined.insert(name.as_str().into(), value);
            }
        }
    }
    joined
}

/// Why a reply cannot be sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unusable {
    Status(u32),
    Reason,
    Name(String),
    Value(String),
    Length(usize),
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "{status} is no status of a reply"),
            Self::Reason => {
                f.write_str("the words of the status have a character that they cannot have")
            }
            Self::Name(name) => write!(f, "`{}` is no name of a header", name.escape_debug()),
            Self::Value(name) => {
                write!(f, "the value of header `{name}` has a character that it cannot have")
            }
            Self::Length(length) => {
                write!(f, "the header `content-length` is not the body's length, which is {length}")
            }
        }
    }
}

/// The reply that the client of a request with `method` gets.
///
/// # Errors
///
/// What of the actor's reply cannot be sent.
pub(crate) fn reply(
    response: Response,
    method: &Method,
) -> Result<http::Response<Full<Bytes>>, Unusable> {
    let Response { status_code, status: reason, header, body } = response;
    let status = u16::try_from(status_code).ok().filter(|status| (200..600).contains(status));
    let status = status.and_then(|status| StatusCode::from_u16(status).ok());
    let status = status.ok_or(Unusable::Status(status_code))?;
    let mut headers = HeaderMap::with_capacity(header.len() + 2);
    for (name, value) in header {
        add(&mut headers, &name, value)?;
    }
    let empty = matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    let about_another = *method == Method::HEAD || status == StatusCode::NOT_MODIFIED;
    let stated = length(&headers)?;
    // What a `GET` would have got may be said without its body (RFC 9110, section 8.6).
    if let Some(stated) = stated
        && stated != body.len() as u64
        && !(about_another && body.is_empty())
    {
        return Err(Unusable::Length(body.len()));
    }
    headers.remove(CONTENT_LENGTH);
    if about_another && !(status == StatusCode::NOT_MODIFIED && stated.is_none()) {
        headers.insert(CONTENT_LENGTH, stated.unwrap_or(body.len() as u64).into());
    }
    let body = if empty || about_another { Vec::new() } else { body };
    let mut reply = http::Response::new(Full::new(Bytes::from(body)));
    *reply.status_mut() = status;
    *reply.headers_mut() = headers;
    if !reason.is_empty() && status.canonical_reason() != Some(&reason) {
        let reason = ReasonPhrase::try_from(reason).map_err(|_| Unusable::Reason)?;
        reply.extensions_mut().insert(reason);
    }
    Ok(reply)
}

fn add(headers: &mut HeaderMap, name: &str, value: String) -> Result<(), Unusable> {
    let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else {
        return Err(Unusable::Name(name.into()));
    };
    if OF_THE_CONNECTION.contains(&name) {
        return Ok(());
    }
    let unusable = || Unusable::Value(name.as_str().into());
    if name == SET_COOKIE {
        for line in value.lines().filter(|line| !line.is_empty()) {
            let line = HeaderValue::try_from(line.to_owned()).map_err(|_| unusable())?;
            headers.append(SET_COOKIE, line);
        }
        return Ok(());
    }
    let value = HeaderValue::try_from(value).map_err(|_| unusable())?;
    headers.append(name, value);
    Ok(())
}

/// What the reply says of its body's length.
fn length(headers: &HeaderMap) -> Result<Option<u64>, Unusable> {
    let unusable = || Unusable::Value(CONTENT_LENGTH.as_str().into());
    let mut stated = None;
    for value in headers.get_all(CONTENT_LENGTH) {
        let text = value.to_str().map_err(|_| unusable())?;
        let number = text.trim().parse().map_err(|_| unusable())?;
        if stated.replace(number).is_some_and(|before| before != number) {
            return Err(unusable());
        }
    }
    Ok(stated)
}

#[cfg(test)]
mod tests;
