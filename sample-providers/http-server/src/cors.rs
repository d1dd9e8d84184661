//! Which pages of other origins may use the server, as browsers ask: the Fetch standard's CORS protocol.

use http::{HeaderName, HeaderValue, Method, Request, header};
use provider_core::prelude::*;
use tower_http::cors::{AllowHeaders, AllowMethods, AllowOrigin, CorsLayer};

use crate::settings::{Allowed, Origin, Settings};

/// What the link's values allow, nothing when they allow no page anything.
///
/// # Errors
///
/// *Bad request* for values that contradict each other.
pub(crate) fn allowed(settings: &Settings) -> Result<Option<CorsLayer>, Error> {
    let refused = |message: &str| Error::new(ErrorKind::BadRequest, message);
    let Some(origins) = settings.cors_allowed_origins.as_ref().filter(|all| !all.is_empty()) else {
        let idle =
            settings.cors_allowed_methods.is_some() || settings.cors_allowed_headers.is_some();
        return if idle {
            Err(refused(
                "`CORS_ALLOWED_METHODS` and `CORS_ALLOWED_HEADERS` allow nothing without \
                 `CORS_ALLOWED_ORIGINS`",
            ))
        } else {
            Ok(None)
        };
    };
    let one = |origin: &Origin| match origin {
        Origin::Any => None,
        Origin::One(value) => Some(value.clone()),
    };
    let origin = match origins.iter().map(one).collect::<Option<Vec<HeaderValue>>>() {
        Some(origins) => AllowOrigin::list(origins),
        None => AllowOrigin::any(),
    };
    let methods = match listed::<Method>(settings.cors_allowed_methods.as_deref()) {
        Some(methods) => AllowMethods::list(methods),
        None => AllowMethods::any(),
    };
    let headers = match listed::<HeaderName>(settings.cors_allowed_headers.as_deref()) {
        Some(headers) => AllowHeaders::list(headers),
        None => AllowHeaders::any(),
    };
    Ok(Some(CorsLayer::new().allow_origin(origin).allow_methods(methods).allow_headers(headers)))
}

/// Those that are listed, none when any is allowed.
fn listed<T: Clone>(allowed: Option<&[Allowed<T>]>) -> Option<Vec<T>> {
    let one = |allowed: &Allowed<T>| match allowed {
        Allowed::Any => None,
        Allowed::One(value) => Some(value.clone()),
    };
    allowed.unwrap_or_default().iter().map(one).collect()
}

/// Whether the server answers this itself or adds to the answer. An `OPTIONS` that no browser asks is the
/// actor's.
pub(crate) fn concerns<B>(request: &Request<B>) -> bool {
    let has = |name: HeaderName| request.headers().contains_key(name);
    has(header::ORIGIN)
        && (request.method() != Method::OPTIONS || has(header::ACCESS_CONTROL_REQUEST_METHOD))
}
