//! The outbox: committed events that are not published yet.

use sqlx::SqliteConnection;

use crate::failure::Result;

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
