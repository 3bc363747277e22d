//! Sessions. The browser's cookie holds a random secret, and the database its hash.

use std::sync::Arc;

use axum::http::HeaderMap;
use dashboard_model::{
    SignIn,
    limits::{EMAIL_BYTES_MAX, PASSWORD_BYTES_MAX},
};
use sha2::{Digest, Sha256};
use sqlx::Row;
use sync_protocol::{ProblemCode, centrifugo::close_code};

use super::{
    attempts::Attempt,
    cookie,
    origin::Scheme,
    session_cache::{Cached, SecretHash},
};
use crate::{
    app::App,
    clock::now_ms,
    db::{
        commit_builder::CommitBuilder,
        users::{self, Account},
    },
    failure::Result,
    http::{Caller, forwarded::network},
    ids::{SessionId, UserId},
    logging::AUDIT,
    random,
    realtime::client_sender::End,
    work,
};

/// How the sockets of a session end when its user signs out.
pub const SIGNED_OUT: End = End::Close(close_code::FORCE_DISCONNECT, "signed out");

/// How they end when its browser signs in again: the user's other tabs connect again with the new cookie.
pub const SIGNED_IN_AGAIN: End = End::Close(close_code::EXPIRED, "signed in again");

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

/// The result of a sign-in.
#[derive(Debug)]
pub struct Started {
    /// The session.
    pub signed_in: SignedIn,
    /// The secret for the cookie of the session.
    pub secret: String,
    /// The device token for the cookie of the device.
    pub device: String,
}

/// Checks email and password, and starts a session. The attempt is in the log, also if the caller leaves before its end.
///
/// # Errors
/// `invalid_credentials`, `rate_limited` after too many failed attempts, or `unavailable` when too many sign in.
pub async fn sign_in(
    app: &Arc<App>,
    request: SignIn,
    caller: &Caller,
    headers: &HeaderMap,
) -> Result<Started> {
    let email = request.email.to_lowercase();
    let device = cookie::DEVICE
        .values(headers, caller.scheme)
        .find(|token| app.tokens.verify_device(&email, token))
        .map(str::to_owned);
    let attempt = Attempt {
        network: network(caller.address),
        account: email,
        device,
    };
    let signing_in = Arc::clone(app);
    work::to_its_end(app, async move {
        let account: String = request.email.chars().take(EMAIL_BYTES_MAX).collect();
        let started = start(&signing_in, attempt, request).await;
        match &started {
            Ok(Started { signed_in, .. }) => {
                let (user, session) = (&signed_in.account.id, &signed_in.session_id);
                tracing::info!(target: AUDIT, account, user = user.as_str(), session = session.as_str(), "signed in");
            }
            Err(failure) => {
                tracing::warn!(target: AUDIT, account, %failure, "rejected a sign-in");
            }
        }
        started
    })
    .await
}

async fn start(app: &App, attempt: Attempt, request: SignIn) -> Result<Started> {
    if request.email.len() > EMAIL_BYTES_MAX || request.password.len() > PASSWORD_BYTES_MAX {
        return Err(ProblemCode::InvalidCredentials.into());
    }
    let checked = attempt_with(app, &attempt, request).await?;
    let account = checked.ok_or(ProblemCode::InvalidCredentials)?;
    let device = attempt.device;
    let device = device.unwrap_or_else(|| app.tokens.issue_device(&attempt.account));
    let (signed_in, secret) = begin(app, account).await?;
    Ok(Started {
        signed_in,
        secret,
        device,
    })
}

/// Whether a password is that of a signed-in user. A wrong one counts as a failed sign-in, and is in the log, also if
/// the caller leaves before the answer.
///
/// # Errors
/// `rate_limited` or `unavailable`, as of [`sign_in`].
pub async fn verify_password(
    app: &Arc<App>,
    account: &Account,
    password: String,
    caller: &Caller,
) -> Result<bool> {
    let email = account.email.clone();
    let attempt = Attempt {
        account: email.clone(),
        network: network(caller.address),
        device: None,
    };
    let verifying = Arc::clone(app);
    work::to_its_end(app, async move {
        let is_right = password.len() <= PASSWORD_BYTES_MAX
            && attempt_with(&verifying, &attempt, SignIn { email, password })
                .await?
                .is_some();
        if !is_right {
            tracing::warn!(target: AUDIT, "rejected a change of the password");
        }
        Ok(is_right)
    })
    .await
}

/// Checks a password within the budgets of failed attempts.
async fn attempt_with(app: &App, attempt: &Attempt, request: SignIn) -> Result<Option<Account>> {
    let charge = app.sign_in_attempts.begin(attempt).await?;
    let checked = check(app, request).await;
    if matches!(checked, Ok(None)) {
        charge.keep();
    }
    checked
}

/// The account, if the password is right.
async fn check(app: &App, request: SignIn) -> Result<Option<Account>> {
    let found = users::by_email(app.db.read(), &request.email).await?;
    let (account, hash) = found.unzip();
    let verified = app.passwords.verify(request.password, hash).await?;
    Ok(account
        .filter(|account| verified && !account.disabled && (app.config.demo || !account.demo)))
}

