//! HTTP: connections, middleware and routes.

use std::{
    any::Any,
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use crate::{api, app::App, auth::origin::Scheme};
use axum::{
    Router,
    extract::FromRequestParts,
    http::{HeaderValue, Method, header, request::Parts},
    middleware,
    routing::get,
};
use tower_http::{
    catch_panic::CatchPanicLayer,
    cors::{AllowHeaders, AllowOrigin, CorsLayer},
};

pub mod accept;
pub mod admin;
pub mod embedded;
pub mod forwarded;
pub mod guard;

pub mod permits;
pub mod public_url;
pub mod range;
pub mod statics;
pub mod stream;
pub mod websocket;

use permits::Permit;

/// How long a browser may remember what another origin may do.
const PREFLIGHT_LIFE: Duration = Duration::from_secs(3600);

/// The state of the server, for handlers.
pub type Shared = Arc<App>;

/// The TCP connection of a request. It holds the permit of the connection; a websocket keeps it after its HTTP
/// request has ended.
#[derive(Clone, Debug)]
pub struct TcpInfo {
    /// The address of the other side.
    pub peer: SocketAddr,
    /// Counts the connection against the maximum.
    pub permit: Arc<Permit>,
}

/// Marks a reply that the server does not send. It aborts the TCP connection instead.
#[derive(Clone, Copy, Debug)]
pub struct AbortConnection;

/// The caller of a request.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The address of the client, behind all trusted proxies.
    pub address: IpAddr,
    /// Whether a trusted proxy has passed the request on.
    pub is_proxied: bool,
    /// The scheme that the browser uses.
    pub scheme: Scheme,
}

impl FromRequestParts<Shared> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Infallible> {
        let tcp: Option<&TcpInfo> = parts.extensions.get();
        let peer = tcp.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |tcp| tcp.peer.ip());
        let trusted = &app.config.trusted_proxies;
        let forwarded_scheme = || forwarded::scheme(peer, &parts.headers, trusted);
        let scheme = app.config.scheme().or_else(forwarded_scheme);
        Ok(Self {
            address: forwarded::client(peer, &parts.headers, trusted),
            is_proxied: forwarded::is_trusted(peer.to_canonical(), trusted),
            scheme: scheme.unwrap_or(Scheme::Http),
        })
    }
}

/// All routes of the server.
pub fn router(app: &Shared) -> Router {
    let mut calls = api::routes(app);
    if !app.config.allow_origins.is_empty() {
        calls = calls.layer(cross_origin(&app.config.allow_origins));
    }
    let guarded = Router::new()
        .nest("/api", calls)
        .route("/connection/websocket", get(websocket::upgrade))
        .layer(middleware::from_fn_with_state(
            Shared::clone(app),
            guard::check_origin,
        ));
    let routes = Router::new().merge(guarded).fallback(statics::serve);
    with_middleware(routes, app)
}

/// Puts the middleware of every request around the routes. The last layer comes first.
fn with_middleware(routes: Router<Shared>, app: &Shared) -> Router {
    let panicked = Shared::clone(app);
    routes
        .layer(middleware::from_fn(guard::check_form))
        .layer(middleware::from_fn_with_state(
            Shared::clone(app),
            guard::count,
        ))
        .layer(CatchPanicLayer::custom(move |_: Box<dyn Any + Send>| {
            guard::panicked(&panicked)
        }))
        .layer(middleware::from_fn_with_state(
            Shared::clone(app),
            guard::log,
        ))
        .with_state(Shared::clone(app))
}

/// Lets the pages of allowed origins read replies. The check of the origin comes before, and rejects all others.
fn cross_origin(origins: &[String]) -> CorsLayer {
    let origins = origins.iter();
    let origins = origins.filter_map(|origin| HeaderValue::from_str(origin).ok());
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_credentials(true)
        .allow_methods([Method::GET, Method::POST, Method::DELETE])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([header::RETRY_AFTER, header::CONTENT_DISPOSITION])
        .max_age(PREFLIGHT_LIFE)
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::Request};
    use tower::ServiceExt;

    use super::*;
    use crate::config::Config;

    #[tokio::test]
    async fn a_handler_that_panics_is_answered_and_counted() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let config = Config::new(folder.path().join("test.sqlite"));
        let app = Arc::new(App::open(config).await.expect("a server"));
        let panicking = get(async || -> &'static str { panic!("an injected fault") });
        let router = with_middleware(Router::new().route("/", panicking), &app);
        let request = Request::get("/").header("host", "shop.test");
        let request = request.body(Body::empty()).expect("a request");
        let Ok(response) = router.oneshot(request).await;
        assert_eq!(response.status(), 500);
        assert_eq!(
            response.headers()["content-type"],
            "application/problem+json"
        );
        assert!(response.headers().contains_key("x-request-id"));
        let text = app.metrics.to_text(&app).await;
        assert!(text.contains("dashboard_panics_total 1"), "{text}");
    }
}
