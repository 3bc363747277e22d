//! What every request goes through: the origin check, the security headers, the log.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use dashboard_protocol::ProblemCode;
use tokio::time::Instant;
use tracing::Instrument;

use super::{Caller, Shared};
use crate::{
    auth::origin::{self, OwnOrigin},
    failure::Failure,
    random,
};

/// What the page may load and do: nothing but what comes from here. The application is WebAssembly, builds its page
/// without markup from text, and connects to its own origin only (which covers its websocket, CSP level 3).
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data:; font-src 'self'; media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; \
    worker-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; object-src 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

/// Headers of every reply.
const HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
];

/// A year, as browsers are told to insist on https.
const STRICT_TRANSPORT: &str = "max-age=31536000";

/// The name of a request in the log; a proxy's own is not taken over, since anybody may send one.
static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Refuses requests of foreign pages.
pub async fn check_origin(
    State(app): State<Shared>,
    caller: Caller,
    request: Request,
    next: Next,
) -> Response {
    let own = OwnOrigin {
        https: caller.https,
    };
    if origin::allowed(request.headers(), own, &app.config.allow_origins) {
        next.run(request).await
    } else {
        Failure::from(ProblemCode::ForbiddenOrigin).into_response()
    }
}

/// Gives a request its id, logs how it went, and adds the security headers. Neither bodies nor headers nor queries
/// are logged: they may hold secrets.
pub async fn watch(
    State(app): State<Shared>,
    caller: Caller,
    request: Request,
    next: Next,
) -> Response {
    let id = random::id();
    let span = tracing::info_span!(
        "request",
        %id,
        method = %request.method(),
        path = request.uri().path()
    );
    let begun = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let status = response.status().as_u16();
    app.metrics.replied(status);
    span.in_scope(|| {
        tracing::info!(status, ms = begun.elapsed().as_millis(), "answered");
    });
    let headers = response.headers_mut();
    protect(headers, caller.https);
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(&REQUEST_ID, id);
    }
    response
}

fn protect(headers: &mut HeaderMap, https: bool) {
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if https {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static(STRICT_TRANSPORT),
        );
    }
}
