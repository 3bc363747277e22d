//! The health check and the metrics.

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};

use crate::{failure::Result, http::Shared};

/// `GET /api/health`: answers 200 if the database works.
///
/// # Errors
/// When the database fails.
pub async fn health(State(app): State<Shared>) -> Result<impl IntoResponse> {
    let _: i64 = sqlx::query_scalar("SELECT 1")
        .fetch_one(app.db.read())
        .await?;
    Ok(Json(
        serde_json::json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")}),
    ))
}

/// `GET /metrics`: the counters in the text format of Prometheus.
pub async fn metrics(State(app): State<Shared>) -> Response {
    let permits = [
        ("tcp", &*app.connection_permits),
        ("http", &*app.http_permits),
        ("socket", &*app.socket_permits),
    ];
    let text = app.metrics.to_text(app.hub.connections(), permits);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}
