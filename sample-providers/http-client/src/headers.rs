//! Headers, between what travels in messages and what travels in HTTP.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use provider_core::{Error, ErrorKind};

/// What a value begins with whose bytes are no text.
const PREFIX: &str = "base64:";

/// Headers that belong to the connection: the client writes them itself. Two opinions about where a
/// body ends are how requests are smuggled (RFC 9112, section 11.2).
const OF_THE_CONNECTION: [HeaderName; 8] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::EXPECT,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
];

/// The headers of a request.
pub(crate) fn to_http(headers: &BTreeMap<String, String>) -> Result<HeaderMap, Error> {
    let mut sent = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        let shown = || name.chars().take(64).collect::<String>();
        let Ok(http_name) = HeaderName::from_bytes(name.as_bytes()) else {
            let text = format!("`{}` is no name of a header", shown().escape_debug());
            return Err(Error::new(ErrorKind::BadRequest, text));
        };
        if OF_THE_CONNECTION.contains(&http_name) {
            continue;
        }
        let bytes = bytes_of(value);
        let value = HeaderValue::from_bytes(bytes.as_deref().unwrap_or(value.as_bytes()));
        let value = value.map_err(|_| {
            let text = format!("the value of the header `{}` has a control character", shown());
            Error::new(ErrorKind::BadRequest, text)
        })?;
        sent.append(http_name, value);
    }
    Ok(sent)
}

/// The bytes of a value that stands for bytes which are no text.
fn bytes_of(value: &str) -> Option<Vec<u8>> {
    let bytes = STANDARD.decode(value.strip_prefix(PREFIX)?).ok()?;
    // Text is never written in base64: this is text that begins like it.
    str::from_utf8(&bytes).is_err().then_some(bytes)
}

/// The headers of a response.
pub(crate) fn from_http(headers: &HeaderMap) -> BTreeMap<String, String> {
    let text = |value: &HeaderValue| match str::from_utf8(value.as_bytes()) {
        Ok(text) => text.to_owned(),
        Err(_) => format!("{PREFIX}{}", STANDARD.encode(value.as_bytes())),
    };
    let joined = |name: &HeaderName| {
        let values: Vec<String> = headers.get_all(name).iter().map(text).collect();
        values.join(if name == header::SET_COOKIE { "\n" } else { ", " })
    };
    headers.keys().map(|name| (name.as_str().to_owned(), joined(name))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(name: &str, value: &str) -> BTreeMap<String, String> {
        [(name.to_owned(), value.to_owned())].into()
    }

    fn sent(name: &str, value: &str) -> Vec<u8> {
        to_http(&given(name, value)).unwrap()[name].as_bytes().to_vec()
    }

    #[test]
    fn a_value_that_is_no_text_goes_there_and_back() {
        assert_eq!(sent("x", "base64:/4A="), b"\xff\x80");
        let headers = to_http(&given("X", "base64:/4A=")).unwrap();
        assert_eq!(from_http(&headers), given("x", "base64:/4A="));
    }

    #[test]
    fn text_is_sent_as_it_is_written() {
        // "hi" in base64 would have been written as text; the others are no base64.
        for text in ["gr\u{fc}n", "base64:aGk=", "base64:", "base64:?", "Base64:/4A=", ""] {
            assert_eq!(sent("x", text), text.as_bytes());
        }
    }

    #[test]
    fn values_of_one_header_are_joined_and_cookies_are_lines() {
        let mut headers = HeaderMap::new();
        for (name, value) in [("a", "1"), ("set-cookie", "c=1"), ("a", "2"), ("set-cookie", "d=2")]
        {
            headers.append(name, HeaderValue::from_static(value));
        }
        let expected = [("a", "1, 2"), ("set-cookie", "c=1\nd=2")];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(from_http(&headers), expected.into());
    }

    #[test]
    fn a_header_that_would_begin_another_line_is_refused_by_name() {
        for value in ["a\r\nevil: 1", "a\nb", "\0", "a\u{7f}"] {
            let error = to_http(&given("x-name", value)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::BadRequest, "{value:?}");
            assert!(error.message().contains("`x-name`"), "{error}");
        }
        for name in ["", "a b", "a:b", "a\r\nb", "\u{fc}"] {
            let error = to_http(&given(name, "v")).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::BadRequest, "{name:?}");
            assert!(error.message().contains("is no name of a header"), "{error}");
        }
    }

    #[test]
    fn where_the_body_ends_is_not_the_actors_to_say() {
        let headers = ["Content-Length", "transfer-encoding", "Connection", "Expect"];
        let headers = headers.map(|name| (name.to_owned(), "3".to_owned()));
        assert!(to_http(&headers.into()).unwrap().is_empty());
    }
}
