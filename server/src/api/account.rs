//! What users do with their own account: their sessions and their password.

use std::fmt;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use sync_protocol::{ProblemCode, Timestamp};

use super::extract::Body;
use crate::{
    accounts::SESSIONS_LISTED_MAX,
    auth::{
        password,
        session::{self, SignedIn},
    },
    clock::now_ms,
    failure::{Failure, Result},
    http::{Caller, Shared},
    ids::SessionId,
};

/// The maximum size of the body of a change of the password, in bytes. A password has at most 1024, and JSON may need
/// six for one.
const PASSWORD_CHANGE_BYTES_MAX: usize = 16 * 1024;

/// The sessions of a user, newest first.
#[derive(Debug, Serialize)]
pub struct Sessions {
    sessions: Vec<SessionInfo>,
}

#[derive(Debug, Serialize)]
struct SessionInfo {
    id: String,
    created_at: Timestamp,
    expires_at: Timestamp,
    /// Whether it is the session of the caller.
    current: bool,
}

/// `GET /api/sessions`: the newest hundred sessions of the caller.
///
/// # Errors
/// `unauthenticated`.
pub async fn sessions(State(app): State<Shared>, signed_in: SignedIn) -> Result<Json<Sessions>> {
    let query = "SELECT id, created_ms, expires_ms FROM sessions \
        WHERE person_id = ? AND expires_ms > ? ORDER BY created_ms DESC LIMIT ?";
    let sessions: Vec<(String, i64, i64)> = sqlx::query_as(query)
        .bind(signed_in.account.id.as_str())
        .bind(now_ms())
        .bind(SESSIONS_LISTED_MAX)
        .fetch_all(app.db.read())
        .await?;
    let sessions = sessions
        .into_iter()
        .map(|(id, created_ms, expires_ms)| SessionInfo {
            current: id == signed_in.session_id.as_str(),
            created_at: Timestamp::from_unix_ms(created_ms),
            expires_at: Timestamp::from_unix_ms(expires_ms),
            id,
        });
    Ok(Json(Sessions {
        sessions: sessions.collect(),
    }))
}

/// `DELETE /api/sessions/{id}`: ends a session of the caller, with its sockets.
///
/// # Errors
/// `unauthenticated`, or `not_found` if the caller has no such session.
pub async fn end_session(
    State(app): State<Shared>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    let id = SessionId::from(id);
    if !session::is_alive(&app, &id, &signed_in.account.id).await? {
        return Err(ProblemCode::NotFound.into());
    }
    let why = "session ended by its user";
    session::end(&app, &id, session::SIGNED_OUT, why).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The body of `POST /api/password`.
#[derive(Deserialize)]
pub struct PasswordChange {
    current: String,
    new: String,
}

impl fmt::Debug for PasswordChange {
    /// Omits the passwords, so that no log can show them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordChange").finish_non_exhaustive()
    }
}

/// `POST /api/password`: changes the password, and ends the other sessions of the user. A wrong password counts as a
/// failed sign-in.
///
/// # Errors
/// `unauthenticated`, `bad_request` if the new password is invalid, `invalid_credentials` with the status 403 if the
/// current one is wrong, `rate_limited` or `unavailable`.
pub async fn change_password(
    State(app): State<Shared>,
    caller: Caller,
    signed_in: SignedIn,
    Body(change): Body<PasswordChange, PASSWORD_CHANGE_BYTES_MAX>,
) -> Result<StatusCode> {
    password::check_new(&change.new).map_err(Failure::bad_request)?;
    if !session::verify_password(&app, &signed_in.account, change.current, &caller).await? {
        return Err(Failure::with_status(
            ProblemCode::InvalidCredentials,
            StatusCode::FORBIDDEN,
        ));
    }
    let hash = app.passwords.hash(change.new).await?;
    session::change_password(&app, signed_in, hash).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_shows_in_debug_output() {
        let change = r#"{"current": "secret-1", "new": "secret-2"}"#;
        let change: PasswordChange = serde_json::from_str(change).expect("a change");
        assert_eq!(format!("{change:?}"), "PasswordChange { .. }");
    }
}
