//! Tokens for the realtime connection.

use axum::extract::State;
use dashboard_protocol::{Timestamp, Token};

use super::reply::Json;
use crate::{auth::session::SignedIn, clock::now_ms, failure::Failure, http::Shared, work};

/// `GET /api/realtime/token`: a token for `connect`.
///
/// # Errors
/// `unauthenticated`.
pub async fn issue(State(app): State<Shared>, signed_in: SignedIn) -> Result<Json<Token>, Failure> {
    let user_id = &signed_in.account.user.id;
    work::begin_day(&app, user_id).await?;
    let (token, expires_ms) = app.tokens.issue(
        user_id,
        &signed_in.session_id,
        signed_in.expires_ms,
        now_ms(),
    );
    Ok(Json(Token {
        token,
        expires_at: Timestamp::from_unix_ms(expires_ms),
        url: None,
    }))
}
