//! Of what kind it is that no response came.

use std::error::Error as StdError;

use provider_core::{Error, ErrorKind};

/// What went wrong with a request to `host`. The URL is left out: it may have a password in it.
pub(crate) fn of_request(error: reqwest::Error, host: &str) -> Error {
    let kind = match () {
        () if error.is_redirect() || error.is_builder() => ErrorKind::Failed,
        () if error.is_timeout() => ErrorKind::Timeout,
        () => ErrorKind::Unavailable,
    };
    let error = error.without_url();
    // reqwest's own words say no more than that a request failed; those of its source say why.
    let error = match error.source() {
        Some(source) => Error::new(kind, reasons(source)),
        None => Error::with_source(kind, error),
    };
    error.context(format!("host `{host}`"))
}

/// The words of an error and of what is behind it, each once.
fn reasons(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        source = error.source();
    }
    text
}
