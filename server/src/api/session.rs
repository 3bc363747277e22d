//! Signing in and out, and tokens for the realtime connection.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{AppendHeaders, IntoResponse, Response},
};
use dashboard_model::SignIn;
use sync_protocol::{Session, Timestamp, Token, User};

use super::extract::{Body, Uncharged};
use crate::{
    auth::{
        cookie,
        session::{self, SignedIn},
    },
    clock::now_ms,
    failure::{Failure, Result},
    http::{Caller, Shared},
    work,
};

/// The maximum size of the body of a sign-in, in bytes.
const SIGN_IN_BYTES_MAX: usize = 4 * 1024;

/// `GET /api/session`: the session of the caller.
///
/// # Errors
/// `unauthenticated` if the caller has none: it then loses the cookie that says so.
pub async fn read(caller: Caller, signed_in: Result<Uncharged, Failure>) -> Response {
    match signed_in {
        Ok(Uncharged(signed_in)) => Json(session_of(signed_in)).into_response(),
        Err(failure) => {
            let mut reply = failure.into_response();
            if reply.status() == StatusCode::UNAUTHORIZED {
                let cookie = cookie::SIGNED_IN.set(None, caller.scheme);
                reply.headers_mut().append(header::SET_COOKIE, cookie);
            }
            reply
        }
    }
}

/// `POST /api/session`: signs in, and ends the session that the browser had.
///
/// # Errors
/// `invalid_credentials`, `rate_limited` or `unavailable`.
pub async fn sign_in(
    State(app): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
    Body(body): Body<SignIn, SIGN_IN_BYTES_MAX>,
) -> Result<Response> {
    let started = session::sign_in(&app, body, &caller, &headers).await?;
    if let Ok(earlier) = session::of_request(&app, &headers, caller.scheme).await {
        // Its cookie is replaced in any case.
        let again = session::SIGNED_IN_AGAIN;
        let ended = session::end(&app, &earlier.session_id, again, "signed in again");
        if let Err(failure) = ended.await {
            tracing::warn!(%failure, "the earlier session of a browser goes on");
        }
    }
    let cookies = AppendHeaders(
        [
            (cookie::SESSION, started.secret.as_str()),
            (cookie::DEVICE, started.device.as_str()),
            (cookie::SIGNED_IN, "1"),
        ]
        .map(|(cookie, value)| (header::SET_COOKIE, cookie.set(Some(value), caller.scheme))),
    );
    let reply = Json(session_of(started.signed_in));
    Ok((cookies, reply).into_response())
}

/// `DELETE /api/session`: signs out. The server closes the sockets of the session and rejects its tokens.
///
/// # Errors
/// `unauthenticated` if the caller has no session.
pub async fn sign_out(
    State(app): State<Shared>,
    caller: Caller,
    Uncharged(signed_in): Uncharged,
) -> Result<Response> {
    let session_id = &signed_in.session_id;
    session::end(&app, session_id, session::SIGNED_OUT, "signed out").await?;
    let cookies = [cookie::SESSION, cookie::SIGNED_IN]
        .map(|cookie| (header::SET_COOKIE, cookie.set(None, caller.scheme)));
    Ok((StatusCode::NO_CONTENT, AppendHeaders(cookies)).into_response())
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
