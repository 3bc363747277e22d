//! Sessions: a random secret in the browser's cookie, its hash in the database.

use axum::http::{HeaderMap, HeaderValue, header};
use dashboard_protocol::{ActivityKind, ProblemCode, SignIn, limits};
use sha2::{Digest, Sha256};
use sqlx::{Row, SqliteConnection};

use super::password::Passwords;
use crate::{
    app::App,
    clock::{DAY_MS, now_ms},
    db::{
        commit_builder::{CommitBuilder, Note},
        users::{self, Account},
    },
    failure::Failure,
    random,
};

/// How long a session lasts.
const SESSION_LIFE_MS: i64 = 30 * DAY_MS;

/// The cookie over plain http, and over https with the prefix that browsers guard (no domain, path `/`, Secure).
const COOKIE: &str = "session";
const COOKIE_SECURE: &str = "__Host-session";

/// A session, and whose it is.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who is signed in.
    pub account: Account,
    /// The sign-in's public name.
    pub session_id: String,
    /// When it ends by itself, in milliseconds since 1970.
    pub expires_ms: i64,
}

/// Checks email and password, begins a session and returns it with the cookie's secret.
///
/// # Errors
/// `invalid_credentials`, or `rate_limited` after ten failed tries in a minute.
pub async fn sign_in(
    app: &App,
    request: SignIn,
    address: &str,
) -> Result<(SignedIn, String), Failure> {
    if request.email.len() > limits::EMAIL_BYTES_MAX
        || request.password.len() > limits::PASSWORD_BYTES_MAX
    {
        return Err(ProblemCode::InvalidCredentials.into());
    }
    let key = (request.email.to_lowercase(), address.to_owned());
    app.sign_in_attempts
        .begin(&key)
        .map_err(|wait| Failure::until(ProblemCode::RateLimited, whole_ms(wait)))?;
    let account = check(&app.db, &app.passwords, request).await?;
    app.sign_in_attempts.forgive(&key);
    begin(app, account).await
}

async fn check(db: &crate::db::Db, passwords: &Passwords, request: SignIn) -> Result<Account, Failure> {
    let found = {
        let mut conn = db.read().acquire().await?;
        users::by_email(&mut conn, &request.email).await?
    };
    let (account, hash) = found.unzip();
    let fits = passwords.fits(request.password, hash).await?;
    account
        .filter(|_| fits)
        .ok_or_else(|| ProblemCode::InvalidCredentials.into())
}

/// Begins a session for a user; that is a commit of its own (`signed_in`).
async fn begin(app: &App, account: Account) -> Result<(SignedIn, String), Failure> {
    let secret = random::secret();
    let now_ms = now_ms();
    let signed_in = SignedIn {
        session_id: random::id(),
        expires_ms: now_ms + SESSION_LIFE_MS,
        account,
    };
    let mut tx = app.db.begin_write().await?;
    sqlx::query(
        "INSERT INTO sessions (token_hash, id, person_id, created_ms, expires_ms) VALUES (?, ?, ?, ?, ?)",
    )
    .bind(hash(&secret))
    .bind(&signed_in.session_id)
    .bind(&signed_in.account.user.id)
    .bind(now_ms)
    .bind(signed_in.expires_ms)
    .execute(&mut *tx)
    .await?;
    let mut builder = CommitBuilder::begin(&mut tx, &app.epoch, &signed_in.account.user.id, now_ms).await?;
    builder.log(Note::of(ActivityKind::SignedIn, None)).await?;
    builder.finish().await?;
    tx.commit().await?;
    app.publisher.wake();
    Ok((signed_in, secret))
}

/// The session of a request.
///
/// # Errors
/// `unauthenticated` if there is none, or it has ended.
pub async fn of_request(app: &App, headers: &HeaderMap) -> Result<SignedIn, Failure> {
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
        session_id: row.try_get("session_id")?,
        expires_ms: row.try_get("expires_ms")?,
        account: users::account(&row)?,
    })
}

/// Whether a sign-in of a user still lasts.
///
/// # Errors
/// When the database fails.
pub async fn is_alive(app: &App, session_id: &str, user_id: &str) -> Result<bool, Failure> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM sessions WHERE id = ? AND person_id = ? AND expires_ms > ?)",
    )
    .bind(session_id)
    .bind(user_id)
    .bind(now_ms())
    .fetch_one(app.db.read())
    .await?)
}

/// Ends a session: from now on neither its cookie nor its tokens are accepted.
///
/// # Errors
/// When the database fails.
pub async fn end(app: &App, session_id: &str) -> Result<(), Failure> {
    let mut tx = app.db.begin_write().await?;
    sqlx::query("DELETE FROM sessions WHERE id = ?")
        .bind(session_id)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Forgets sessions that have ended by themselves.
///
/// # Errors
/// When the database fails.
pub async fn forget_old(conn: &mut SqliteConnection, now_ms: i64) -> Result<(), Failure> {
    sqlx::query("DELETE FROM sessions WHERE expires_ms <= ?")
        .bind(now_ms)
        .execute(conn)
        .await?;
    Ok(())
}

/// The header that gives a browser its session, or takes it away (`None`).
#[must_use]
pub fn set_cookie(secret: Option<&str>, secure: bool) -> HeaderValue {
    let name = if secure { COOKIE_SECURE } else { COOKIE };
    let lifetime = secret.map_or(0, |_| SESSION_LIFE_MS / 1000);
    let secure = if secure { "; Secure" } else { "" };
    let secret = secret.unwrap_or_default();
    let text =
        format!("{name}={secret}; Path=/; Max-Age={lifetime}; HttpOnly; SameSite=Strict{secure}");
    // Name and secret are letters, digits, `-` and `_`.
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let of = |wanted: &str| {
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(name, value)| (name == wanted).then_some(value))
    };
    of(COOKIE_SECURE).or_else(|| of(COOKIE))
}

fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// Milliseconds, rounded up, so that coming back then is not too early.
#[must_use]
pub fn whole_ms(wait: std::time::Duration) -> u64 {
    u64::try_from(wait.as_micros().div_ceil(1000)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_cannot_be_read_by_scripts_nor_sent_by_foreign_pages() {
        let plain = set_cookie(Some("abc"), false);
        assert_eq!(
            plain.to_str().expect("text"),
            "session=abc; Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict"
        );
        let secure = set_cookie(None, true);
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
