//! Events between their commit and their publication.

use sqlx::{Row, SqliteConnection};

use crate::failure::Failure;

/// Rows published at a time.
const BATCH_ROWS: i64 = 500;

/// An event that waits for its publication.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Its place in the order of commits.
    pub id: i64,
    /// The channel's name.
    pub channel: String,
    /// The event, as JSON.
    pub data: String,
}

/// Puts an event behind all earlier ones.
///
/// # Errors
/// When the database fails.
pub async fn insert(conn: &mut SqliteConnection, channel: &str, data: &str) -> Result<(), Failure> {
    sqlx::query("INSERT INTO outbox (channel, data) VALUES (?, ?)")
        .bind(channel)
        .bind(data)
        .execute(conn)
        .await?;
    Ok(())
}

/// The oldest events after `id`.
///
/// # Errors
/// When the database fails.
pub async fn after(conn: &mut SqliteConnection, id: i64) -> Result<Vec<Waiting>, Failure> {
    let rows = sqlx::query("SELECT id, channel, data FROM outbox WHERE id > ? ORDER BY id LIMIT ?")
        .bind(id)
        .bind(BATCH_ROWS)
        .fetch_all(conn)
        .await?;
    let read = rows.iter().map(|row| {
        Ok::<_, sqlx::Error>(Waiting {
            id: row.try_get("id")?,
            channel: row.try_get("channel")?,
            data: row.try_get("data")?,
        })
    });
    Ok(read.collect::<Result<_, _>>()?)
}

/// Forgets events up to `id`, once they are published.
///
/// # Errors
/// When the database fails.
pub async fn forget(conn: &mut SqliteConnection, id: i64) -> Result<(), Failure> {
    sqlx::query("DELETE FROM outbox WHERE id <= ?")
        .bind(id)
        .execute(conn)
        .await?;
    Ok(())
}
