//! A link: its pool of connections, and what is sent through it.

use std::{fmt, time::Duration};

use hyper::ext::ReasonPhrase;
use provider_contracts::http_client::{Request, Response};
use provider_core::{Error, ErrorKind};
use reqwest::{Method, NoProxy, Url, redirect::Policy};
use tokio::{sync::Semaphore, time::timeout};

use crate::{
    failure, headers,
    settings::{ProxyChoice, Settings},
    tls::{self, Roots},
};

/// How much room is made for a body before any of it is there.
const FIRST_ROOM: usize = 1 << 16;

/// What an actor's requests are sent with.
pub struct Client {
    pool: reqwest::Client,
    in_flight: Semaphore,
    timeout: Duration,
    max_body_bytes: usize,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("in_flight", &self.in_flight).finish_non_exhaustive()
    }
}

impl Client {
    /// A client without connections.
    pub(crate) async fn new(settings: Settings, roots: &Roots) -> Result<Self, Error> {
        let (timeout, max_body_bytes) = (settings.timeout(), settings.max_body_bytes());
        let tls = tls::config(roots, settings.ca_file).await?;
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(redirects(settings.max_redirects))
            // Where the actor was before is nobody's business.
            .referer(false)
            // Its time is shared by the addresses of a host, one of which may not answer.
            .connect_timeout(timeout)
            .pool_max_idle_per_host(settings.max_in_flight.into());
        builder = match settings.proxy {
            None => builder,
            Some(ProxyChoice::Direct) => builder.no_proxy(),
            Some(ProxyChoice::Through(proxy)) => {
                let except = settings.no_proxy.as_deref().and_then(NoProxy::from_string);
                builder.proxy(proxy.no_proxy(except))
            }
        };
        let pool = builder.build().map_err(|error| failure::of_request(error, ""))?;
        let in_flight = Semaphore::new(settings.max_in_flight.into());
        Ok(Self { pool, in_flight, timeout, max_body_bytes })
    }

    /// Sends a request and reads the response to its end.
    pub(crate) async fn send(&self, request: Request) -> Result<Response, Error> {
        let (host, request) = self.prepared(request)?;
        let exchange = async {
            // The semaphore is never closed.
            let _turn = self.in_flight.acquire().await;
            self.exchange(&host, request).await
        };
        timeout(self.timeout, exchange).await.unwrap_or_else(|_| {
            let text = format!("host `{host}`: no whole response within {:?}", self.timeout);
            Err(Error::new(ErrorKind::Timeout, text))
        })
    }

    async fn exchange(&self, host: &str, request: reqwest::Request) -> Result<Response, Error> {
        let failed = |error| failure::of_request(error, host);
        let mut response = self.pool.execute(request).await.map_err(failed)?;
        let announced = response.content_length().unwrap_or(0);
        let announced = usize::try_from(announced).unwrap_or(usize::MAX);
        self.fits(host, announced)?;
        let mut body = Vec::with_capacity(announced.min(FIRST_ROOM));
        while let Some(part) = response.chunk().await.map_err(failed)? {
            self.fits(host, body.len().saturating_add(part.len()))?;
            body.extend_from_slice(&part);
        }
        let status = response.status();
        let words = match response.extensions().get::<ReasonPhrase>() {
            Some(words) => String::from_utf8_lossy(words.as_bytes()).into_owned(),
            None => status.canonical_reason().unwrap_or_default().to_owned(),
        };
        log::debug!(host, status = status.as_u16(), length = body.len(); "responded");
        Ok(Response {
            status_code: status.as_u16().into(),
            status: words,
            header: headers::from_http(response.headers()),
            body,
        })
    }

    fn fits(&self, host: &str, length: usize) -> Result<(), Error> {
        if length <= self.max_body_bytes {
            return Ok(());
        }
        let text = format!(
            "host `{host}`: the body of the response is longer than `max_body_bytes`, {}",
            self.max_body_bytes
        );
        Err(Error::new(ErrorKind::TooLarge, text))
    }

    /// The request as it is sent, and the host that it goes to, for messages.
    fn prepared(&self, request: Request) -> Result<(String, reqwest::Request), Error> {
        let (method, url) = (method(&request.method)?, url(&request.url)?);
        let host = match (url.host_str().unwrap_or_default(), url.port()) {
            (host, None) => host.to_owned(),
            (host, Some(port)) => format!("{host}:{port}"),
        };
        let headers = headers::to_http(&request.headers)?;
        let mut prepared = self.pool.request(method, url).headers(headers);
        if !request.body.is_empty() {
            prepared = prepared.body(request.body);
        }
        let prepared = prepared.build().map_err(|error| bad(error.without_url().to_string()))?;
        Ok((host, prepared))
    }
}

/// How redirects are followed: at most so many of a request, and to HTTP only. A redirect that is not
/// followed is the response.
fn redirects(most: u32) -> Policy {
    Policy::custom(move |attempt| {
        let followed = attempt.previous().len();
        if most == 0 || !matches!(attempt.url().scheme(), "http" | "https") {
            attempt.stop()
        } else if u32::try_from(followed).is_ok_and(|followed| followed <= most) {
            attempt.follow()
        } else {
            attempt.error(format!("too many redirects: more than `max_redirects`, {most}"))
        }
    })
}

fn bad(text: String) -> Error {
    Error::new(ErrorKind::BadRequest, text)
}

fn method(text: &str) -> Result<Method, Error> {
    let method = Method::from_bytes(text.as_bytes()).ok();
    // A tunnel has neither a request's body nor a response's.
    method.filter(|method| method != Method::CONNECT).ok_or_else(|| {
        let shown: String = text.chars().take(64).collect();
        bad(format!("`{}` is no method of a request", shown.escape_debug()))
    })
}

fn url(text: &str) -> Result<Url, Error> {
    let url = Url::parse(text).map_err(|error| bad(format!("the URL: {error}")))?;
    match url.scheme() {
        // Theirs always have a host.
        "http" | "https" => Ok(url),
        other => Err(bad(format!("the URL begins with `{other}:`, expected `http:` or `https:`"))),
    }
}
