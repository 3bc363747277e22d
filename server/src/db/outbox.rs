//! The outbox: committed events that are not published yet.

use sqlx::SqliteConnection;

use crate::failure::Result;

/// The number of rows to publish at a time.
const BATCH_ROWS: i64 = 500;

/// An event in the outbox.
#[derive(Clone, Debug)]
pub struct OutboxEvent {
    /// The position of the event in the order of commits.
    pub id: i64,
    /// The name of the channel.
    pub channel: String,
    /// The event, as JSON.
    pub data: String,
}

/// Adds an event after all earlier ones.
///
/// # Errors
/// When the database fails.
pub async fn insert(conn: &mut SqliteConnection, channel: &str, data: &str) -> Result<()> {
    sqlx::query("INSERT INTO outbox (channel, data) VALUES (?, ?)")
        .bind(channel)
        .bind(data)
        .execute(conn)
        .await?;
    Ok(())
}

/// The oldest events after the event `id`.
///
/// # Errors
/// When the database fails.
pub async fn after(conn: &mut SqliteConnection, id: i64) -> Result<Vec<OutboxEvent>> {
    let found =
        sqlx::query_as("SELECT id, channel, data FROM outbox WHERE id > ? ORDER BY id LIMIT ?");
    let events: Vec<(i64, String, String)> =
        found.bind(id).bind(BATCH_ROWS).fetch_all(conn).await?;
    let event = |(id, channel, data)| OutboxEvent { id, channel, data };
    Ok(events.into_iter().map(event).collect())
}

/// Deletes the events up to `id`, which are published.
///
/// # Errors
/// When the database fails.
pub async fn delete(conn: &mut SqliteConnection, id: i64) -> Result<()> {
    sqlx::query("DELETE FROM outbox WHERE id <= ?")
        .bind(id)
        .execute(conn)
        .await?;
    Ok(())
}
