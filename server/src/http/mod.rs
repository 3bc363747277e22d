//! HTTP: connections, middleware and routes.

use std::{convert::Infallible, net::SocketAddr, sync::Arc};

use axum::{Router, extract::FromRequestParts, http::request::Parts, middleware, routing::get};
use tokio::sync::OwnedSemaphorePermit;

use crate::{api, app::App, auth::origin::Scheme};

pub mod accept;
pub mod guard;
pub mod range;
pub mod statics;
pub mod websocket;

/// The state of the server, for handlers.
pub type Shared = Arc<App>;

/// The TCP connection of a request. It holds the permit of the connection; a websocket keeps it after its HTTP
/// request has ended.
#[derive(Clone, Debug)]
pub struct TcpInfo {
    /// The address of the other side.
    pub peer: SocketAddr,
    /// Counts the connection against the maximum.
    pub permit: Arc<OwnedSemaphorePermit>,
}

/// Marks a reply that the server does not send. It aborts the TCP connection instead.
#[derive(Clone, Copy, Debug)]
pub struct AbortConnection;

/// The caller of a request.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The address for rate limits.
    pub address: String,
    /// The scheme that the browser uses.
    pub scheme: Scheme,
}

impl FromRequestParts<Shared> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Infallible> {
        let text = |name: &str| {
            parts
                .headers
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        // The nearest proxy has written the last entry.
        let forwarded = text("x-forwarded-for")
            .filter(|_| app.config.trust_proxy)
            .and_then(|list| list.rsplit(',').next())
            .map(|address| address.trim().to_owned());
        let tcp: Option<&TcpInfo> = parts.extensions.get();
        let peer = || tcp.map_or_else(String::new, |tcp| tcp.peer.ip().to_string());
        let is_https = app.config.https || text("x-forwarded-proto") == Some("https");
        Ok(Self {
            address: forwarded.unwrap_or_else(peer),
            scheme: if is_https {
                Scheme::Https
            } else {
                Scheme::Http
            },
        })
    }
}

/// All routes of the server.
pub fn router(app: &Shared) -> Router {
    let guarded = Router::new()
        .nest("/api", api::routes(app))
        .route("/connection/websocket", get(websocket::upgrade))
        .layer(middleware::from_fn_with_state(
            Shared::clone(app),
            guard::check_origin,
        ));
    Router::new()
        .merge(guarded)
        .route("/metrics", get(api::health::metrics))
        .fallback(statics::serve)
        .layer(middleware::from_fn_with_state(
            Shared::clone(app),
            guard::log,
        ))
        .with_state(Shared::clone(app))
}
