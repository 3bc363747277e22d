//! The middleware of every request: the origin check, the security headers and the log.

use axum::{
    body::Body,
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Version, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use sync_protocol::ProblemCode;
use tokio::time::Instant;
use tracing::Instrument;

use super::{Caller, Shared, permits::PermitBody};
use crate::{
    app::App,
    auth::origin::{self, Scheme},
    failure::Failure,
    random,
};

/// The content security policy: the page may only load and do things from its own origin. The application is
/// WebAssembly, never builds markup from text, and connects only to its own origin (CSP level 3 includes the
/// websocket).
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data:; font-src 'self'; media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; \
    worker-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; object-src 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

/// The headers of every reply.
const HEADERS: [(&str, &str); 7] = [
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
];

/// How much of a rejected origin the log shows, in bytes.
const LOGGED_ORIGIN_MAX: usize = 200;

/// The longest id of a request that the server takes from a proxy, in bytes.
const REQUEST_ID_BYTES_MAX: usize = 64;

/// Tells browsers to use only https for a year.
const STRICT_TRANSPORT: &str = "max-age=31536000";

/// The header with the id of a request, which the log shows too. Only that of a trusted proxy counts in a request.
static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Rejects requests of foreign pages.
pub async fn check_origin(
    State(app): State<Shared>,
    caller: Caller,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    if origin::is_allowed(headers, caller.scheme, &app.allowed_origins) {
        return next.run(request).await;
    }
    if app.origin_log.is_due() {
        let origin = headers.get(header::ORIGIN).map(HeaderValue::as_bytes);
        let origin = origin.unwrap_or_default();
        let origin = origin[..origin.len().min(LOGGED_ORIGIN_MAX)].escape_ascii();
        let flag = format!("--public-url {origin} or --allow-origin {origin}");
        tracing::warn!(%origin, flag, "rejected a page of this origin; the flag would allow it");
    }
    Failure::from(ProblemCode::ForbiddenOrigin).into_response()
}

/// Rejects a request that does not name its host once (RFC 9112 section 3.2), and makes a problem of each error that a
/// library has answered with a text or with nothing.
pub async fn check_form(request: Request, next: Next) -> Response {
    let hosts = request.headers().get_all(header::HOST).iter().count();
    if hosts != 1 && request.version() >= Version::HTTP_11 {
        return Failure::bad_request("the request must name one host").into_response();
    }
    let response = next.run(request).await;
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE);
    let is_text = kind.is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if !is_text || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let mut problem = Failure::of_status(status).into_response();
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.extend(problem.headers_mut().drain());
    parts
        .extensions
        .extend(std::mem::take(problem.extensions_mut()));
    Response::from_parts(parts, problem.into_body())
}

/// Counts the requests of a client behind a trusted proxy, whose connections are the proxy's.
pub async fn count(
    State(app): State<Shared>,
    caller: Caller,
    request: Request,
    next: Next,
) -> Response {
    if !caller.is_proxied {
        return next.run(request).await;
    }
    match app.http_permits.acquire(caller.address) {
        Ok(permit) => {
            let response = next.run(request).await;
            response.map(|body| Body::new(PermitBody { body, permit }))
        }
        Err(failure) => failure.into_response(),
    }
}

/// Notes how long a call takes until its answer begins.
pub async fn time(
    State(app): State<Shared>,
    path: MatchedPath,
    request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let response = next.run(request).await;
    app.metrics.called(path.as_str(), started.elapsed());
    response
}

/// Counts a panic, which the log shows already, and answers its request.
pub fn panicked(app: &App) -> Response {
    app.metrics.panics.increment(1);
    Failure::from(ProblemCode::Internal).into_response()
}

/// The id that a trusted proxy has given to a request, if it is short and plain.
fn request_id(caller: &Caller, headers: &HeaderMap) -> Option<String> {
    let id = headers.get(&REQUEST_ID)?.to_str().ok()?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let is_id = (1..=REQUEST_ID_BYTES_MAX).contains(&id.len()) && id.bytes().all(is_plain);
    (caller.is_proxied && is_id).then(|| id.to_owned())
}

/// Gives a request its id, logs its result, and adds the security headers. The log has no bodies, headers or queries,
/// because they may contain secrets.
pub async fn log(
    State(app): State<Shared>,
    caller: Caller,
    request: Request,
    next: Next,
) -> Response {
    let id = request_id(&caller, request.headers()).unwrap_or_else(random::id);
    let span = tracing::info_span!(
        "request",
        %id,
        client = %caller.address,
        // Known when the session has been read.
        user = tracing::field::Empty,
        method = %request.method(),
        path = request.uri().path()
    );
    let started = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let status = response.status().as_u16();
    app.metrics.replied(status, response.extensions().get());
    span.in_scope(|| {
        tracing::info!(
            status,
            ms = started.elapsed().as_millis() as u64,
            "answered"
        );
    });
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if caller.scheme == Scheme::Https {
        let value = HeaderValue::from_static(STRICT_TRANSPORT);
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(&REQUEST_ID, id);
    }
    response
}
