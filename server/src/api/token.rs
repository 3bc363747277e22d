//! Tokens for the realtime connection.

use axum::extract::State;
use sync_protocol::{Timestamp, Token};

use super::reply::Json;
use crate::{auth::session::SignedIn, clock::now_ms, failure::Failure, http::Shared, work};

/// `GET /api/realtime/token`: a token for `connect`.
///
/// # Errors
/// `unauthenticated`.
pub async fn issue(State(app): State<Shared>, signed_in: SignedIn) -> Result<Json<Token>, Failure> {
    work::begin_day(&app, &signed_in.account.id).await?;
    let issued = app.tokens.issue(
        &signed_in.account.id,
        &signed_in.session_id,
        signed_in.expires_ms,
        now_ms(),
    );
    Ok(Json(Token {
        token: issued.token,
        expires_at: Timestamp::from_unix_ms(issued.expires_ms),
        url: None,
    }))
}