/// Starts a session for a user, in a commit of its own (`signed_in`).
async fn begin(app: &App, account: Account) -> Result<(SignedIn, String)> {
    let secret = random::secret();
    let now_ms = now_ms();
    let signed_in = SignedIn {
        session_id: SessionId::from(random::id()),
        expires_ms: now_ms + cookie::SESSION.life_ms,
        account,
    };
    let (token_hash, epoch) = (hash(&secret), app.epoch.clone());
    Ok((app.db.write(move |conn| Box::pin(async move {
            let user_id = &signed_in.account.id;
            sqlx::query(
                "INSERT INTO sessions (token_hash, id, person_id, created_ms, expires_ms) VALUES (?, ?, ?, ?, ?)",
            )
            .bind(token_hash.as_slice())
            .bind(signed_in.session_id.as_str())
            .bind(user_id.as_str())
            .bind(now_ms)
            .bind(signed_in.expires_ms)
            .execute(&mut *conn)
            .await?;
            let mut builder = CommitBuilder::begin(conn, &epoch, user_id, now_ms).await?;
            builder.log_sign_in().await?;
            builder.finish().await?;
            Ok(signed_in)
        })).await?, secret))
}

/// Finds the session of a request. A browser may send several cookies of the name, of which one is ours.
///
/// # Errors
/// `unauthenticated` if there is none, or it has ended.
pub async fn of_request(app: &App, headers: &HeaderMap, scheme: Scheme) -> Result<SignedIn> {
    for secret in cookie::SESSION.values(headers, scheme) {
        let secret = hash(secret);
        let ticket = match app.sessions.get(&secret, now_ms()) {
            Cached::Valid(signed_in) => return Ok(signed_in),
            Cached::Unknown(ticket) => ticket,
        };
        if let Some(signed_in) = find(app, &secret).await? {
            app.sessions.put(&ticket, secret, signed_in.clone());
            return Ok(signed_in);
        }
    }
    Err(ProblemCode::Unauthenticated.into())
}

/// Finds the session of a cookie. A demo account has none without the demonstration.
async fn find(app: &App, secret: &SecretHash) -> Result<Option<SignedIn>> {
    let row = sqlx::query(
        "SELECT sessions.id AS session_id, expires_ms, people.id, email, name, demo, disabled FROM sessions \
         JOIN people ON people.id = person_id \
         WHERE token_hash = ? AND expires_ms > ? AND demo <= ? AND NOT disabled",
    )
    .bind(secret.as_slice())
    .bind(now_ms())
    .bind(app.config.demo)
    .fetch_optional(app.db.read())
    .await?;
    row.map(|row| {
        Ok(SignedIn {
            session_id: SessionId::from(row.try_get::<String, _>("session_id")?),
            expires_ms: row.try_get("expires_ms")?,
            account: users::account(&row)?,
        })
    })
    .transpose()
}

/// Whether a session of a user has not ended.
///
/// # Errors
/// When the database fails.
pub async fn is_alive(app: &App, session_id: &SessionId, user_id: &UserId) -> Result<bool> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM sessions JOIN people ON people.id = person_id \
         WHERE sessions.id = ? AND person_id = ? AND expires_ms > ? AND demo <= ? AND NOT disabled)",
    )
    .bind(session_id.as_str())
    .bind(user_id.as_str())
    .bind(now_ms())
    .bind(app.config.demo)
    .fetch_one(app.db.read())
    .await?)
}

/// Ends a session: closes its sockets, and rejects its cookie and its tokens from now on. The log says `why`. All of this
/// happens also if the caller leaves during the commit.
///
/// # Errors
/// When the database fails.
pub async fn end(
    app: &Arc<App>,
    session_id: &SessionId,
    end: End,
    why: &'static str,
) -> Result<()> {
    let (ending, session_id) = (Arc::clone(app), session_id.clone());
    work::to_its_end(app, async move {
        let id = session_id.clone();
        let delete = ending.db.write(move |conn| {
            Box::pin(async move {
                sqlx::query("DELETE FROM sessions WHERE id = ?")
                    .bind(id.as_str())
                    .execute(conn)
                    .await?;
                Ok(())
            })
        });
        delete.await?;
        ending.sessions.clear();
        tracing::info!(target: AUDIT, session = session_id.as_str(), "{why}");
        ending.hub.end_session(&session_id, end);
        Ok(())
    })
    .await
}

/// Sets the password of a user, and ends the other sessions of the user as [`end`] does, also if the caller leaves.
///
/// # Errors
/// When the database fails.
pub async fn change_password(app: &Arc<App>, signed_in: SignedIn, hash: String) -> Result<()> {
    let changing = Arc::clone(app);
    work::to_its_end(app, async move {
        let write = changing.db.write(move |conn| {
            Box::pin(async move {
                let user_id = signed_in.account.id.as_str();
                sqlx::query("UPDATE people SET password_hash = ? WHERE id = ?")
                    .bind(hash)
                    .bind(user_id)
                    .execute(&mut *conn)
                    .await?;
                let query = "DELETE FROM sessions WHERE person_id = ? AND id <> ? RETURNING id";
                let ended = sqlx::query_scalar(query).bind(user_id);
                let ended = ended.bind(signed_in.session_id.as_str());
                let ended: Vec<String> = ended.fetch_all(conn).await?;
                Ok(ended)
            })
        });
        let ended = write.await?;
        changing.sessions.clear();
        tracing::info!(target: AUDIT, ended_sessions = ended.len(), "password changed by its user");
        for session_id in ended {
            close_sockets(&changing, &SessionId::from(session_id));
        }
        Ok(())
    })
    .await
}

/// Closes the sockets of a session that has ended.
pub fn close_sockets(app: &App, session_id: &SessionId) {
    app.hub.end_session(session_id, SIGNED_OUT);
}

fn hash(secret: &str) -> SecretHash {
    Sha256::digest(secret.as_bytes()).into()
}
