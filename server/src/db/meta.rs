//! Properties of the database: the epoch of its data and the secret that signs tokens.

use sqlx::SqliteConnection;

use super::Db;
use crate::{failure::Result, random};

const EPOCH: &str = "epoch";
const TOKEN_SECRET: &str = "token_secret";

/// The epoch of the data. Creates one if there is none, or if `renew` is set.
///
/// # Errors
/// When the database fails.
pub async fn epoch(conn: &mut SqliteConnection, renew: bool) -> Result<String> {
    if renew {
        sqlx::query("DELETE FROM meta WHERE key = ?")
            .bind(EPOCH)
            .execute(&mut *conn)
            .await?;
    }
    value_or(conn, EPOCH, random::id()).await
}

/// The secret that signs realtime tokens. The first start creates it.
///
/// # Errors
/// When the database fails.
pub async fn token_secret(conn: &mut SqliteConnection) -> Result<String> {
    value_or(conn, TOKEN_SECRET, random::secret()).await
}

/// Writes a page that stays the same, to see whether the database can be written.
///
/// # Errors
/// When it cannot.
pub async fn touch(db: &Db) -> Result<()> {
    db.write(|conn| {
        Box::pin(async move {
            let update = sqlx::query("UPDATE meta SET value = value WHERE key = ?");
            update.bind(EPOCH).execute(conn).await?;
            Ok(())
        })
    })
    .await
}

async fn value_or(conn: &mut SqliteConnection, key: &str, fallback: String) -> Result<String> {
    sqlx::query("INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO NOTHING")
        .bind(key)
        .bind(fallback)
        .execute(&mut *conn)
        .await?;
    Ok(sqlx::query_scalar("SELECT value FROM meta WHERE key = ?")
        .bind(key)
        .fetch_one(conn)
        .await?)
}
