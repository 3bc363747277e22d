//! The outbox: committed events that are not published yet, and some that are and wait for their deletion.

use sqlx::SqliteConnection;

use super::{Db, column_codec::column, deferred::Deferred};
use crate::failure::Result;

/// The number of events to read at a time.
pub const BATCH_ROWS: usize = 500;

/// An event in the outbox: its number, which grows with each event, its channel, and its JSON.
pub type Waiting = (i64, String, String);

const INSERT: &str = "INSERT INTO outbox (channel, data) VALUES (?, ?)";

/// Adds an event after all earlier ones, with the other deferred writes of its commit.
///
/// # Errors
/// Never: text has a form in the database.
pub fn defer(deferred: &mut Deferred, channel: String, data: &str) -> Result<()> {
    deferred.push(INSERT).bind(channel)?.bind(data)?;
    Ok(())
}

/// Adds an event after all earlier ones.
///
/// # Errors
/// When the database fails.
pub async fn insert(conn: &mut SqliteConnection, channel: &str, data: &str) -> Result<()> {
    sqlx::query(INSERT)
        .bind(channel)
        .bind(data)
        .execute(conn)
        .await?;
    Ok(())
}

/// The oldest events after the one with the id `last`.
///
/// # Errors
/// When the database fails.
pub async fn waiting(db: &Db, last: i64) -> Result<Vec<Waiting>> {
    let query = "SELECT id, channel, data FROM outbox WHERE id > ? ORDER BY id LIMIT +?";
    let waiting = sqlx::query_as(query)
        .bind(last)
        .bind(column(BATCH_ROWS as u64));
    Ok(waiting.fetch_all(db.read()).await?)
}

/// Deletes the events up to the one with the id `last`.
///
/// # Errors
/// When the database fails.
pub async fn delete(db: &Db, last: i64) -> Result<()> {
    db.write(move |conn| {
        Box::pin(async move {
            sqlx::query("DELETE FROM outbox WHERE id <= ?")
                .bind(last)
                .execute(conn)
                .await?;
            Ok(())
        })
    })
    .await
}
