//! What operators do with accounts and sessions. A running server ends the sockets of ended sessions within seconds.

use std::path::Path;

use sync_protocol::Timestamp;

use crate::{
    auth::password,
    clock::now_ms,
    db::{Db, users},
    failure::{Failure, Result},
};

/// The number of sessions that are listed, newest first.
pub const SESSIONS_LISTED_MAX: i64 = 100;

/// A change of an account.
#[derive(Clone, Debug)]
pub enum Change {
    /// Sets the password, and ends all sessions.
    Password(String),
    /// Ends all sessions. Nobody can sign in.
    Disable,
    /// The user can sign in again.
    Enable,
    /// Deletes the account with its data.
    Delete,
    /// Ends all sessions.
    EndSessions,
}

const END_SESSIONS: &str = "DELETE FROM sessions WHERE person_id = ?1";

/// Changes the account of an address.
///
/// # Errors
/// When there is no such account, or the password is invalid.
pub async fn change(database: &Path, email: &str, change: Change) -> Result<()> {
    let (statements, value): (&[&'static str], _) = match change {
        Change::Password(password) => {
            password::check_new(&password).map_err(Failure::broken)?;
            let hash = password::hash(password).await?;
            let set = "UPDATE people SET password_hash = ?2 WHERE id = ?1";
            (&[set, END_SESSIONS], hash)
        }
        Change::Disable => {
            let set = "UPDATE people SET disabled = 1 WHERE id = ?1";
            (&[set, END_SESSIONS], String::new())
        }
        Change::Enable => (
            &["UPDATE people SET disabled = 0 WHERE id = ?1"],
            String::new(),
        ),
        Change::Delete => (&["DELETE FROM people WHERE id = ?1"], String::new()),
        Change::EndSessions => (&[END_SESSIONS], String::new()),
    };
    let db = open(database).await?;
    let mut tx = db.begin_write().await?;
    let found = users::by_email(&mut *tx, email).await?;
    let (account, _) = found.ok_or_else(|| Failure::broken("no account has this email"))?;
    for statement in statements {
        let query = sqlx::query(*statement).bind(account.id.as_str());
        query.bind(&value).execute(&mut *tx).await?;
    }
    tx.commit().await?;
    db.close().await;
    Ok(())
}

/// All accounts, a line for each: address, name, state, when it was added, and the number of its sessions.
///
/// # Errors
/// When the database cannot be read.
pub async fn users(database: &Path) -> Result<Vec<String>> {
    let db = open(database).await?;
    let query = "SELECT email, name, CASE WHEN disabled THEN 'disabled' ELSE 'enabled' END, created_ms, \
        (SELECT count(*) FROM sessions WHERE person_id = people.id AND expires_ms > ?) \
        FROM people ORDER BY email";
    let users = sqlx::query_as(query).bind(now_ms());
    let users: Vec<(String, String, String, i64, i64)> = users.fetch_all(db.read()).await?;
    db.close().await;
    let line = |(email, name, state, created_ms, sessions)| {
        let Timestamp(created) = Timestamp::from_unix_ms(created_ms);
        format!("{email}\t{name}\t{state}\t{created}\t{sessions}")
    };
    Ok(users.into_iter().map(line).collect())
}

/// The newest sessions, of an address or of all, a line for each: id, address, when it began and when it expires.
///
/// # Errors
/// When the database cannot be read.
pub async fn sessions(database: &Path, email: Option<&str>) -> Result<Vec<String>> {
    let db = open(database).await?;
    let query = "SELECT sessions.id, email, sessions.created_ms, expires_ms \
        FROM sessions JOIN people ON people.id = person_id \
        WHERE expires_ms > ?1 AND (?2 IS NULL OR email = ?2) ORDER BY sessions.created_ms DESC LIMIT ?3";
    let sessions = sqlx::query_as(query)
        .bind(now_ms())
        .bind(email.map(str::to_lowercase))
        .bind(SESSIONS_LISTED_MAX);
    let sessions: Vec<(String, String, i64, i64)> = sessions.fetch_all(db.read()).await?;
    db.close().await;
    let line = |(id, email, created_ms, expires_ms)| {
        let times = [created_ms, expires_ms].map(|at_ms| Timestamp::from_unix_ms(at_ms).0);
        format!("{id}\t{email}\t{}", times.join("\t"))
    };
    Ok(sessions.into_iter().map(line).collect())
}

/// Ends the session with an id.
///
/// # Errors
/// When there is no such session.
pub async fn end_session(database: &Path, id: &str) -> Result<()> {
    let db = open(database).await?;
    let mut tx = db.begin_write().await?;
    let ended = sqlx::query("DELETE FROM sessions WHERE id = ?").bind(id);
    if ended.execute(&mut *tx).await?.rows_affected() == 0 {
        return Err(Failure::broken("no session has this id"));
    }
    tx.commit().await?;
    db.close().await;
    Ok(())
}

/// Opens a database that exists, so that a mistyped name creates none.
async fn open(database: &Path) -> Result<Db> {
    if tokio::fs::try_exists(database).await? {
        return Db::open(database).await;
    }
    Err(Failure::Broken(
        format!("there is no database {}", database.display()).into(),
    ))
}
