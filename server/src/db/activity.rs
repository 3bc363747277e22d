//! The activity of an account.

use dashboard_model::{Activity, ActivityKind, OrderStatus};
use sqlx::{Row, SqliteConnection};
use sync_protocol::{Page, Timestamp};

use super::{
    column_codec::{column, value, word},
    cursor::{Cursor, Window},
};
use crate::{failure::Failure, ids::UserId};

/// Writes a row of the commit with this version.
///
/// # Errors
/// When the database fails.
pub async fn insert(
    conn: &mut SqliteConnection,
    user_id: &UserId,
    activity: &Activity,
    at_ms: i64,
    version: u64,
) -> Result<(), Failure> {
    sqlx::query(
        "INSERT INTO activity (person_id, id, kind, at_ms, mutation_id, beat_id, title, order_id, order_status, \
         download_id, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(user_id.as_str())
    .bind(&activity.id)
    .bind(activity.kind.as_str())
    .bind(at_ms)
    .bind(&activity.mutation_id)
    .bind(&activity.beat_id)
    .bind(&activity.title)
    .bind(&activity.order_id)
    .bind(activity.order_status.as_ref().map(word))
    .bind(&activity.download_id)
    .bind(column(version))
    .execute(conn)
    .await?;
    Ok(())
}

/// A page of a user's activity, newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(
    conn: &mut SqliteConnection,
    user_id: &UserId,
    window: Window,
) -> Result<Page<Activity>, Failure> {
    let rows = sqlx::query(
        "SELECT * FROM activity WHERE person_id = ? AND (at_ms, version, row) < (?, ?, ?) \
         ORDER BY at_ms DESC, version DESC, row DESC LIMIT ?",
    )
    .bind(user_id.as_str())
    .bind(window.after.at_ms)
    .bind(window.after.version)
    .bind(window.after.row)
    .bind(window.fetch())
    .fetch_all(conn)
    .await?;
    let read = rows.iter().map(|row| {
        let cursor = Cursor {
            at_ms: row.try_get("at_ms")?,
            version: row.try_get("version")?,
            row: row.try_get("row")?,
        };
        let activity = Activity {
            id: row.try_get("id")?,
            kind: value::<ActivityKind>(row.try_get("kind")?),
            at: Timestamp::from_unix_ms(cursor.at_ms),
            mutation_id: row.try_get("mutation_id")?,
            beat_id: row.try_get("beat_id")?,
            title: row.try_get("title")?,
            order_id: row.try_get("order_id")?,
            order_status: row
                .try_get::<Option<String>, _>("order_status")?
                .map(value::<OrderStatus>),
            download_id: row.try_get("download_id")?,
        };
        Ok::<_, sqlx::Error>((activity, cursor))
    });
    Ok(window.page(read.collect::<Result<_, _>>()?))
}
