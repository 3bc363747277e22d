//! The HTTP side: connections, what every request goes through, and where it is led.

use std::{convert::Infallible, net::SocketAddr, sync::Arc};

use axum::{
    Router,
    extract::FromRequestParts,
    http::{HeaderMap, request::Parts},
    middleware,
    routing::get,
};
use tokio::sync::OwnedSemaphorePermit;

use crate::{api, app::App};

pub mod accept;
pub mod guard;
pub mod range;
pub mod statics;
pub mod websocket;

/// The running server, as handlers get it.
pub type Shared = Arc<App>;

/// Which TCP connection a request came by. It holds the connection's place among those allowed, for as long as
/// anybody holds it: a websocket keeps it after its HTTP request has ended.
#[derive(Clone, Debug)]
pub struct TcpInfo {
    /// The other side.
    pub peer: SocketAddr,
    /// The place.
    pub place: Arc<OwnedSemaphorePermit>,
}

/// Marks a reply that is not to be sent: the TCP connection is cut in its place.
#[derive(Clone, Copy, Debug)]
pub struct AbortConnection;

/// Where a request comes from, as far as it can be told.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The address that rate limits go by.
    pub address: String,
    /// Whether the browser speaks https.
    pub https: bool,
}

impl Caller {
    fn new(app: &App, headers: &HeaderMap, line: Option<&TcpInfo>) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        // The last entry is the one that the nearest proxy wrote.
        let forwarded = text("x-forwarded-for")
            .filter(|_| app.config.trust_proxy)
            .and_then(|list| list.rsplit(',').next())
            .map(|address| address.trim().to_owned());
        let peer = || line.map_or_else(String::new, |line| line.peer.ip().to_string());
        Self {
            address: forwarded.unwrap_or_else(peer),
            https: app.config.https || text("x-forwarded-proto") == Some("https"),
        }
    }
}

impl FromRequestParts<Shared> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Infallible> {
        Ok(Self::new(app, &parts.headers, parts.extensions.get()))
    }
}

/// All that the server answers.
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
            guard::watch,
        ))
        .with_state(Shared::clone(app))
}
