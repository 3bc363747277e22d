//! The health of the server, for whoever watches it.

use axum::{Json, extract::State};
use serde_json::{Value, json};
use sync_protocol::ProblemCode;

use crate::{
    failure::{Failure, Result},
    http::Shared,
};

/// `GET /api/health`: answers 200 while the process works, whatever the state of its parts.
pub async fn health() -> Json<Value> {
    Json(json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")}))
}

/// `GET /api/ready`: answers 200 if the server can do its work.
///
/// # Errors
/// `unavailable`, with the reason.
pub async fn ready(State(app): State<Shared>) -> Result<Json<Value>> {
    match app.readiness.fault(&app).await {
        None => Ok(Json(json!({"status": "ready"}))),
        Some(fault) => Err(Failure::because(ProblemCode::Unavailable, fault)),
    }
}
