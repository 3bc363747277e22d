//! Sessions. The browser's cookie holds a random secret, and the database its hash.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderValue, header};
use dashboard_model::{
    SignIn,
    limits::{EMAIL_BYTES_MAX, PASSWORD_BYTES_MAX},
};
use sha2::{Digest, Sha256};
use sqlx::Row;
use sync_protocol::ProblemCode;

use super::origin::Scheme;
use crate::{
    app::App,
    clock::{DAY_MS, now_ms},
    db::{
        commit_builder::CommitBuilder,
        users::{self, Account},
    },
    failure::{Failure, Result},
    http::forwarded::network,
    ids::{SessionId, UserId},
    random,
};

/// How long a session lasts.
const SESSION_LIFE_MS: i64 = 30 * DAY_MS;

/// The names of the cookie over http and over https. Browsers enforce the rules of the prefix `__Host-`: no domain,
/// the path `/`, Secure.
const COOKIE: &str = "session";
const COOKIE_SECURE: &str = "__Host-session";

/// A session and its account.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The account that is signed in.
    pub account: Account,
    /// The id of the session.
    pub session_id: SessionId,
    /// When the session expires, in milliseconds since 1970.
    pub expires_ms: i64,
}

/// Checks email and password, starts a session and returns it with the secret for the cookie.
///
/// # Errors
/// `invalid_credentials`, or `rate_limited` after ten failed attempts in a minute.
pub async fn sign_in(app: &App, request: SignIn, address: IpAddr) -> Result<(SignedIn, String)> {
    if request.email.len() > EMAIL_BYTES_MAX || request.password.len() > PASSWORD_BYTES_MAX {
        return Err(ProblemCode::InvalidCredentials.into());
    }
    let key = (request.email.to_lowercase(), network(address));
    app.sign_in_attempts
        .begin(&key)
        .map_err(Failure::rate_limited)?;
    let account = check(app, request).await?;
    app.sign_in_attempts.forgive(&key);
    begin(app, account).await
}

async fn check(app: &App, request: SignIn) -> Result<Account> {
    let found = users::by_email(app.db.read(), &request.email).await?;
    let (account, hash) = found.unzip();
    let verified = app.passwords.verify(request.password, hash).await?;
    account
        .filter(|_| verified)
        .ok_or_else(|| ProblemCode::InvalidCredentials.into())
}

/// Starts a session for a user, in a commit of its own (`signed_in`).
async fn begin(app: &App, account: Account) -> Result<(SignedIn, String)> {
    let secret = random::secret();
    let now_ms = now_ms();
    let signed_in = SignedIn {
        session_id: SessionId::from(random::id()),
        expires_ms: now_ms + SESSION_LIFE_MS,
        account,
    };
    let mut tx = app.db.begin_write().await?;
    sqlx::query(
        "INSERT INTO sessions (token_hash, id, person_id, created_ms, expires_ms) VALUES (?, ?, ?, ?, ?)",
    )
    .bind(hash(&secret))
    .bind(signed_in.session_id.as_str())
    .bind(signed_in.account.id.as_str())
    .bind(now_ms)
    .bind(signed_in.expires_ms)
    .execute(&mut *tx)
    .await?;
    let user_id = &signed_in.account.id;
    let mut builder = CommitBuilder::begin(&mut tx, &app.epoch, user_id, now_ms).await?;
    builder.log_sign_in().await?;
    builder.finish().await?;
    tx.commit().await?;
    app.committed.notify_one();
    Ok((signed_in, secret))
}

/// Finds the session of a request.
///
/// # Errors
/// `unauthenticated` if there is none, or it has ended.
pub async fn of_request(app: &App, headers: &HeaderMap) -> Result<SignedIn> {
    let secret = cookie(headers).ok_or(ProblemCode::Unauthenticated)?;
    let row = sqlx::query(
        "SELECT sessions.id AS session_id, expires_ms, people.id, email, name, demo FROM sessions \
         JOIN people ON people.id = person_id WHERE token_hash = ? AND expires_ms > ?",
    )
    .bind(hash(secret))
    .bind(now_ms())
    .fetch_optional(app.db.read())
    .await?
    .ok_or(ProblemCode::Unauthenticated)?;
    Ok(SignedIn {
        session_id: SessionId::from(row.try_get::<String, _>("session_id")?),
        expires_ms: row.try_get("expires_ms")?,
        account: users::account(&row)?,
    })
}

/// Whether a session of a user has not ended.
///
/// # Errors
/// When the database fails.
pub async fn is_alive(app: &App, session_id: &SessionId, user_id: &UserId) -> Result<bool> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM sessions WHERE id = ? AND person_id = ? AND expires_ms > ?)",
    )
    .bind(session_id.as_str())
    .bind(user_id.as_str())
    .bind(now_ms())
    .fetch_one(app.db.read())
    .await?)
}

/// Ends a session. The server rejects its cookie and its tokens from now on.
///
/// # Errors
/// When the database fails.
pub async fn end(app: &App, session_id: &SessionId) -> Result<()> {
    let mut tx = app.db.begin_write().await?;
    sqlx::query("DELETE FROM sessions WHERE id = ?")
        .bind(session_id.as_str())
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(())
}

/// The value of the header that sets the cookie, or deletes it (`None`).
#[must_use]
pub fn set_cookie(secret: Option<&str>, scheme: Scheme) -> HeaderValue {
    let (name, secure) = match scheme {
        Scheme::Http => (COOKIE, ""),
        Scheme::Https => (COOKIE_SECURE, "; Secure"),
    };
    let lifetime = secret.map_or(0, |_| SESSION_LIFE_MS / 1000);
    let secret = secret.unwrap_or_default();
    let text =
        format!("{name}={secret}; Path=/; Max-Age={lifetime}; HttpOnly; SameSite=Strict{secure}");
    // Name and secret are letters, digits, `-` and `_`.
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let find = |wanted: &str| {
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(name, value)| (name == wanted).then_some(value))
    };
    find(COOKIE_SECURE).or_else(|| find(COOKIE))
}

fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_http_only_and_same_site() {
        let plain = set_cookie(Some("abc"), Scheme::Http);
        assert_eq!(
            plain.to_str().expect("text"),
            "session=abc; Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict"
        );
        let secure = set_cookie(None, Scheme::Https);
        assert_eq!(
            secure.to_str().expect("text"),
            "__Host-session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure"
        );
    }

    #[test]
    fn the_session_is_found_among_other_cookies() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; xsession=2"));
        assert_eq!(cookie(&headers), None);
        headers.append(header::COOKIE, HeaderValue::from_static("session=s; b=2"));
        assert_eq!(cookie(&headers), Some("s"));
    }
}
