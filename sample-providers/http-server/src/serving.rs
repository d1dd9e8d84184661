//! From a request to its reply.

use std::{
    convert::Infallible,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, Version, header, request::Parts};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use provider_core::LogScope;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};
use tower::Service;
use tower_http::cors::CorsLayer;
use tower_layer::Layer;

use crate::{
    activity::UnderWay,
    calls::Calls,
    cors, messages,
    settings::{Settings, milliseconds},
};

/// How much of a body that is too long is read for the client's sake: one that still sends may not read
/// the reply.
const UNREAD_BYTES: usize = 16 << 20;
/// For how long.
const UNREAD_TIME: Duration = Duration::from_secs(2);

type Reply = http::Response<Full<Bytes>>;

/// What answers the requests of one link.
pub(crate) struct Serving {
    pub(crate) calls: Calls,
    cors: Option<CorsLayer>,
    timeout: Duration,
    body_timeout: Duration,
    max_body_bytes: usize,
    /// Requests that wait for the actor.
    in_flight: Semaphore,
    /// Bytes of bodies.
    buffer: Semaphore,
    /// On whose behalf it is logged.
    scope: LogScope,
}

impl Serving {
    pub(crate) fn new(calls: Calls, settings: &Settings, cors: Option<CorsLayer>) -> Self {
        Self {
            calls,
            cors,
            timeout: settings.timeout(),
            body_timeout: milliseconds(settings.body_timeout_ms),
            max_body_bytes: settings.max_body_bytes,
            in_flight: Semaphore::new(settings.max_in_flight),
            buffer: Semaphore::new(settings.max_buffer_bytes as usize),
            scope: LogScope::current(),
        }
    }

    /// The reply to a request, which is under way until the reply is sent.
    pub(crate) async fn reply(
        self: Arc<Self>,
        request: http::Request<Incoming>,
        under_way: UnderWay,
    ) -> Result<http::Response<Replying>, Infallible> {
        let reply = match &self.cors {
            Some(cors) if cors::concerns(&request) => {
                let serving = &self;
                let actor = tower::service_fn(|request| async move {
                    Ok::<_, Infallible>(serving.answer(request).await)
                });
                let Ok(reply) = cors.layer(actor).call(request).await;
                reply
            }
            _ => self.answer(request).await,
        };
        Ok(reply.map(|body| Replying { body, _under_way: under_way }))
    }

    async fn answer(&self, request: http::Request<Incoming>) -> Reply {
        if request.method() == Method::CONNECT {
            // A tunnel to somewhere else (RFC 9110, section 9.3.6).
            return bare(StatusCode::NOT_IMPLEMENTED);
        }
        let (parts, body) = request.into_parts();
        let (body, _room) = match timeout(self.body_timeout, self.whole(body)).await {
            Ok(Ok(whole)) => whole,
            Ok(Err(NotWhole::TooLong(rest))) => return unread(&parts, rest),
            Ok(Err(NotWhole::NoRoom)) => return closing(&parts, later()),
            Ok(Err(NotWhole::Broken)) => return closing(&parts, bare(StatusCode::BAD_REQUEST)),
            Err(_) => return closing(&parts, bare(StatusCode::REQUEST_TIMEOUT)),
        };
        let Ok(_place) = self.in_flight.try_acquire() else { return later() };
        let request = messages::request(&parts, body);
        match self.calls.call(request, self.timeout).await {
            Ok(Some(response)) => {
                messages::reply(response, &parts.method).unwrap_or_else(|unusable| {
                    self.failed(
                        &parts,
                        &format_args!("the actor's reply cannot be sent: {unusable}"),
                    );
                    bare(StatusCode::BAD_GATEWAY)
                })
            }
            Err(error) => {
                self.failed(&parts, &format_args!("the actor does not answer: {error}"));
                bare(StatusCode::BAD_GATEWAY)
            }
            Ok(None) => {
                let limit = self.timeout.as_millis();
                self.failed(&parts, &format_args!("the actor has not answered in {limit} ms"));
                bare(StatusCode::GATEWAY_TIMEOUT)
            }
        }
    }

    fn failed(&self, parts: &Parts, reason: &std::fmt::Arguments<'_>) {
        let (method, path) = (parts.method.as_str(), parts.uri.path());
        self.scope.enter(|| log::warn!(method, path; "{reason}"));
    }

    /// The body, with its room, which is taken until it is dropped.
    async fn whole(
        &self,
        mut body: Incoming,
    ) -> Result<(Vec<u8>, Option<SemaphorePermit<'_>>), NotWhole> {
        if body.size_hint().lower() > self.max_body_bytes as u64 {
            return Err(NotWhole::TooLong(body));
        }
        let mut whole = Vec::new();
        let mut room: Option<SemaphorePermit<'_>> = None;
        while let Some(frame) = body.frame().await {
            // Trailers have no place in the contract.
            let Ok(part) = frame.map_err(|_| NotWhole::Broken)?.into_data() else { continue };
            if part.len() > self.max_body_bytes - whole.len() {
                return Err(NotWhole::TooLong(body));
            }
            let count = u32::try_from(part.len()).map_err(|_| NotWhole::NoRoom)?;
            let more = self.buffer.try_acquire_many(count).map_err(|_| NotWhole::NoRoom)?;
            match &mut room {
                Some(room) => room.merge(more),
                None => room = Some(more),
            }
            whole.extend_from_slice(&part);
        }
        Ok((whole, room))
    }
}

/// Why there is no body.
enum NotWhole {
    TooLong(Incoming),
    /// Others take up the memory.
    NoRoom,
    /// It is not what its framing says, or the client went away.
    Broken,
}

fn bare(status: StatusCode) -> Reply {
    let mut reply = Reply::default();
    *reply.status_mut() = status;
    reply
}

/// There is more to do than can be done now.
fn later() -> Reply {
    let mut reply = bare(StatusCode::SERVICE_UNAVAILABLE);
    reply.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    reply
}

/// With the word that the connection ends after it, since the request was not read to its end. HTTP/2 has
/// other ways to say so.
fn closing(parts: &Parts, mut reply: Reply) -> Reply {
    if parts.version < Version::HTTP_2 {
        reply.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    reply
}

/// Answers a body that is too long, and reads some of the rest.
fn unread(parts: &Parts, rest: Incoming) -> Reply {
    tokio::spawn(timeout(UNREAD_TIME, async move {
        let mut rest = pin!(rest);
        let mut read = 0;
        while let Some(Ok(frame)) = rest.frame().await
            && read < UNREAD_BYTES
        {
            read += frame.data_ref().map_or(0, Bytes::len);
        }
    }));
    closing(parts, bare(StatusCode::PAYLOAD_TOO_LARGE))
}

/// The body of a reply; its request is under way until it is dropped.
#[derive(Debug)]
pub(crate) struct Replying {
    body: Full<Bytes>,
    _under_way: UnderWay,
}

impl Body for Replying {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
