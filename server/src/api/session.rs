//! Signing in and out, and tokens for the realtime connection.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use dashboard_model::SignIn;
use sync_protocol::{Session, Timestamp, Token, User, centrifugo::close_code};

use super::extract::Body;
use crate::{
    auth::session::{self, SignedIn},
    clock::now_ms,
    failure::Result,
    http::{Caller, Shared},
    realtime::client_sender::End,
    work,
};

/// `GET /api/session`: the session of the caller.
pub async fn read(signed_in: SignedIn) -> Json<Session> {
    Json(session_of(signed_in))
}

/// `POST /api/session`: signs in.
///
/// # Errors
/// `invalid_credentials` or `rate_limited`.
pub async fn sign_in(
    State(app): State<Shared>,
    caller: Caller,
    Body(body): Body<SignIn>,
) -> Result<Response> {
    let (signed_in, secret) = session::sign_in(&app, body, caller.address).await?;
    let cookie = session::set_cookie(Some(&secret), caller.scheme);
    let reply = Json(session_of(signed_in));
    Ok(([(header::SET_COOKIE, cookie)], reply).into_response())
}

/// `DELETE /api/session`: signs out. The server closes the sockets of the session and rejects its tokens.
///
/// # Errors
/// `unauthenticated` if the caller has no session.
pub async fn sign_out(
    State(app): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Response> {
    let signed_in = session::of_request(&app, &headers).await?;
    session::end(&app, &signed_in.session_id).await?;
    let end = End::Close(close_code::FORCE_DISCONNECT, "signed out");
    app.hub.end_session(&signed_in.session_id, end);
    let cookie = session::set_cookie(None, caller.scheme);
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

/// `GET /api/realtime/token`: a token for `connect`.
///
/// # Errors
/// `unauthenticated`.
pub async fn token(State(app): State<Shared>, signed_in: SignedIn) -> Result<Json<Token>> {
    work::begin_day(&app, &signed_in.account.id).await?;
    Ok(Json(app.tokens.issue(
        &signed_in.account.id,
        &signed_in.session_id,
        signed_in.expires_ms,
        now_ms(),
    )))
}

fn session_of(signed_in: SignedIn) -> Session {
    Session {
        expires_at: Timestamp::from_unix_ms(signed_in.expires_ms),
        user: User {
            id: signed_in.account.id.as_str().to_owned(),
            email: signed_in.account.email,
            name: signed_in.account.name,
        },
    }
}
