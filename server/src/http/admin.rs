//! What an operator reads, on an address of its own: it asks for no sign-in.

use axum::{
    Router,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use tokio::net::TcpListener;

use super::Shared;
use crate::api::health;

/// Serves the metrics and the health until the server stops.
pub async fn run(app: Shared, listener: TcpListener) {
    let shutdown = app.shutdown.clone();
    let router = Router::new()
        .route("/metrics", get(metrics))
        .route("/api/health", get(health::health))
        .route("/api/ready", get(health::ready))
        .with_state(app);
    let served = axum::serve(listener, router)
        .with_graceful_shutdown(shutdown.cancelled_owned())
        .await;
    if let Err(error) = served {
        tracing::error!(%error, "serving the metrics failed");
    }
}

/// `GET /metrics`: the metrics in the text format of Prometheus.
async fn metrics(State(app): State<Shared>) -> Response {
    let text = app.metrics.to_text(&app).await;
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}
