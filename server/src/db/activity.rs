//! The activity of an account.

use dashboard_model::Activity;
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};
use sync_protocol::Timestamp;

use super::{
    column_codec::{column, value, word},
    commit_builder::CommitBuilder,
    cursor::ListRow,
};
use crate::failure::Result;

/// Writes a row. It replaces one with its id: a mutation id may be used again after its outcome was deleted.
///
/// # Errors
/// When the database fails.
pub async fn insert(
    builder: &mut CommitBuilder<'_>,
    activity: &Activity,
    at_ms: i64,
) -> Result<()> {
    builder
        .deferred
        .push(
            "INSERT OR REPLACE INTO activity (person_id, id, kind, at_ms, mutation_id, beat_id, title, order_id, \
             order_status, download_id, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(builder.user_id.as_str())?
        .bind(activity.id.as_str())?
        .bind(activity.kind.as_str())?
        .bind(at_ms)?
        .bind(activity.mutation_id.as_deref())?
        .bind(activity.beat_id.as_deref())?
        .bind(activity.title.as_deref())?
        .bind(activity.order_id.as_deref())?
        .bind(activity.order_status.as_ref().map(word))?
        .bind(activity.download_id.as_deref())?
        .bind(column(builder.version))?;
    builder.deferred.run_if_full(builder.conn).await
}

impl ListRow for Activity {
    const PAGE: &'static str = "SELECT at_ms, version, row, * FROM activity \
        WHERE person_id = ? AND (at_ms, version, row) < (?, ?, ?) \
        ORDER BY at_ms DESC, version DESC, row DESC LIMIT +?";

    async fn read(_: &mut SqliteConnection, row: &SqliteRow) -> Result<Self> {
        Ok(Self {
            id: row.try_get("id")?,
            kind: value(row.try_get("kind")?),
            at: Timestamp::from_unix_ms(row.try_get("at_ms")?),
            mutation_id: row.try_get("mutation_id")?,
            beat_id: row.try_get("beat_id")?,
            title: row.try_get("title")?,
            order_id: row.try_get("order_id")?,
            order_status: row.try_get::<Option<_>, _>("order_status")?.map(value),
            download_id: row.try_get("download_id")?,
        })
    }
}
