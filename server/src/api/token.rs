//! Tokens for the realtime connection.

use axum::{Json, extract::State};
use sync_protocol::Token;

use crate::{auth::session::SignedIn, clock::now_ms, failure::Result, http::Shared, work};

/// `GET /api/realtime/token`: a token for `connect`.
///
/// # Errors
/// `unauthenticated`.
pub async fn issue(State(app): State<Shared>, signed_in: SignedIn) -> Result<Json<Token>> {
    work::begin_day(&app, &signed_in.account.id).await?;
    Ok(Json(app.tokens.issue(
        &signed_in.account.id,
        &signed_in.session_id,
        signed_in.expires_ms,
        now_ms(),
    )))
}
